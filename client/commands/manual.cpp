#include "client/commands/make.h"
#include "client/commands/verbs.h"
#include "client/help.h"
#include "client/version.h"
#include "fmt/format.h"

// The manual page, from the same declarations as the help.
namespace parc::client {
namespace {

// Text as roff prints it: no word of it is a request.
std::string Roff(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  if (!escaped.empty() && (escaped.front() == '.' || escaped.front() == '\'')) {
    escaped.insert(0, "\\&");
  }
  return escaped;
}

class Manual final : public Command {
 public:
  void Declare(Options&) override {}

  absl::Status Run(Session& session) override {
    const auto say = [&](Text text) { return std::string(session.Say(text)); };
    std::string page = fmt::format(
        ".TH PARC 1 \"\" \"parc {}\"\n.SH {}\nparc \\- {}\n.SH {}\n.B parc\nVERB "
        "[ARGUMENTS] [OPTIONS]\n.SH {}\n",
        kVersion, say({"NAME", "NOM"}),
        Roff(say({"which laptops there are, who has them, and whether they are ready",
                  "quels portables, chez qui, et sont-ils aptes"})),
        say({"SYNOPSIS", "SYNOPSIS"}), say({"VERBS", "VERBES"}));
    for (const Verb& verb : AllVerbs()) page += Describe(verb, session.language());
    page += Codes(session);
    session.terminal().Write(page);
    return absl::OkStatus();
  }

 private:
  static std::string Describe(const Verb& verb, Language language) {
    const std::unique_ptr<Command> command = verb.make();
    Options options(nullptr);
    command->Declare(options);
    std::string text =
        fmt::format(".SS {}\n{}.\n", Roff(Usage(verb, options)), Roff(verb.summary.In(language)));
    for (const Options::Entry& entry : options.entries()) {
      text +=
          fmt::format(".TP\n.B {}{}{}\n{}.\n", Roff(entry.flags), entry.value.empty() ? "" : " ",
                      Roff(entry.value), Roff(entry.help.In(language)));
    }
    for (const Options::Example& example : options.examples()) {
      text += fmt::format(".PP\n.nf\n{}\n.fi\n{}.\n", Roff(example.command),
                          Roff(example.help.In(language)));
    }
    return text;
  }

  static std::string Codes(const Session& session) {
    struct Code {
      int code;
      Text text;
    };
    static constexpr Code kCodes[] = {
        {0, {"done", "fait"}},
        {1, {"failure", "échec"}},
        {2,
         {"wrong usage, or a request that the server finds wrong",
          "mauvais usage, ou demande que le serveur trouve fausse"}},
        {3, {"not found", "introuvable"}},
        {4, {"conflict with what is recorded", "conflit avec ce qui est enregistré"}},
        {5,
         {"access denied, or a token file that others may read",
          "accès refusé, ou fichier de jeton lisible par d'autres"}},
        {6, {"the server is unavailable", "serveur indisponible"}},
        {7, {"partial success", "succès partiel"}},
        {10,
         {"an expectation (\\-\\-expect …) does not hold",
          "une attente (\\-\\-expect …) n'est pas remplie"}},
    };
    std::string text = fmt::format(".SH {}\n", session.Say({"EXIT CODES", "CODES DE RETOUR"}));
    for (const Code& code : kCodes) {
      text += fmt::format(".TP\n.B {}\n{}.\n", code.code, session.Say(code.text));
    }
    return text +
           fmt::format(
               ".SH {}\n.TP\n.I $XDG_CONFIG_HOME/parc/cli.toml\n{}.\n.TP\n"
               ".I $XDG_CONFIG_HOME/parc/token\n{}.\n.SH {}\n.TP\n"
               ".B PARC_SERVER, PARC_CA, PARC_TOKEN_FILE\n{}.\n.TP\n.B NO_COLOR\n{}.\n",
               session.Say({"FILES", "FICHIERS"}),
               session.Say({"The server and its root certificate, written by parc login",
                            "Le serveur et son certificat racine, écrits par parc login"}),
               session.Say({"Your token; nobody else may read it",
                            "Votre jeton ; personne d'autre ne doit pouvoir le lire"}),
               session.Say({"ENVIRONMENT", "ENVIRONNEMENT"}),
               session.Say({"Go before what login wrote", "Priment sur ce que login a écrit"}),
               session.Say({"No colours", "Sans couleurs"}));
  }
};

}  // namespace

std::unique_ptr<Command> MakeManual() { return std::make_unique<Manual>(); }

}  // namespace parc::client
