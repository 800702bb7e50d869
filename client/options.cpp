#include "client/options.h"

#include "CLI/CLI.hpp"

namespace parc::client {

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
  if (app_ != nullptr) app_->get_option(std::string(name))->check(CLI::IsMember(choices));
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
    app_->add_option(std::string(flags), target)->check(CLI::IsMember(choices));
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

}  // namespace parc::client
