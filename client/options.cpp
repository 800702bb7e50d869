#include "client/options.h"

#include <algorithm>

#include "CLI/CLI.hpp"
#include "fmt/format.h"

namespace parc::client {
namespace {

// "table, json or csv".
std::string Listed(const std::vector<std::string>& choices, Language language) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) {
      text += i + 1 < choices.size() ? ", " : std::string(Text{" or ", " ou "}.In(language));
    }
    text += choices[i];
  }
  return text;
}

}  // namespace

void Options::Positional(std::string_view name, std::string& target, Text help, bool required) {
  entries_.push_back({.flags = std::string(name),
                      .value = "",
                      .choices = {},
                      .help = help,
                      .positional = true,
                      .required = required});
  if (app_ != nullptr) app_->add_option(std::string(name), target)->required(required);
}

void Options::PositionalChoice(std::string_view name, std::string& target,
                               std::vector<std::string> choices, Text help, bool required) {
  Positional(name, target, help, required);
  entries_.back().choices = choices;
  if (app_ != nullptr) CheckChoice(app_->get_option(std::string(name)), target, choices);
}

void Options::Positionals(std::string_view name, std::vector<std::string>& target, Text help,
                          bool required) {
  entries_.push_back({.flags = std::string(name),
                      .value = "",
                      .choices = {},
                      .help = help,
                      .positional = true,
                      .required = required,
                      .many = true});
  if (app_ != nullptr) app_->add_option(std::string(name), target)->required(required);
}

void Options::Value(std::string_view flags, std::string_view value, std::string& target, Text help,
                    bool required) {
  entries_.push_back({.flags = std::string(flags),
                      .value = std::string(value),
                      .choices = {},
                      .help = help,
                      .required = required});
  if (app_ != nullptr) app_->add_option(std::string(flags), target)->required(required);
}

void Options::Value(std::string_view flags, std::string_view value,
                    std::optional<std::string>& target, Text help) {
  entries_.push_back(
      {.flags = std::string(flags), .value = std::string(value), .choices = {}, .help = help});
  if (app_ == nullptr) return;
  app_->add_option_function<std::string>(std::string(flags),
                                         [&target](const std::string& given) { target = given; });
}

void Options::Values(std::string_view flags, std::string_view value,
                     std::vector<std::string>& target, Text help) {
  entries_.push_back({.flags = std::string(flags),
                      .value = std::string(value),
                      .choices = {},
                      .help = help,
                      .many = true});
  // One value each time: `--tag a --tag b LAPTOP` must not swallow LAPTOP.
  if (app_ != nullptr) app_->add_option(std::string(flags), target)->allow_extra_args(false);
}

void Options::Number(std::string_view flags, std::string_view value, int& target, Text help,
                     bool required) {
  entries_.push_back({.flags = std::string(flags),
                      .value = std::string(value),
                      .choices = {},
                      .help = help,
                      .required = required});
  if (app_ != nullptr) app_->add_option(std::string(flags), target)->required(required);
}

void Options::Choice(std::string_view flags, std::string_view value, std::string& target,
                     std::vector<std::string> choices, Text help) {
  if (app_ != nullptr) {
    CheckChoice(app_->add_option(std::string(flags), target), target, choices);
  }
  entries_.push_back({.flags = std::string(flags),
                      .value = std::string(value),
                      .choices = std::move(choices),
                      .help = help});
}

void Options::Flag(std::string_view flags, bool& target, Text help) {
  entries_.push_back({.flags = std::string(flags), .value = "", .choices = {}, .help = help});
  if (app_ != nullptr) app_->add_flag(std::string(flags), target);
}

void Options::AddExample(std::string_view command, Text help) {
  examples_.push_back({std::string(command), help});
}

void Options::Check(std::function<std::string(Language)> mistake) {
  if (app_ != nullptr) checks_.push_back(std::move(mistake));
}

std::string Options::Mistake(Language language) const {
  for (const auto& check : checks_) {
    std::string what = check(language);
    if (!what.empty()) return what;
  }
  return "";
}

void Options::CheckChoice(const CLI::Option* option, const std::string& target,
                          std::vector<std::string> choices) {
  Check([option, &target, choices = std::move(choices)](Language language) {
    const bool known = std::find(choices.begin(), choices.end(), target) != choices.end();
    if (option->count() == 0 || known) return std::string();
    return fmt::format(
        fmt::runtime(Text{"{} is {}, not \"{}\"", "{} est {}, pas « {} »"}.In(language)),
        option->get_name(), Listed(choices, language), target);
  });
}

}  // namespace parc::client
