#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Files that survive a power cut: written beside their name, synced, renamed. Errors are
// UNAVAILABLE STORAGE_FAILED, with the file and the reason.
namespace parc::app {

// Makes `path` hold `text`, whole or not at all.
absl::Status WriteDurably(const std::filesystem::path& path, std::string_view text, mode_t mode);

// Makes the symbolic link `link` point to `target`, in one step.
absl::Status PointLink(const std::filesystem::path& link, const std::filesystem::path& target);

// Makes the directory, 0700, unless it is there.
absl::Status MakePrivateDirectory(const std::filesystem::path& path);

// The text of a file that the configuration names, at most 256 KiB. INVALID_ARGUMENT BAD_CONFIG.
absl::StatusOr<std::string> ReadText(const std::filesystem::path& path);
// The same for a secret: its first line. BAD_CONFIG, too, when others may read the file.
absl::StatusOr<std::string> ReadSecret(const std::filesystem::path& path);

absl::Status SyncDirectory(const std::filesystem::path& path);

}  // namespace parc::app
