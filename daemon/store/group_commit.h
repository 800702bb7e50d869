#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "daemon/store/mutex.h"
#include "daemon/store/sql.h"

namespace parc::store {

// What is written first when more waits than one batch takes. Each leaves a sixteenth of the queue
// to every one before it: a queue that is full of check-ins still takes a revocation.
//
// A chore is what nobody waits for. It is written alone, so that who does wait never shares a
// transaction with it; when nothing else waits, or else one after each batch of others, so that it
// gets on.
enum class Priority { kRevocation, kRenewal, kChange, kCheckIn, kChore };
inline constexpr std::size_t kPriorities = 5;

// The one writer: runs every write on its own thread ("parc-commit"), many to one transaction, so
// that they share one fsync. A batch is whatever waits, at most `max_batch`; nothing is delayed to
// make it larger. Each item runs in a savepoint: its error undoes it and nothing else. `done` runs
// after COMMIT returned, that is, once the write is on disk.
//
// A disk fault at COMMIT fails the whole batch, and everything after it: what is on disk is not
// known any more, and only a restart can tell (fsync cannot be retried: Rebello et al., USENIX ATC
// 2020). A lock that another program holds fails the batch; the next one may succeed.
//
// A full disk makes the writer read-only until Resume: it takes revocations and renewals, for which
// `on_full` makes room, and refuses the rest. Those of the batch that met it are run once more.
class GroupCommit {
 public:
  using Work = std::function<absl::Status(Connection& db)>;
  using Done = std::function<void(const absl::Status& status)>;

  struct Options {
    std::size_t max_batch = 512;
    std::size_t max_queue = 4096;             // items, of all priorities; at least four batches
    std::size_t max_queue_bytes = 64u << 20;  // by what Submit is told
    std::int64_t max_wal_pages = 16384;       // 64 MiB of 4 KiB pages; a longer WAL is truncated
    std::function<void(const absl::Status&)>
        on_fault;  // once, on the commit thread: the process must end
    // On the commit thread, when a batch found no room and its transaction is undone: gives back
    // what was kept for this moment.
    std::function<void(const absl::Status& full)> on_full;
    bool read_only = false;  // begins as a full disk leaves it
    // False: nothing is written but by WriteBatch(), on its caller's thread, which is then what is
    // called the commit thread here. For simulations, which decide themselves what happens when.
    bool own_thread = true;
  };

  struct Counters {
    std::uint64_t items = 0;    // written, refused ones included
    std::uint64_t batches = 0;  // commits
    std::uint64_t refused = 0;  // turned away because the queue was full
    std::size_t queued = 0;
  };

  // Takes the writer's connection for its thread; `db` outlives this object and is used by nobody
  // else.
  GroupCommit(Connection& db, Options options);
  // Drains the queue, then ends the thread. Without a thread of its own it forgets what is queued,
  // as a crash does.
  ~GroupCommit();
  GroupCommit(GroupCommit&&) = delete;

  // Queues `work`, which holds about `bytes`. Never blocks. `done` runs once, on the commit thread;
  // not at all when this answers RESOURCE_EXHAUSTED BUSY (queue full) or STORAGE_FULL (read-only),
  // or UNAVAILABLE (stopping, or after a disk fault). A `work` of kRevocation or kRenewal may run
  // twice; what the first run did in the database is undone by then.
  absl::Status Submit(Priority priority, std::size_t bytes, Work work, Done done);
  // BUSY as Submit, for work that costs something to prepare: what is shed is to cost little.
  absl::Status CheckRoom(Priority priority) const;
  // Whether something else than chores is queued: a long chore ends early for it.
  bool IsAwaited() const;

  // Whether a full disk made the writer read-only.
  bool read_only() const;
  // Takes every write again: the disk has room.
  void Resume();

  // Refuses new work, runs what is queued, and returns when the last `done` has run.
  void Stop();

  // Without a thread of its own: writes the next batch and runs its `done`s. False when nothing
  // waits.
  bool WriteBatch();

  Counters counters() const;
  // Queued items ÷ what check-ins may fill, 0 to 1: how busy the daemon is, for pacing.
  double Load() const;

  // For tests: the next COMMIT fails with `status`, as if the disk had said so.
  void FailNextCommit(absl::Status status);

 private:
  struct Pending {
    Priority priority;
    std::size_t bytes;
    Work work;
    Done done;
    absl::Status status;
  };

  absl::Status Busy() const;
  void Run();
  // Waits for work; an empty batch means: stop.
  std::vector<Pending> NextBatch();
  std::vector<Pending> TakeBatch() PARC_REQUIRES(mutex_);
  void TakeFirst(std::deque<Pending>& queue, std::vector<Pending>& batch) PARC_REQUIRES(mutex_);
  void WriteAndTell(std::vector<Pending>& batch);
  void Write(std::vector<Pending>& batch);
  // Runs `items` in one transaction. OK: each has its own status; otherwise nothing was written.
  absl::Status Transact(const std::vector<Pending*>& items);
  absl::Status BecomeReadOnly(const absl::Status& full, const std::vector<Pending*>& items);
  void Fail(const absl::Status& fault);
  absl::Status Commit();
  void CheckpointInGap();

  Connection& db_;
  const Options options_;

  mutable Mutex mutex_;
  std::condition_variable_any wake_;
  std::array<std::deque<Pending>, kPriorities> queues_ PARC_GUARDED_BY(mutex_);
  std::size_t queued_ PARC_GUARDED_BY(mutex_) = 0;
  std::size_t queued_bytes_ PARC_GUARDED_BY(mutex_) = 0;
  bool chore_is_next_ PARC_GUARDED_BY(mutex_) = false;
  bool stopping_ PARC_GUARDED_BY(mutex_) = false;
  bool read_only_ PARC_GUARDED_BY(mutex_);
  absl::Status fault_ PARC_GUARDED_BY(mutex_);        // once set, never cleared
  absl::Status next_commit_ PARC_GUARDED_BY(mutex_);  // for FailNextCommit

  std::atomic<std::uint64_t> items_{0};
  std::atomic<std::uint64_t> batches_{0};
  mutable std::atomic<std::uint64_t> refused_{0};
  std::uint64_t batches_since_checkpoint_ = 0;  // commit thread only
  std::thread thread_;
};

}  // namespace parc::store
