#include "client/app/run.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "CLI/CLI.hpp"
#include "client/commands/verbs.h"
#include "client/explain.h"
#include "client/help.h"
#include "client/lib/errors.h"
#include "client/render/style.h"
#include "client/suggest.h"
#include "client/version.h"
#include "fmt/format.h"

namespace parc::client {
namespace {

using Arguments = std::vector<std::string>;

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Language LanguageOfLocale() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const std::string value = FromEnvironment(name);
    if (value.empty()) continue;
    return value.rfind("fr", 0) == 0 ? Language::kFrench : Language::kEnglish;
  }
  return Language::kEnglish;
}

// What may stand anywhere before `--`.
struct Everywhere {
  Language language = LanguageOfLocale();
  bool colour = FromEnvironment("NO_COLOR").empty();
  bool help = false;
  bool version = false;
  std::optional<std::string> bad_language;
};

void TakeLanguage(const std::string& value, Everywhere& everywhere) {
  if (value == "fr") {
    everywhere.language = Language::kFrench;
  } else if (value == "en") {
    everywhere.language = Language::kEnglish;
  } else {
    everywhere.bad_language = value;
  }
}

// Takes the options of every verb out of `arguments`.
Everywhere TakeEverywhere(Arguments& arguments) {
  Everywhere everywhere;
  Arguments rest;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") {
      rest.insert(rest.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
      break;
    }
    if (argument == "-h" || argument == "--help") {
      everywhere.help = true;
    } else if (argument == "--version") {
      everywhere.version = true;
    } else if (argument == "--no-color" || argument == "--no-colour") {
      everywhere.colour = false;
    } else if (argument.rfind("--lang=", 0) == 0) {
      TakeLanguage(argument.substr(7), everywhere);
    } else if (argument == "--lang") {
      TakeLanguage(i + 1 < arguments.size() ? arguments[++i] : "", everywhere);
    } else {
      rest.push_back(argument);
    }
  }
  arguments = std::move(rest);
  return everywhere;
}

// The verb that the first words name, the longest path first; takes the words away.
const Verb* TakeVerb(Arguments& arguments) {
  for (const std::size_t words : {std::size_t{2}, std::size_t{1}}) {
    if (arguments.size() < words) continue;
    const std::string path = words == 2 ? arguments[0] + " " + arguments[1] : arguments[0];
    for (const Verb& verb : AllVerbs()) {
      if (verb.path != path) continue;
      arguments.erase(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(words));
      return &verb;
    }
  }
  return nullptr;
}

class Program {
 public:
  Program(Everywhere everywhere, Sources sources)
      : everywhere_(std::move(everywhere)),
        terminal_({.colour = everywhere_.colour,
                   .columns = std::atoi(FromEnvironment("COLUMNS").c_str())}),
        session_(terminal_, everywhere_.language, std::move(sources)) {}

  Exit Main(Arguments arguments) {
    if (everywhere_.bad_language.has_value()) {
      return Misused(fmt::format("{}: {}", *everywhere_.bad_language,
                                 session_.Say({"--lang takes en or fr", "--lang prend en ou fr"})));
    }
    if (everywhere_.version) {
      terminal_.Write(fmt::format("parc {}\n", kVersion));
      return Exit::kOk;
    }
    if (!arguments.empty() && arguments.front() == "help") {
      arguments.erase(arguments.begin());
      everywhere_.help = true;
    }
    if (arguments.empty()) {
      if (everywhere_.help) terminal_.Write(OverviewHelp(AllVerbs(), Style()));
      if (!everywhere_.help) terminal_.Tell(OverviewHelp(AllVerbs(), Style()));
      return everywhere_.help ? Exit::kOk : Exit::kUsage;
    }
    const Verb* const verb = TakeVerb(arguments);
    if (verb == nullptr) return UnknownVerb(arguments);
    return RunVerb(*verb, std::move(arguments));
  }

  // Also when the output could not be written: a half-written file must not pass for a whole one.
  Exit Flushed(Exit exit) {
    terminal_.Flush();
    if (terminal_.intact() || exit != Exit::kOk) return exit;
    return Fail({std::string(session_.Say({"the output could not be written (is the disk full?)",
                                           "la sortie n'a pas pu être écrite (disque plein ?)"}))},
                Exit::kFailure);
  }

 private:
  HelpStyle Style() const {
    const int width = terminal_.width();
    return {.language = everywhere_.language,
            .width = width > 0 ? width : 80,
            .colour = terminal_.colour()};
  }

  Exit Fail(const std::vector<std::string>& lines, Exit exit) {
    const std::string name = render::Styled(
        everywhere_.language == Language::kFrench ? "parc :" : "parc:", render::Style::kBad,
        terminal_.err_colour());
    for (const std::string& line : lines) {
      terminal_.Tell(&line == &lines.front() ? name + " " + line : "  " + line);
    }
    return exit;
  }

  Exit Misused(const std::string& what, std::string_view verb = {}) {
    const std::string help = verb.empty() ? "parc --help" : fmt::format("parc {} --help", verb);
    return Fail({what, fmt::format("{} {}", session_.Say({"see", "voir"}), help)}, Exit::kUsage);
  }

  Exit UnknownVerb(const Arguments& arguments) {
    const std::string& word = arguments.front();
    std::vector<std::string> verbs, below;
    for (const Verb& verb : AllVerbs()) {
      const std::string path(verb.path);
      verbs.push_back(path.substr(0, path.find(' ')));
      if (path.rfind(word + " ", 0) == 0) below.push_back(path.substr(word.size() + 1));
    }
    if (!below.empty()) return UnknownSubverb(arguments, below);
    std::string what =
        fmt::format("{} \"{}\"", session_.Say({"unknown verb", "verbe inconnu"}), word);
    const std::string nearest = Nearest(word, verbs);
    if (!nearest.empty()) {
      what += fmt::format("{} parc {}", session_.Say({"; did you mean:", " ; vouliez-vous dire :"}),
                          nearest);
    }
    return Misused(what);
  }

  Exit UnknownSubverb(const Arguments& arguments, const std::vector<std::string>& below) {
    const std::string& word = arguments.front();
    std::vector<std::pair<std::string, std::string>> rows;
    std::string known;
    for (const std::string& path : below) known += (known.empty() ? "" : ", ") + path;
    if (everywhere_.help || arguments.size() < 2) {
      std::string what = fmt::format("parc {} {} {}", word,
                                     session_.Say({"needs one of:", "attend l'un de :"}), known);
      if (!everywhere_.help) return Misused(what);
      terminal_.Write(what + "\n");
      return Exit::kOk;
    }
    std::string what = fmt::format("parc {}: {} \"{}\"", word,
                                   session_.Say({"unknown word", "mot inconnu"}), arguments[1]);
    const std::string nearest = Nearest(arguments[1], below);
    what += nearest.empty()
                ? fmt::format("; {} {}", session_.Say({"known:", "connus :"}), known)
                : fmt::format("{} parc {} {}",
                              session_.Say({"; did you mean:", " ; vouliez-vous dire :"}), word,
                              nearest);
    return Misused(what);
  }

  Exit RunVerb(const Verb& verb, Arguments arguments) {
    CLI::App parser;
    parser.set_help_flag();
    const std::unique_ptr<Command> command = verb.make();
    Options options(&parser);
    command->Declare(options);
    if (everywhere_.help) {
      terminal_.Write(VerbHelp(verb, options, Style()));
      return Exit::kOk;
    }
    try {
      std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
      parser.parse(arguments);
    } catch (const CLI::ExtrasError&) {
      return Misused(Unexpected(parser.remaining(), options), verb.path);
    } catch (const CLI::RequiredError& error) {
      const std::string usage =
          fmt::format("{} {}", session_.Say({"usage:", "usage :"}), Usage(verb, options));
      std::string what = error.what();
      const std::size_t required = what.find(" is required");
      if (required != std::string::npos) {
        what = what.substr(0, required) + std::string(session_.Say({" is missing", " manque"}));
      }
      return Fail(
          {what, usage, fmt::format("{} parc {} --help", session_.Say({"see", "voir"}), verb.path)},
          Exit::kUsage);
    } catch (const CLI::ParseError& error) {
      return Misused(error.what(), verb.path);
    }
    if (const std::string mistake = options.Mistake(everywhere_.language); !mistake.empty()) {
      return Misused(mistake, verb.path);
    }
    const absl::Status status = command->Run(session_);
    terminal_.Progress("");
    if (status.ok()) return session_.exit();
    terminal_.Flush();
    return Fail(Explain(status, {.language = everywhere_.language,
                                 .filter = session_.filter(),
                                 .server = session_.server(),
                                 .token_file = session_.token_file()}),
                ExitFor(status));
  }

  std::string Unexpected(const std::vector<std::string>& extras, const Options& options) {
    const std::string word = extras.empty() ? "" : extras.front();
    if (word.rfind("-", 0) != 0) {
      return fmt::format("{} \"{}\"", session_.Say({"unexpected argument", "argument inattendu"}),
                         word);
    }
    std::vector<std::string> flags;
    for (const Options::Entry& entry : options.entries()) {
      if (!entry.positional) flags.push_back(entry.flags.substr(entry.flags.find("--")));
    }
    const std::string nearest = Nearest(word.substr(0, word.find('=')), flags);
    std::string what =
        fmt::format("{} {}", session_.Say({"unknown option", "option inconnue"}), word);
    if (!nearest.empty()) {
      what +=
          fmt::format("{} {}", session_.Say({"; did you mean", " ; vouliez-vous dire"}), nearest);
    } else if (word.rfind("--", 0) != 0) {
      what += session_.Say({"; a filter that starts with - goes after --",
                            " ; un filtre qui commence par - se met après --"});
    }
    return what;
  }

  Everywhere everywhere_;
  Terminal terminal_;
  Session session_;
};

}  // namespace

int Run(Arguments arguments, Sources sources) {
  Everywhere everywhere = TakeEverywhere(arguments);
  Program program(std::move(everywhere), std::move(sources));
  return static_cast<int>(program.Flushed(program.Main(std::move(arguments))));
}

}  // namespace parc::client
