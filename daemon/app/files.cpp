#include "daemon/app/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
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

absl::StatusOr<std::string> ReadText(const std::filesystem::path& path) {
  constexpr std::size_t kMost = 256 * 1024;
  const auto refuse = [&](std::string_view why) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_CONFIG",
                  fmt::format("{}: {}", path.string(), why));
  };
  std::ifstream in(path, std::ios::binary);
  if (!in) return refuse(std::strerror(errno));
  std::string text(kMost + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || text.empty()) return refuse("is empty, or cannot be read");
  if (text.size() > kMost) return refuse("larger than 256 KiB");
  return text;
}

absl::StatusOr<std::string> ReadSecret(const std::filesystem::path& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) == 0 && (found.st_mode & 077) != 0) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_CONFIG",
                  fmt::format("{}: others may read this secret; chmod 600 it", path.string()));
  }
  PARC_ASSIGN(std::string text, ReadText(path));
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  return text;
}

}  // namespace parc::app
