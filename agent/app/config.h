#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/gateways/portal.h"
#include "agent/vpn/profile.h"

namespace parc::agent {

// /etc/parc/agent.toml
struct Config {
  std::filesystem::path root = "/";
  std::string proxy;  // "http://host:port"; the user's environment is never asked
  std::vector<Gateway> gateways;
  std::optional<PortalTest> portal_test;  // absent: only NetworkManager is asked
  std::vector<std::string> tools;  // packages to look for beside those that come with the agent
  std::string log_level = "info";  // error, warn, info, debug

  bool operator==(const Config&) const = default;
};

// INVALID_ARGUMENT "file:line:column: message" for anything that is not understood: unknown keys
// are errors. `name` is for messages.
absl::StatusOr<Config> ParseConfig(std::string_view text, std::string_view name);

// A file that is not there is the defaults.
absl::StatusOr<Config> ReadConfig(const std::filesystem::path& file);

}  // namespace parc::agent
