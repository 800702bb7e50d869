#include "client/help.h"

#include <algorithm>

#include "client/render/style.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::client {
namespace {

using render::Style;

struct Heading {
  Topic topic;
  Text text;
};

constexpr int kVerbWidth = 14;  // of the overview: its lists stand under each other

constexpr Heading kHeadings[] = {
    {Topic::kFleet, {"Look at the fleet", "Voir le parc"}},
    {Topic::kReadiness, {"Readiness to work from home", "Aptitude au télétravail"}},
    {Topic::kLife, {"A laptop's life", "La vie d'un portable"}},
    {Topic::kProcurement, {"Orders", "Commandes"}},
    {Topic::kFiles, {"Files", "Fichiers"}},
    {Topic::kAccess, {"Access", "Accès"}},
    {Topic::kTool, {"This tool", "Cet outil"}},
};

// Pairs in two columns, the right one wrapped.
std::string TwoColumns(const std::vector<std::pair<std::string, std::string>>& rows,
                       const HelpStyle& style, int left = 0) {
  for (const auto& row : rows) left = std::max(left, std::min(render::WidthOf(row.first), 28));
  std::string text;
  const std::string indent(static_cast<std::size_t>(left + 4), ' ');
  for (const auto& [name, words] : rows) {
    const std::string wrapped = render::Wrap(words, std::min(style.width, 100), indent);
    if (render::WidthOf(name) > left) {
      text += fmt::format("  {}\n{}\n", name, wrapped);
    } else {
      text += fmt::format("  {}{}\n", render::PadRight(name, left + 2),
                          std::string_view(wrapped).substr(indent.size()));
    }
  }
  return text;
}

std::string Title(Text text, const HelpStyle& style) {
  return "\n" + render::Styled(text.In(style.language), Style::kBold, style.colour) + "\n";
}

std::string Left(const Options::Entry& entry) {
  std::string flags = entry.flags;
  if (entry.positional) return entry.many ? flags + "…" : flags;
  const std::size_t comma = flags.find(',');
  if (comma != std::string::npos) flags.insert(comma + 1, " ");
  return entry.value.empty() ? flags : flags + " " + entry.value;
}

std::string Words(const Options::Entry& entry, Language language) {
  std::string words(entry.help.In(language));
  if (!entry.positional && entry.required) {
    words += Text{" (required)", " (obligatoire)"}.In(language);
  }
  return words;
}

}  // namespace

std::string OverviewHelp(const std::vector<Verb>& verbs, const HelpStyle& style) {
  const auto say = [&](Text text) { return text.In(style.language); };
  std::string text = fmt::format(
      "{}\n\n{}\n",
      say({"parc: which laptops there are, who has them, and whether they are ready.",
           "parc : quels portables, chez qui, et sont-ils aptes."}),
      say({"Usage: parc VERB [ARGUMENTS] [OPTIONS]", "Usage : parc VERBE [ARGUMENTS] [OPTIONS]"}));
  for (const auto& heading : kHeadings) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const Verb& verb : verbs) {
      if (verb.topic != heading.topic) continue;
      rows.emplace_back(verb.path, verb.summary.In(style.language));
    }
    if (rows.empty()) continue;
    text += Title(heading.text, style) + TwoColumns(rows, style, kVerbWidth);
  }
  text +=
      Title({"Everywhere", "Partout"}, style) +
      TwoColumns(
          {{"-h, --help", std::string(say({"What a verb takes", "Ce que prend un verbe"}))},
           {"--lang en|fr",
            std::string(say({"Language of words and numbers", "Langue des mots et des nombres"}))},
           {"--no-color",
            std::string(say({"No colours (as NO_COLOR does)", "Sans couleurs (comme NO_COLOR)"}))},
           {"--version", std::string(say({"Version of parc", "Version de parc"}))}},
          style);
  return text;
}

std::string Usage(const Verb& verb, const Options& options) {
  std::string usage = fmt::format("parc {}", verb.path);
  bool has_options = false;
  for (const Options::Entry& entry : options.entries()) {
    if (!entry.positional) {
      if (entry.required) usage += fmt::format(" {}", Left(entry));
      has_options = has_options || !entry.required;
      continue;
    }
    usage += entry.required ? " " + Left(entry) : " [" + Left(entry) + "]";
  }
  return has_options ? usage + " [OPTIONS]" : usage;
}

std::string VerbHelp(const Verb& verb, const Options& options, const HelpStyle& style) {
  std::string text =
      fmt::format("{}\n\n{} {}\n", verb.summary.In(style.language),
                  Text{"Usage:", "Usage :"}.In(style.language), Usage(verb, options));
  std::vector<std::pair<std::string, std::string>> arguments, flags;
  for (const Options::Entry& entry : options.entries()) {
    (entry.positional ? arguments : flags).emplace_back(Left(entry), Words(entry, style.language));
  }
  if (!arguments.empty()) {
    text += Title({"Arguments", "Arguments"}, style) + TwoColumns(arguments, style);
  }
  if (!flags.empty()) text += Title({"Options", "Options"}, style) + TwoColumns(flags, style);
  if (!options.examples().empty()) {
    text += Title({"Examples", "Exemples"}, style);
    for (const Options::Example& example : options.examples()) {
      text += fmt::format("  {}\n      {}\n", example.command, example.help.In(style.language));
    }
  }
  return text;
}

}  // namespace parc::client
