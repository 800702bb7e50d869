#include "daemon/store/wal_check.h"

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::store {
namespace {

constexpr std::int64_t kHeader = 32;
constexpr std::int64_t kFrameHeader = 24;
// What a disk writes whole or not at all.
constexpr std::int64_t kSector = 512;

absl::Status Unreadable(const std::string& log, int code) {
  return Refuse(absl::StatusCode::kUnavailable, "STORAGE_FAILED",
                fmt::format("reading {}: {}", log, sqlite3_errstr(code)));
}

// A file opened as SQLite opens it, so that what lies between SQLite and the disk lies here, too.
class LogFile {
 public:
  explicit LogFile(std::string name)
      : name_(std::move(name) + std::string(4, '\0')),  // as xOpen wants a name: no parameters
        vfs_(sqlite3_vfs_find(nullptr)),
        memory_(static_cast<std::size_t>(vfs_->szOsFile)) {}
  ~LogFile() {
    if (file()->pMethods != nullptr) file()->pMethods->xClose(file());
  }
  LogFile(LogFile&&) = delete;

  // The size in bytes; 0 when there is no such file.
  absl::StatusOr<std::int64_t> Open() {
    int exists = 0;
    int code = vfs_->xAccess(vfs_, name_.c_str(), SQLITE_ACCESS_EXISTS, &exists);
    if (code == SQLITE_OK && exists == 0) return 0;
    sqlite3_int64 size = 0;
    if (code == SQLITE_OK) {
      code =
          vfs_->xOpen(vfs_, name_.c_str(), file(), SQLITE_OPEN_READONLY | SQLITE_OPEN_WAL, nullptr);
    }
    if (code == SQLITE_OK) code = file()->pMethods->xFileSize(file(), &size);
    if (code != SQLITE_OK) return Unreadable(name_.c_str(), code);
    return size;
  }

  absl::Status Read(std::int64_t offset, std::vector<std::uint8_t>& into) {
    const int code =
        file()->pMethods->xRead(file(), into.data(), static_cast<int>(into.size()), offset);
    return code == SQLITE_OK ? absl::OkStatus() : Unreadable(name_.c_str(), code);
  }

 private:
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }

  const std::string name_;
  sqlite3_vfs* vfs_;
  std::vector<std::uint64_t> memory_;  // aligned for any sqlite3_file; zeroed: not open
};

std::uint32_t Big(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

struct Checksum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  bool operator==(const Checksum&) const = default;

  static Checksum Stored(const std::uint8_t* bytes) { return {Big(bytes), Big(bytes + 4)}; }
  // Adds `size` bytes, a multiple of 8, read as words of the order that the log's magic tells.
  void Add(const std::uint8_t* bytes, std::int64_t size, bool big_endian) {
    const auto word = [&](const std::uint8_t* at) {
      return big_endian ? Big(at)
                        : std::uint32_t{at[3]} << 24 | std::uint32_t{at[2]} << 16 |
                              std::uint32_t{at[1]} << 8 | at[0];
    };
    for (std::int64_t i = 0; i < size; i += 8) {
      first += word(bytes + i) + second;
      second += word(bytes + i + 4) + first;
    }
  }
};

struct LogHeader {
  bool valid = false;
  bool big_endian = false;
  std::int64_t page_size = 0;
  std::uint32_t salt1 = 0;
  std::uint32_t salt2 = 0;
  Checksum checksum;
};

LogHeader ReadHeader(const std::uint8_t* bytes) {
  LogHeader header;
  const std::uint32_t magic = Big(bytes);
  header.big_endian = (magic & 1) != 0;
  header.page_size = Big(bytes + 8);
  header.salt1 = Big(bytes + 16);
  header.salt2 = Big(bytes + 20);
  header.checksum = Checksum::Stored(bytes + 24);
  Checksum sum;
  sum.Add(bytes, 24, header.big_endian);
  const std::int64_t size = header.page_size;
  header.valid = (magic & ~1U) == 0x377f0682 && sum == header.checksum && size >= 512 &&
                 size <= 65536 && (size & (size - 1)) == 0;
  return header;
}

// One frame, with what it says about the frame before.
struct Frame {
  bool ours = false;    // of this round through the log, not left over from an earlier one
  bool fits = false;    // its checksum goes on from the one that the frame before has stored
  bool commit = false;  // ends a transaction, as far as its header can be believed
  Checksum checksum;
};

Frame ReadFrame(const LogHeader& log, const std::vector<std::uint8_t>& bytes, std::int64_t offset,
                const Checksum& before) {
  Frame frame;
  frame.ours = Big(&bytes[8]) == log.salt1 && Big(&bytes[12]) == log.salt2;
  frame.checksum = Checksum::Stored(&bytes[16]);
  Checksum sum = before;
  sum.Add(bytes.data(), 8, log.big_endian);
  sum.Add(&bytes[kFrameHeader], log.page_size, log.big_endian);
  frame.fits = frame.ours && sum == frame.checksum;
  // A header across two sectors may be half of this frame and half of an older one.
  const bool whole = offset / kSector == (offset + kFrameHeader - 1) / kSector;
  frame.commit = Big(&bytes[4]) != 0 && frame.ours && (frame.fits || whole);
  return frame;
}

absl::Status Damaged(const std::string& log, std::string_view what) {
  return Refuse(absl::StatusCode::kDataLoss, "STORAGE_CORRUPT",
                fmt::format("{} is damaged ({}): writes that were acknowledged are lost; restore a "
                            "backup with `parcd restore FILE`",
                            log, what));
}

}  // namespace

absl::Status CheckLog(const std::filesystem::path& database) {
  const std::string name = database.string() + "-wal";
  LogFile file(name);
  PARC_ASSIGN(const std::int64_t size, file.Open());
  if (size <= kHeader) return absl::OkStatus();
  std::vector<std::uint8_t> bytes(kHeader);
  PARC_TRY(file.Read(0, bytes));
  const LogHeader log = ReadHeader(bytes.data());
  // Frames are written once the header is on disk.
  if (!log.valid) return Damaged(name, "its header");

  bytes.resize(static_cast<std::size_t>(kFrameHeader + log.page_size));
  const auto step = static_cast<std::int64_t>(bytes.size());
  bool broken = false;
  Frame before{.ours = true, .fits = true, .commit = false, .checksum = log.checksum};
  for (std::int64_t offset = kHeader; offset + step <= size; offset += step) {
    PARC_TRY(file.Read(offset, bytes));
    const Frame frame = ReadFrame(log, bytes, offset, before.checksum);
    if (broken && before.commit && frame.fits) {
      return Damaged(name, fmt::format("before frame {}", (offset - kHeader) / step + 1));
    }
    broken = broken || !frame.fits;
    before = frame;
  }
  return absl::OkStatus();
}

}  // namespace parc::store
