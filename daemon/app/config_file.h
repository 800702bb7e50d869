#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/app/settings.h"

namespace parc::app {

// A value as somebody wrote it, and where.
struct ConfigValue {
  std::variant<std::string, std::int64_t, std::vector<std::string>> value;
  std::string source;
};

// INVALID_ARGUMENT BAD_CONFIG "<source>: <message>".
absl::Status BadConfig(std::string_view source, std::string_view message);

// Reads a TOML file by the keys of kSettings, which are all there may be. CRLF and a byte order
// mark are accepted. Errors as of BadConfig, with file:line:column where there is one.
absl::StatusOr<std::map<std::string, ConfigValue>> ReadConfigFile(
    const std::filesystem::path& file);

// The same for text that is read already; `name` stands for the file in messages.
absl::StatusOr<std::map<std::string, ConfigValue>> ParseConfig(const std::string& text,
                                                               const std::string& name);

}  // namespace parc::app
