#include "daemon/app/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::app {

namespace fs = std::filesystem;

namespace {

absl::Status Failed(std::string_view doing, const fs::path& path) {
  return Refuse(absl::StatusCode::kUnavailable, "STORAGE_FAILED",
                fmt::format("{} {}: {}", doing, path.string(), std::strerror(errno)));
}

absl::Status WriteAll(int fd, std::string_view text, const fs::path& path) {
  while (!text.empty()) {
    const ssize_t count = write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failed("writing", path);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return fsync(fd) == 0 ? absl::OkStatus() : Failed("writing", path);
}

}  // namespace

absl::Status SyncDirectory(const fs::path& path) {
  const int fd = open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failed("opening", path);
  const absl::Cleanup close_it = [fd] { close(fd); };
  return fsync(fd) == 0 ? absl::OkStatus() : Failed("syncing", path);
}

absl::Status WriteDurably(const fs::path& path, std::string_view text, mode_t mode) {
  const fs::path fresh = path.string() + ".new";
  unlink(fresh.c_str());  // what a crash left
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return Failed("creating", fresh);
  {
    const absl::Cleanup close_it = [fd] { close(fd); };
    // The process's umask may be stricter than what was asked for.
    if (fchmod(fd, mode) != 0) return Failed("creating", fresh);
    PARC_TRY(WriteAll(fd, text, fresh));
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) return Failed("creating", path);
  return SyncDirectory(path.parent_path());
}

absl::Status PointLink(const fs::path& link, const fs::path& target) {
  const fs::path fresh = link.string() + ".new";
  unlink(fresh.c_str());
  if (symlink(target.c_str(), fresh.c_str()) != 0) return Failed("creating", fresh);
  if (rename(fresh.c_str(), link.c_str()) != 0) return Failed("creating", link);
  return SyncDirectory(link.parent_path());
}

absl::Status MakePrivateDirectory(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return absl::OkStatus();
  if (!path.parent_path().empty()) fs::create_directories(path.parent_path(), error);
  if (mkdir(path.c_str(), 0700) != 0) return Failed("creating", path);
  return absl::OkStatus();
}

}  // namespace parc::app
