#include "agent/files/durable.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "agent/files/descriptor.h"
#include "fmt/format.h"

namespace parc::agent {
namespace fs = std::filesystem;

namespace {

absl::Status Failure(std::string_view what, const fs::path& path) {
  return absl::ErrnoToStatus(errno, fmt::format("{} {}", what, path.string()));
}

absl::Status WriteAll(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failure("writing", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status SyncDirectory(const fs::path& directory) {
  const Descriptor fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || fsync(fd.get()) != 0) return Failure("syncing", directory);
  return absl::OkStatus();
}

absl::Status WriteAndSync(const fs::path& path, std::string_view bytes, mode_t mode) {
  const Descriptor fd(
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd) return Failure("creating", path);
  if (fchmod(fd.get(), mode) != 0) return Failure("setting the mode of", path);
  if (auto status = WriteAll(fd.get(), bytes, path); !status.ok()) return status;
  if (fsync(fd.get()) != 0) return Failure("syncing", path);
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteDurably(const fs::path& path, std::string_view bytes, mode_t mode) {
  fs::path beside = path;
  beside += ".new";
  if (auto status = WriteAndSync(beside, bytes, mode); !status.ok()) {
    unlink(beside.c_str());
    return status;
  }
  return RenameDurably(beside, path);
}

absl::Status MakePrivateDirectory(const fs::path& directory) {
  std::error_code error;
  if (fs::is_directory(directory, error)) return absl::OkStatus();
  if (directory.has_parent_path() && directory.parent_path() != directory) {
    if (auto status = MakePrivateDirectory(directory.parent_path()); !status.ok()) return status;
  }
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return Failure("creating", directory);
  }
  return absl::OkStatus();
}

absl::Status RenameDurably(const fs::path& from, const fs::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return Failure("renaming", from);
  return SyncDirectory(to.parent_path());
}

absl::Status RemoveDurably(const fs::path& path) {
  std::error_code error;
  const auto removed = fs::remove_all(path, error);
  if (error) return absl::ErrnoToStatus(error.value(), fmt::format("removing {}", path.string()));
  if (removed == 0) return absl::OkStatus();
  return SyncDirectory(path.parent_path());
}

absl::StatusOr<std::string> ReadWhole(const fs::path& path, std::size_t limit) {
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return Failure("opening", path);
  return ReadUpTo(fd.get(), limit, path.string());
}

absl::StatusOr<FileLock> FileLock::Take(const fs::path& path, int patience_ms) {
  Descriptor fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return Failure("opening", path);
  constexpr int kPauseMs = 50;
  for (int waited = 0; flock(fd.get(), LOCK_EX | LOCK_NB) != 0; waited += kPauseMs) {
    if (errno != EWOULDBLOCK && errno != EINTR) return Failure("locking", path);
    if (waited >= patience_ms) {
      return absl::UnavailableError(
          fmt::format("{} is held by another parc-agent that is still at work", path.string()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(kPauseMs));
  }
  return FileLock(fd.Release());
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace parc::agent
