#include "tests/bench/swarm/fleet.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <utility>

#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::swarm {
namespace {

absl::Status Failed(const std::filesystem::path& file, int error) {
  return absl::ErrnoToStatus(error, file.string());
}

}  // namespace

absl::StatusOr<MappedFile> MappedFile::Open(const std::filesystem::path& file, bool write) {
  const int fd = open(file.c_str(), (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  if (fd < 0) return Failed(file, errno);
  MappedFile mapped;
  struct stat info {};
  int error = fstat(fd, &info) == 0 ? 0 : errno;
  if (error == 0 && info.st_size > 0) {
    mapped.size_ = static_cast<std::size_t>(info.st_size);
    void* address =
        mmap(nullptr, mapped.size_, write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
    if (address == MAP_FAILED) {
      error = errno;
    } else {
      mapped.data_ = static_cast<std::byte*>(address);
    }
  }
  close(fd);
  if (error != 0) return Failed(file, error);
  return mapped;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(data_, size_);
}

absl::StatusOr<std::unique_ptr<Fleet>> Fleet::Open(const std::filesystem::path& directory) {
  auto fleet = std::make_unique<Fleet>();
  fleet->directory_ = directory;
  PARC_ASSIGN(fleet->devices_, MappedFile::Open(directory / "devices", false));
  PARC_ASSIGN(fleet->keys_, MappedFile::Open(directory / "keys", false));
  PARC_ASSIGN(fleet->acknowledged_, MappedFile::Open(directory / "acknowledged", true));
  fleet->size_ = static_cast<std::uint32_t>(fleet->devices_.size() / kDeviceIdSize);
  fleet->certified_ = static_cast<std::uint32_t>(fleet->keys_.size() / sizeof(KeySlot));
  if (fleet->size_ == 0 || fleet->certified_ == 0 || fleet->certified_ > fleet->size_ ||
      fleet->acknowledged_.size() != fleet->size_ * sizeof(Standing)) {
    return absl::InvalidArgumentError(
        fmt::format("{} is no whole fleet: make it again", directory.string()));
  }
  return fleet;
}

std::string_view Fleet::DeviceId(std::uint32_t number) const {
  assert(number < size_);
  return {reinterpret_cast<const char*>(devices_.data()) + number * kDeviceIdSize, kDeviceIdSize};
}

const KeySlot& Fleet::Key(std::uint32_t number) const {
  assert(number < certified_);
  return reinterpret_cast<const KeySlot*>(keys_.data())[number];
}

Standing& Fleet::At(std::uint32_t number) {
  assert(number < size_);
  return reinterpret_cast<Standing*>(acknowledged_.data())[number];
}

}  // namespace parc::swarm
