#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/render/language.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace parc::client {

// What a command takes: declared once, read by the parser, the help, the completions and the manual
// page.
class Options {
 public:
  struct Entry {
    std::string flags;  // "-o,--output"; for a positional its name, "LAPTOP"
    std::string value;  // name of the value; empty for a flag
    std::vector<std::string> choices;
    Text help;
    bool positional = false;
    bool required = false;
    bool many = false;
  };
  struct Example {
    std::string command;
    Text help;
  };

  // Declares into `app` when there is one; only describes otherwise.
  explicit Options(CLI::App* app) : app_(app) {}

  void Positional(std::string_view name, std::string& target, Text help, bool required = true);
  void PositionalChoice(std::string_view name, std::string& target,
                        std::vector<std::string> choices, Text help, bool required = true);
  void Positionals(std::string_view name, std::vector<std::string>& target, Text help,
                   bool required = false);
  void Value(std::string_view flags, std::string_view value, std::string& target, Text help,
             bool required = false);
  // Stays empty when it is not given; `--site ""` gives an empty text.
  void Value(std::string_view flags, std::string_view value, std::optional<std::string>& target,
             Text help);
  void Values(std::string_view flags, std::string_view value, std::vector<std::string>& target,
              Text help);
  void Number(std::string_view flags, std::string_view value, int& target, Text help,
              bool required = false);
  void Choice(std::string_view flags, std::string_view value, std::string& target,
              std::vector<std::string> choices, Text help);
  void Flag(std::string_view flags, bool& target, Text help);
  // `mistake` tells, once all is parsed, what is wrong with the values; nothing when they are good.
  void Check(std::function<std::string(Language)> mistake);
  void AddExample(std::string_view command, Text help);

  const std::vector<Entry>& entries() const { return entries_; }
  const std::vector<Example>& examples() const { return examples_; }
  // The first mistake in what was parsed; empty without one.
  std::string Mistake(Language language) const;

 private:
  void CheckChoice(const CLI::Option* option, const std::string& target,
                   std::vector<std::string> choices);

  CLI::App* const app_;
  std::vector<std::function<std::string(Language)>> checks_;
  std::vector<Entry> entries_;
  std::vector<Example> examples_;
};

}  // namespace parc::client
