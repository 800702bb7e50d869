#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/dice.h"

namespace parc::fault {

// A disk in memory that loses what was not synced. While one lives it is SQLite's default VFS.
//
// A write goes to a cache, from which reads are answered; a sync makes the file's writes, and its
// name, durable. When power fails, each 512-byte sector of each write since, each truncation and
// each new or removed name survives or not by dice of its own: so writes are torn and reordered,
// as real disks do. As SQLite believes of real ones (SQLITE_IOCAP_POWERSAFE_OVERWRITE), bytes
// beside a write are not harmed. Thread safe.
class CrashDisk {
 public:
  struct Node;  // a file
  using Names = std::map<std::string, std::shared_ptr<Node>>;

  explicit CrashDisk(std::uint64_t seed);
  // Every file is closed by then.
  ~CrashDisk();
  CrashDisk(CrashDisk&&) = delete;

  // Power fails right before the `n`-th operation that changes the disk, counted from 1 and from
  // now; every operation after fails. 0: it does not fail.
  void FailPowerAt(std::int64_t n);
  // Power fails now.
  void FailPower();
  // The program dies, and the machine does not: what was written is there.
  void KillAt(std::int64_t n);
  bool failed() const;
  // Operations since the last FailPowerAt or KillAt.
  std::int64_t operations() const;
  // Files are as a new start finds them. Every file is closed.
  void Restart();

  // Syncs are acknowledged and do nothing: a disk that lies.
  void LieAboutSyncs() { lies_ = true; }

  // The durable files, by name; and a disk that holds just these.
  std::map<std::string, std::string> Image() const;
  void Load(const std::map<std::string, std::string>& image);

  // For the layer below SQLite; all hold `mutex`.
  struct Layer;
  // Counts one operation that changes the disk; false once power has failed.
  bool Change();
  void Sync(Node& node, const std::string& name);
  mutable std::recursive_mutex mutex;
  Names names;   // as the running program sees them
  Names before;  // durable names that the program has removed or replaced since

 private:
  void Fail(bool power);

  std::unique_ptr<Layer> layer_;
  test::Dice dice_;
  std::int64_t fail_at_ = 0;
  bool kill_ = false;
  std::int64_t operations_ = 0;
  bool failed_ = false;
  bool lies_ = false;
  std::map<std::string, std::string> after_;  // what a failure left
};

}  // namespace parc::fault
