#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/swarm/report.h"

// A simulated fleet on disk: a directory that `make-fleet` writes and every run uses.
//
//   ca.pem         the root that the server's certificate must lead to, then the issuing CA
//   devices        36 bytes for each device: its id
//   keys           1 KiB for each device that has a certificate: key and certificate, DER
//   acknowledged   128 bytes for each device: the ledger, see Standing
//
// The private keys in it let whoever has them speak for these devices: it is 0700, and made for a
// server of its own.
namespace parc::swarm {

// A file mapped into memory. Written through when it is opened so.
class MappedFile {
 public:
  static absl::StatusOr<MappedFile> Open(const std::filesystem::path& file, bool write);
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// What one device's agent knows of itself and of the server. Written through to the file as soon as
// an answer came, so that it is the ledger of what the server acknowledged, whatever becomes of
// either program.
struct Standing {
  std::uint64_t acknowledged = 0;  // sequence number of the newest report taken; 0: none
  std::uint64_t sent = 0;          // of the newest report sent
  Digest digest{};                 // of the facts acknowledged
  Condition condition;             // the laptop's, as acknowledged
  ProblemsDigest problems{};       // of the problems that it was told; zeros: of none
  std::uint8_t unused[56] = {};
};
static_assert(sizeof(Condition) == 8 && sizeof(Standing) == 128);

// One key and certificate, DER each.
struct KeySlot {
  std::uint16_t key_size = 0, certificate_size = 0;
  std::uint8_t bytes[1020] = {};

  std::span<const std::uint8_t> key() const { return {bytes, key_size}; }
  std::span<const std::uint8_t> certificate() const { return {bytes + key_size, certificate_size}; }
};
static_assert(sizeof(KeySlot) == 1024);

inline constexpr std::size_t kDeviceIdSize = 36;
// The first sequence number, so that all have five bytes.
inline constexpr std::uint64_t kFirstSequence = std::uint64_t{1} << 28;

class Fleet {
 public:
  // NOT_FOUND with the file's name, or INVALID_ARGUMENT when it is cut short.
  static absl::StatusOr<std::unique_ptr<Fleet>> Open(const std::filesystem::path& directory);

  std::uint32_t size() const { return size_; }
  // How many, from the first on, have a certificate of their own.
  std::uint32_t certified() const { return certified_; }
  std::string_view DeviceId(std::uint32_t number) const;
  const KeySlot& Key(std::uint32_t number) const;
  Standing& At(std::uint32_t number);
  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path ca() const { return directory_ / "ca.pem"; }

 private:
  std::filesystem::path directory_;
  MappedFile devices_, keys_, acknowledged_;
  std::uint32_t size_ = 0, certified_ = 0;
};

}  // namespace parc::swarm
