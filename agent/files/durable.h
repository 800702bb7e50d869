#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The agent's own files: every one of them is whole or absent, also after the battery went flat.
namespace parc::agent {

// Replaces `path` by `bytes`: written beside it, synced, renamed, and the directory synced.
absl::Status WriteDurably(const std::filesystem::path& path, std::string_view bytes,
                          mode_t mode = 0600);

// Makes `directory` (and its parents) with mode 0700.
absl::Status MakePrivateDirectory(const std::filesystem::path& directory);

// Renames `from` to `to` and syncs the directory of `to`.
absl::Status RenameDurably(const std::filesystem::path& from, const std::filesystem::path& to);

// Removes a file, or a directory with its files, and syncs the directory that held it. OK when it
// is not there.
absl::Status RemoveDurably(const std::filesystem::path& path);

// NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED when it is larger than `limit`.
absl::StatusOr<std::string> ReadWhole(const std::filesystem::path& path, std::size_t limit);

// Holds an exclusive lock on `path` while it lives, so that a report by hand and one by the timer
// take turns.
class FileLock {
 public:
  // UNAVAILABLE when somebody else holds it for longer than `patience_ms`.
  static absl::StatusOr<FileLock> Take(const std::filesystem::path& path, int patience_ms);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace parc::agent
