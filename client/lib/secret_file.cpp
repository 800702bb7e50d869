#include "client/lib/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "client/lib/errors.h"

namespace parc::client {
namespace {

constexpr std::size_t kMaxBytes = 64 << 10;

// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&&) = delete;

  int get() const { return fd_; }

 private:
  const int fd_;
};

std::string Trimmed(const std::string& text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string Octal(mode_t mode) {
  std::string text = "0000";
  for (int i = 3; i >= 0; --i, mode >>= 3) {
    text[static_cast<std::size_t>(i)] = static_cast<char>('0' + (mode & 7));
  }
  return text;
}

absl::Status CannotRead(const std::filesystem::path& file, int error) {
  const std::string message = file.string() + " cannot be read: " + std::strerror(error);
  if (error == ENOENT || error == ENOTDIR) {
    return MakeError(absl::StatusCode::kNotFound, "NO_SECRET_FILE", message,
                     {{"path", file.string()}});
  }
  return MakeError(absl::StatusCode::kPermissionDenied, "SECRET_FILE_UNREADABLE", message,
                   {{"path", file.string()}});
}

absl::Status WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return absl::ErrnoToStatus(errno, "write");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return absl::ErrnoToStatus(errno, "fsync");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::filesystem::path& file) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (descriptor.get() < 0) return CannotRead(file, errno);
  struct stat about {};
  if (::fstat(descriptor.get(), &about) != 0) return CannotRead(file, errno);
  if (!S_ISREG(about.st_mode)) {
    return MakeError(absl::StatusCode::kInvalidArgument, "BAD_SECRET_FILE",
                     file.string() + " is not a regular file", {{"path", file.string()}});
  }
  if ((about.st_mode & 077) != 0) {
    return MakeError(absl::StatusCode::kPermissionDenied, "SECRET_FILE_EXPOSED",
                     file.string() + " may be read by others (mode " +
                         Octal(about.st_mode & 07777) + "); run: chmod 600 " + file.string(),
                     {{"path", file.string()}, {"mode", Octal(about.st_mode & 07777)}});
  }
  std::string text;
  char buffer[4096];
  ssize_t got = 0;
  while ((got = ::read(descriptor.get(), buffer, sizeof buffer)) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return CannotRead(file, errno);
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kMaxBytes) break;
  }
  text = text.size() > kMaxBytes ? "" : Trimmed(text);
  if (text.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "BAD_SECRET_FILE",
                     file.string() + " is empty or larger than 64 KiB", {{"path", file.string()}});
  }
  return text;
}

absl::Status WriteSecretFile(const std::filesystem::path& file, std::string_view text) {
  // Beside the file, so that the rename stays on one file system.
  std::string scratch = file.string() + ".XXXXXX";
  const Descriptor descriptor(::mkostemp(scratch.data(), O_CLOEXEC));  // mode 0600
  if (descriptor.get() < 0) return absl::ErrnoToStatus(errno, "cannot write " + file.string());
  absl::Status status = WriteAll(descriptor.get(), text);
  if (status.ok() && ::rename(scratch.c_str(), file.c_str()) != 0) {
    status = absl::ErrnoToStatus(errno, "rename");
  }
  if (!status.ok()) {
    ::unlink(scratch.c_str());
    return absl::Status(status.code(),
                        "cannot write " + file.string() + ": " + std::string(status.message()));
  }
  const Descriptor folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());
  return absl::OkStatus();
}

}  // namespace parc::client
