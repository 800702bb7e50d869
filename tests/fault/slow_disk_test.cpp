#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "daemon/inventory/reason.h"
#include "daemon/store/database.h"
#include "daemon/store/group_commit.h"
#include "tests/fault/fault_vfs.h"
#include "tests/support/scratch_directory.h"

// F8: a disk whose every sync takes 200 ms. tests/fault/broken_disk_e2e_test.py does the same to
// the daemon.
namespace parc::fault {
namespace {

using store::GroupCommit;

constexpr int kBatch = 128;
constexpr int kQueue = 4 * kBatch;

struct Flood {
  int refused = 0;
  int written = 0;
  std::uint64_t longest_wait = 0;  // in batches, which the disk makes last 200 ms each
};

// Offers `count` writes as fast as they can be queued.
Flood Offer(int count, std::size_t max_queue) {
  GroupCommit::Options options;
  options.max_batch = kBatch;
  options.max_queue = max_queue;
  const test::ScratchDirectory scratch;
  FaultVfs disk;
  const auto database = store::Database::Open(scratch.path());
  REQUIRE(database.ok());
  disk.SetSyncTime(200);
  Flood flood;
  std::atomic<bool> failed{false};
  {
    GroupCommit commits((*database)->writer(), options);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t offered = commits.counters().batches;
      const absl::Status queued = commits.Submit(
          store::Priority::kCheckIn, 1000,
          [](store::Connection& db) {
            return db.Execute("INSERT INTO replies VALUES(hex(randomblob(8)), 'm', x'', x'', 1)");
          },
          [&flood, &commits, &failed, offered](const absl::Status& status) {
            failed = failed || !status.ok();
            ++flood.written;
            flood.longest_wait = std::max(flood.longest_wait, commits.counters().batches - offered);
          });
      if (queued.ok()) continue;
      CHECK(ReasonOf(queued) == "BUSY");
      ++flood.refused;
    }
  }
  CHECK_FALSE(failed);
  disk.SetSyncTime(0);
  CHECK((*database)->writer().Integer("SELECT COUNT(*) FROM replies").value() == flood.written);
  return flood;
}

TEST_CASE("on a slow disk what does not fit the queue is turned away, and what does waits little") {
  const Flood flood = Offer(20'000, kQueue);
  CHECK(flood.written + flood.refused == 20'000);
  CHECK(flood.written >= kQueue / 2);
  CHECK(flood.refused >= 20'000 / 2);
  // The queue, and the batch under way.
  CHECK(flood.longest_wait <= kQueue / kBatch + 1);
}

TEST_CASE("control: with a queue that takes everything, the wait grows with what is offered") {
  const Flood flood = Offer(1'500, 1'000'000);
  CHECK(flood.refused == 0);
  CHECK(flood.longest_wait > kQueue / kBatch + 1);
}

}  // namespace
}  // namespace parc::fault
