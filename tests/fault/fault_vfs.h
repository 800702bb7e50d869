#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>

struct sqlite3_file;

namespace parc::fault {

enum class Operation { kWrite, kSync, kTruncate, kShmMap };
inline constexpr std::size_t kOperations = 4;

// A layer between SQLite and its unix VFS that breaks what it is told to. While one lives it is the
// default VFS: whatever the process opens goes through it. Thread safe.
class FaultVfs {
 public:
  FaultVfs();
  // Every file that was opened through it is closed by then.
  ~FaultVfs();
  FaultVfs(FaultVfs&&) = delete;

  // The `n`-th operation of this kind from now on (counted from 1) fails as a broken disk fails;
  // with `for_ever`, all after it do, too. 0: none fails.
  void Fail(Operation operation, std::int64_t n, bool for_ever);
  // Whether an operation that was told to fail has failed.
  bool failed() const { return failed_; }
  // Operations since the last Fail.
  std::int64_t count(Operation operation) const;

  // The disk that holds `directory` has `bytes` for everything in it, SQLite's files and others.
  void SetCapacity(std::filesystem::path directory, std::int64_t bytes);
  // How long every sync takes, in milliseconds.
  void SetSyncTime(int milliseconds) { sync_milliseconds_ = milliseconds; }

  // For the layer itself.
  struct Layer;
  // Counts one operation; false when it is to fail.
  bool Pass(Operation operation);
  // Whether a file may grow by `bytes`.
  bool HasRoom(std::int64_t bytes);
  void WaitForSync() const;

 private:
  std::unique_ptr<Layer> layer_;
  std::array<std::atomic<std::int64_t>, kOperations> counts_{};
  std::atomic<int> sync_milliseconds_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;  // guards what follows
  Operation failing_ = Operation::kWrite;
  std::int64_t at_ = 0;
  bool for_ever_ = false;
  std::filesystem::path directory_;
  std::int64_t capacity_ = -1;  // no limit
};

}  // namespace parc::fault
