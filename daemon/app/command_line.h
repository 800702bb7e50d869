#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace parc::app {

enum class Verb {
  kServe,
  kCheck,
  kBackup,
  kRestore,
  kConfigCheck,
  kConfigExplain,
  kAdminCreate,
  kForecast,
  kCaRotate,
};

// What the command line asks for.
struct Invocation {
  Verb verb = Verb::kServe;
  std::optional<std::filesystem::path> config_file;
  std::map<std::string, std::string> flags;   // settings by key, as ConfigSources takes them
  std::filesystem::path file;                 // of backup, restore and admin create
  std::vector<std::filesystem::path> worlds;  // of forecast
  std::filesystem::path output_dir;
  std::string owner;
  std::string role;
};

// Answers an exit code when there is nothing more to do: the help was printed, or what is wrong
// with the arguments.
struct Parsed {
  Invocation invocation;
  std::optional<int> exit;
};
Parsed ParseCommandLine(int argc, const char* const* argv);

}  // namespace parc::app
