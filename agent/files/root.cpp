#include "agent/files/root.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>

#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxNames = 4096;
constexpr std::size_t kMaxLine = 4096;

// glibc 2.36 has no wrapper.
int OpenAt2(int directory, const std::string& path, int flags, std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = resolve;
  return static_cast<int>(syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how));
}

absl::Status Failure(std::string_view path) {
  if (errno == EXDEV || errno == ELOOP) {
    return absl::FailedPreconditionError(fmt::format("{}: a link leads out of its folder", path));
  }
  // A device that refuses to be read (EIO and the like in sysfs) is a source that cannot be read.
  return absl::ErrnoToStatus(errno, fmt::format("{}", path));
}

std::string Relative(std::string_view path) {
  while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  return path.empty() ? "." : std::string(path);
}

absl::Status RegularFile(int fd, std::string_view path) {
  struct stat about {};
  if (fstat(fd, &about) != 0) return Failure(path);
  if (!S_ISREG(about.st_mode)) {
    return absl::FailedPreconditionError(fmt::format("{}: not a regular file", path));
  }
  return absl::OkStatus();
}

// A sandbox may not know openat2: systemd's RestrictSUIDSGID= answers that it does not exist.
bool IsUnknownCall(int error) { return error == ENOSYS || error == EPERM; }

// What openat2 does with RESOLVE_BENEATH, step by step, without following any link.
Descriptor OpenBeneath(int folder, std::string_view path, int flags) {
  Descriptor held;
  while (true) {
    const auto slash = path.find('/');
    const std::string step(path.substr(0, slash));
    if (step == ".." || path.empty()) {
      errno = EXDEV;
      return Descriptor();
    }
    const bool last = slash == std::string_view::npos;
    const int how = (last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC;
    Descriptor next(openat(held ? held.get() : folder, step.c_str(), how));
    if (last || !next) return next;
    held = std::move(next);
    path.remove_prefix(slash + 1);
  }
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace(" \t\r\n\0", 5);
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

absl::StatusOr<std::string> ReadUpTo(int fd, std::size_t limit, std::string_view name) {
  std::string text;
  char buffer[16 * 1024];
  while (true) {
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure(name);
    if (got == 0) return text;
    if (text.size() + static_cast<std::size_t>(got) > limit) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: larger than {} KiB", name, limit / 1024));
    }
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

Root::Root(std::filesystem::path path)
    : path_(std::move(path)), root_(open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

absl::Status Root::Check() const {
  if (root_) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("the root directory {} cannot be opened", path_.string()));
}

absl::StatusOr<Descriptor> Root::Open(std::string_view path, int flags) const {
  // Never waiting, say for the writer of a FIFO. openat2 is strict: O_PATH stands alone.
  if ((flags & O_PATH) == 0) flags |= O_NONBLOCK;
  Descriptor fd(OpenAt2(root_.get(), Relative(path), flags, RESOLVE_IN_ROOT));
  // The whole system needs no fence.
  if (!fd && IsUnknownCall(errno) && path_ == "/") {
    fd = Descriptor(openat(root_.get(), Relative(path).c_str(), flags | O_CLOEXEC));
  }
  if (!fd) return Failure(path);
  return fd;
}

absl::StatusOr<std::string> Root::Read(std::string_view path, std::size_t limit) const {
  auto fd = Open(path, O_RDONLY);
  if (!fd.ok()) return fd.status();
  if (auto status = RegularFile(fd->get(), path); !status.ok()) return status;
  return ReadUpTo(fd->get(), limit, path);
}

absl::StatusOr<std::string> Root::ReadStart(std::string_view path, std::size_t size) const {
  auto fd = Open(path, O_RDONLY);
  if (!fd.ok()) return fd.status();
  struct stat about {};
  if (fstat(fd->get(), &about) != 0) return Failure(path);
  if (!S_ISREG(about.st_mode) && !S_ISBLK(about.st_mode)) {
    return absl::FailedPreconditionError(fmt::format("{}: neither file nor block device", path));
  }
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got =
        pread(fd->get(), bytes.data() + have, size - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure(path);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

absl::StatusOr<std::string> Root::ReadWord(std::string_view path) const {
  auto text = Read(path);
  if (!text.ok()) return text.status();
  return std::string(Trimmed(*text));
}

absl::StatusOr<std::string> Root::ReadHostile(std::string_view directory, std::string_view name,
                                              std::size_t limit) const {
  auto folder = Open(directory, O_PATH | O_DIRECTORY);
  if (!folder.ok()) return folder.status();
  constexpr int kFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
  Descriptor fd(
      OpenAt2(folder->get(), std::string(name), kFlags, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS));
  if (!fd && IsUnknownCall(errno)) fd = OpenBeneath(folder->get(), name, kFlags);
  if (!fd) return Failure(name);
  if (auto status = RegularFile(fd.get(), name); !status.ok()) return status;
  return ReadUpTo(fd.get(), limit, name);
}

absl::Status Root::ReadLines(std::string_view path, std::size_t limit,
                             const std::function<void(std::string_view)>& line) const {
  auto fd = Open(path, O_RDONLY);
  if (!fd.ok()) return fd.status();
  if (auto status = RegularFile(fd->get(), path); !status.ok()) return status;
  std::string held;
  std::size_t total = 0;
  char buffer[32 * 1024];
  while (true) {
    const ssize_t got = read(fd->get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure(path);
    if (got == 0) break;
    total += static_cast<std::size_t>(got);
    if (total > limit) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: larger than {} MiB", path, limit / (1024 * 1024)));
    }
    std::string_view rest(buffer, static_cast<std::size_t>(got));
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      if (held.empty()) {
        line(rest.substr(0, std::min(end, kMaxLine)));
      } else {
        held.append(rest.substr(0, std::min(end, kMaxLine - std::min(held.size(), kMaxLine))));
        line(held);
        held.clear();
      }
      rest.remove_prefix(end + 1);
    }
    if (held.size() < kMaxLine) held.append(rest.substr(0, kMaxLine - held.size()));
  }
  if (!held.empty()) line(held);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Root::List(std::string_view path) const {
  auto fd = Open(path, O_RDONLY | O_DIRECTORY);
  if (!fd.ok()) return fd.status();
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(fdopendir(fd->get()), &closedir);
  if (directory == nullptr) return Failure(path);
  fd->Release();  // closedir closes it
  std::vector<std::string> names;
  while (const dirent* entry = readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == kMaxNames) {
      return absl::ResourceExhaustedError(fmt::format("{}: more than {} names", path, kMaxNames));
    }
    names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<struct stat> Root::Stat(std::string_view path) const {
  auto fd = Open(path, O_PATH);
  if (!fd.ok()) return fd.status();
  struct stat about {};
  if (fstat(fd->get(), &about) != 0) return Failure(path);
  return about;
}

bool Root::HasName(std::string_view path) const { return Open(path, O_PATH | O_NOFOLLOW).ok(); }

absl::StatusOr<std::string> Root::LinkTarget(std::string_view path) const {
  auto fd = Open(path, O_PATH | O_NOFOLLOW);
  if (!fd.ok()) return fd.status();
  char target[PATH_MAX];
  const ssize_t size = readlinkat(fd->get(), "", target, sizeof target);
  if (size < 0) return Failure(path);
  return std::string(target, static_cast<std::size_t>(size));
}

}  // namespace parc::agent
