#include <set>

#include "client/commands/make.h"
#include "client/commands/verbs.h"
#include "client/help.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

// Completions are written from the same declarations as the help: they know every verb and option.
namespace parc::client {
namespace {

// A verb with its long options.
struct Completed {
  std::string path;
  std::string summary;
  std::vector<Options::Entry> entries;
};

std::vector<Completed> Everything(Language language) {
  std::vector<Completed> all;
  for (const Verb& verb : AllVerbs()) {
    const std::unique_ptr<Command> command = verb.make();
    Options options(nullptr);
    command->Declare(options);
    all.push_back(
        {std::string(verb.path), std::string(verb.summary.In(language)), options.entries()});
  }
  return all;
}

std::string LongName(const Options::Entry& entry) {
  return entry.flags.substr(entry.flags.find("--"));
}

std::string FirstWord(const std::string& path) { return path.substr(0, path.find(' ')); }

std::string SecondWord(const std::string& path) {
  const std::size_t blank = path.find(' ');
  return blank == std::string::npos ? "" : path.substr(blank + 1);
}

std::set<std::string> FirstWords(const std::vector<Completed>& all) {
  std::set<std::string> words;
  for (const Completed& verb : all) words.insert(FirstWord(verb.path));
  return words;
}

// What may follow a verb: its options, and the words that an argument may be.
std::set<std::string> WordsAfter(const std::vector<Completed>& all, const std::string& path) {
  std::set<std::string> words = {"--help", "--lang", "--no-color"};
  for (const Completed& verb : all) {
    if (verb.path != path) {
      if (FirstWord(verb.path) == path) words.insert(SecondWord(verb.path));
      continue;
    }
    for (const Options::Entry& entry : verb.entries) {
      if (!entry.positional) words.insert(LongName(entry));
      if (entry.positional) words.insert(entry.choices.begin(), entry.choices.end());
    }
  }
  return words;
}

std::set<std::string> Paths(const std::vector<Completed>& all) {
  std::set<std::string> paths = FirstWords(all);
  for (const Completed& verb : all) paths.insert(verb.path);
  return paths;
}

std::string Bash(const std::vector<Completed>& all) {
  std::string script =
      "# bash completion for parc; from `parc completion bash`\n"
      "_parc() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} words=\"\"\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n";
  script += fmt::format("    words=\"{} help\"\n", fmt::join(FirstWords(all), " "));
  script +=
      "  else\n"
      "    case \"${COMP_WORDS[COMP_CWORD-1]}\" in\n"
      "      -o|--output) words=\"table json csv\" ;;\n"
      "      --lang) words=\"en fr\" ;;\n"
      "      --csv-dialect) words=\"plain fr-excel\" ;;\n"
      "    esac\n"
      "    [ -n \"$words\" ] || case \"${COMP_WORDS[1]} ${COMP_WORDS[2]} \" in\n";
  const std::set<std::string> paths = Paths(all);
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {  // "laptop show" before "laptop"
    script += fmt::format("      \"{} \"*) words=\"{}\" ;;\n", *path,
                          fmt::join(WordsAfter(all, *path), " "));
  }
  return script +
         "    esac\n"
         "  fi\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
         "  [ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
         "}\n"
         "complete -F _parc parc\n";
}

std::string Zsh(const std::vector<Completed>& all) {
  std::string script =
      "#compdef parc\n"
      "# zsh completion for parc; from `parc completion zsh`\n"
      "_parc() {\n"
      "  if (( CURRENT == 2 )); then\n";
  script += fmt::format("    compadd -- {} help\n", fmt::join(FirstWords(all), " "));
  script +=
      "    return\n"
      "  fi\n"
      "  case \"$words[2] $words[3] \" in\n";
  const std::set<std::string> paths = Paths(all);
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    script += fmt::format("    '{} '*) compadd -- {} ;;\n", *path,
                          fmt::join(WordsAfter(all, *path), " "));
  }
  return script +
         "  esac\n"
         "  _files\n"
         "}\n"
         "compdef _parc parc\n";
}

// A text between single quotes of fish.
std::string FishQuoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string Fish(const std::vector<Completed>& all, Language language) {
  std::string script = "# fish completion for parc; from `parc completion fish`\n";
  for (const Completed& verb : all) {
    const std::string first = FirstWord(verb.path), second = SecondWord(verb.path);
    const std::string condition = second.empty()
                                      ? "__fish_use_subcommand"
                                      : fmt::format("__fish_seen_subcommand_from {}", first);
    if (!second.empty()) {
      script += fmt::format("complete -c parc -n __fish_use_subcommand -a {}\n", first);
    }
    script += fmt::format("complete -c parc -n '{}' -a {} -d {}\n", condition,
                          second.empty() ? first : second, FishQuoted(verb.summary));
    const std::string seen = second.empty() ? fmt::format("__fish_seen_subcommand_from {}", first)
                                            : fmt::format(
                                                  "__fish_seen_subcommand_from {}; and "
                                                  "__fish_seen_subcommand_from {}",
                                                  first, second);
    for (const Options::Entry& entry : verb.entries) {
      if (entry.positional) continue;
      script += fmt::format("complete -c parc -n '{}' -l {} {}-d {}\n", seen,
                            LongName(entry).substr(2), entry.value.empty() ? "" : "-r ",
                            FishQuoted(std::string(entry.help.In(language))));
    }
  }
  return script;
}

class Completion final : public Command {
 public:
  void Declare(Options& options) override {
    options.PositionalChoice("SHELL", shell_, {"bash", "zsh", "fish"},
                             {"bash, zsh or fish", "bash, zsh ou fish"});
    options.AddExample("parc completion bash > ~/.local/share/bash-completion/completions/parc",
                       {"For yourself, from the next shell on", "Pour soi, dès le prochain shell"});
  }

  absl::Status Run(Session& session) override {
    const std::vector<Completed> all = Everything(session.language());
    Terminal& terminal = session.terminal();
    if (shell_ == "bash") terminal.Write(Bash(all));
    if (shell_ == "zsh") terminal.Write(Zsh(all));
    if (shell_ == "fish") terminal.Write(Fish(all, session.language()));
    return absl::OkStatus();
  }

 private:
  std::string shell_;
};

}  // namespace

std::unique_ptr<Command> MakeCompletion() { return std::make_unique<Completion>(); }

}  // namespace parc::client
