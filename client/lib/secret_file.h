#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Secrets live in files of their own that nobody but their owner reads; never in an argument.
namespace parc::client {

// The text of a secret's file, without blanks and line ends around it; at most 64 KiB.
// PERMISSION_DENIED SECRET_FILE_EXPOSED when its group or others may read or write it;
// PERMISSION_DENIED SECRET_FILE_UNREADABLE; NOT_FOUND NO_SECRET_FILE; INVALID_ARGUMENT
// BAD_SECRET_FILE.
absl::StatusOr<std::string> ReadSecretFile(const std::filesystem::path& file);

// Writes `text` to `file` with mode 0600, whole or not at all, durably.
absl::Status WriteSecretFile(const std::filesystem::path& file, std::string_view text);

}  // namespace parc::client
