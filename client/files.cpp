#include "client/files.h"

#include <sys/stat.h>

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

}  // namespace

absl::StatusOr<File> OpenFile(const std::filesystem::path& path) {
  File file(std::fopen(path.c_str(), "rbe"), std::fclose);
  if (file == nullptr) return CannotRead(path, errno);
  struct stat about {};
  if (::fstat(::fileno(file.get()), &about) != 0) return CannotRead(path, errno);
  if (S_ISDIR(about.st_mode)) return CannotRead(path, EISDIR);
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
