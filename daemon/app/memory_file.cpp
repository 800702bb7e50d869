#include "daemon/app/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "fmt/format.h"

namespace parc::app {

MemoryFile::~MemoryFile() {
  if (fd_ >= 0) close(fd_);
}

absl::Status MemoryFile::Write(std::string_view text) {
  const int fresh = memfd_create("parc", MFD_CLOEXEC);
  if (fresh < 0) return absl::ErrnoToStatus(errno, "making a file in memory");
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = write(fresh, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const absl::Status failed = absl::ErrnoToStatus(errno, "writing a file in memory");
      close(fresh);
      return failed;
    }
    done += static_cast<std::size_t>(count);
  }
  if (fd_ < 0) {
    fd_ = fresh;
    return absl::OkStatus();
  }
  const bool replaced = dup3(fresh, fd_, O_CLOEXEC) >= 0;
  const int error = errno;
  close(fresh);
  return replaced ? absl::OkStatus() : absl::ErrnoToStatus(error, "replacing a file in memory");
}

std::filesystem::path MemoryFile::path() const { return fmt::format("/proc/self/fd/{}", fd_); }

}  // namespace parc::app
