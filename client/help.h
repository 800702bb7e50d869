#pragma once

#include <string>
#include <vector>

#include "client/command.h"
#include "client/render/language.h"

namespace parc::client {

struct HelpStyle {
  Language language = Language::kEnglish;
  int width = 80;
  bool colour = false;
};

// All verbs by topic.
std::string OverviewHelp(const std::vector<Verb>& verbs, const HelpStyle& style);

// One verb with all it takes.
std::string VerbHelp(const Verb& verb, const Options& options, const HelpStyle& style);

// "parc assign LAPTOP PERSON [OPTIONS]".
std::string Usage(const Verb& verb, const Options& options);

}  // namespace parc::client
