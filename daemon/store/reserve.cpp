#include "daemon/store/reserve.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/file_error.h"
#include "fmt/format.h"

namespace parc::store {
namespace {

namespace fs = std::filesystem;

// What a batch of writes may need: with less, taking writes again would only fail once more.
constexpr std::int64_t kLeastBeside = 1 << 20;

absl::Status Failure(int error, const fs::path& file) {
  return FileError(error, "reserving space in", file);
}

absl::Status Allocate(const fs::path& file, std::int64_t bytes) {
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return Failure(errno, file);
  int error = posix_fallocate(fd, 0, bytes);
  if (error == 0 && fsync(fd) != 0) error = errno;
  close(fd);
  return error == 0 ? absl::OkStatus() : Failure(error, file);
}

// The space of a removed file is free for others once the removal is in the file system's journal.
void SyncDirectory(const fs::path& directory) {
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  (void)fsync(fd);
  close(fd);
}

}  // namespace

Reserve::Reserve(fs::path file, std::int64_t bytes) : file_(std::move(file)), bytes_(bytes) {}

absl::Status Reserve::Make() {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  const auto size = fs::file_size(file_, error);
  const std::int64_t held = error ? 0 : static_cast<std::int64_t>(size);
  if (held != bytes_) fs::remove(file_, error);
  const fs::space_info space = fs::space(file_.parent_path(), error);
  if (error) return Failure(error.value(), file_);
  const std::int64_t needed = kLeastBeside + (held == bytes_ ? 0 : bytes_);
  if (space.available < static_cast<std::uintmax_t>(needed)) {
    return Refuse(absl::StatusCode::kResourceExhausted, "STORAGE_FULL",
                  fmt::format("{} bytes are free in {}, {} are needed", space.available,
                              file_.parent_path().string(), needed));
  }
  if (held == bytes_) return absl::OkStatus();
  absl::Status allocated = Allocate(file_, bytes_);
  if (!allocated.ok()) fs::remove(file_, error);
  return allocated;
}

std::int64_t Reserve::Release() {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  const auto size = fs::file_size(file_, error);
  if (error || !fs::remove(file_, error)) return 0;
  SyncDirectory(file_.parent_path());
  return static_cast<std::int64_t>(size);
}

}  // namespace parc::store
