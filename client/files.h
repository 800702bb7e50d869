#pragma once

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Files that the user names.
namespace parc::client {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// `path` for reading. NO_FILE with the reason in words: NOT_FOUND when there is none,
// PERMISSION_DENIED when it may not be read, else INVALID_ARGUMENT (a directory, say, or a pipe
// into which nobody has written within `patience`).
absl::StatusOr<File> OpenFile(const std::filesystem::path& path,
                              std::chrono::milliseconds patience = std::chrono::seconds(10));

// Writes `text` to `path`, over what is there; "-" is standard output. CANNOT_WRITE with the
// reason.
absl::Status WriteFile(const std::filesystem::path& path, std::string_view text);

}  // namespace parc::client
