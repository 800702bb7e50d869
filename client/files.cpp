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

}  // namespace parc::client
