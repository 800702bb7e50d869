#include "client/files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "client/lib/errors.h"
#include "fmt/format.h"

namespace parc::client {
namespace {

absl::Status CannotRead(const std::filesystem::path& path, int error) {
  const absl::StatusCode code = error == ENOENT || error == ENOTDIR ? absl::StatusCode::kNotFound
                                : error == EACCES || error == EPERM
                                    ? absl::StatusCode::kPermissionDenied
                                    : absl::StatusCode::kInvalidArgument;
  return MakeError(code, "NO_FILE",
                   fmt::format("{} cannot be read: {}", path.string(), std::strerror(error)),
                   {{"path", path.string()}});
}

// `<(a command)` of a shell is a pipe, too, and may take its time to write.
bool ComesWithin(std::chrono::milliseconds patience, int pipe) {
  pollfd waiting{pipe, POLLIN, 0};
  return ::poll(&waiting, 1, static_cast<int>(patience.count())) > 0;
}

}  // namespace

absl::StatusOr<File> OpenFile(const std::filesystem::path& path,
                              std::chrono::milliseconds patience) {
  // Without O_NONBLOCK a pipe with no writer would hold us for ever.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  File file(fd < 0 ? nullptr : ::fdopen(fd, "rb"), std::fclose);
  if (file == nullptr) return CannotRead(path, errno);
  struct stat about {};
  if (::fstat(fd, &about) != 0) return CannotRead(path, errno);
  if (S_ISDIR(about.st_mode)) return CannotRead(path, EISDIR);
  if (S_ISFIFO(about.st_mode) && !ComesWithin(patience, fd)) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, "NO_FILE",
        fmt::format("{} cannot be read: it is a pipe into which nobody writes", path.string()),
        {{"path", path.string()}});
  }
  ::fcntl(fd, F_SETFL, 0);
  return file;
}

absl::Status WriteFile(const std::filesystem::path& path, std::string_view text) {
  const auto cannot = [&](int error) {
    return MakeError(absl::StatusCode::kInvalidArgument, "CANNOT_WRITE",
                     fmt::format("{} cannot be written: {}", path.string(), std::strerror(error)));
  };
  if (path == "-") {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    return written && std::fflush(stdout) == 0 ? absl::OkStatus() : cannot(errno);
  }
  File file(std::fopen(path.c_str(), "wbe"), std::fclose);
  if (file == nullptr) return cannot(errno);
  if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size()) return cannot(errno);
  // A full disk may only be told when the last bytes leave.
  return std::fclose(file.release()) == 0 ? absl::OkStatus() : cannot(errno);
}

}  // namespace parc::client
