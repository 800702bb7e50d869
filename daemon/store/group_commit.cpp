#include "daemon/store/group_commit.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"

namespace parc::store {
namespace {

// How long the writer sleeps for work before it uses the pause for a checkpoint.
constexpr auto kIdle = std::chrono::milliseconds(50);
// Under constant load there is no pause: then one checkpoint per so many batches.
constexpr std::uint64_t kBatchesPerCheckpoint = 256;

// What a full disk still takes: the little that ends or keeps a laptop's access.
bool IsUrgent(Priority priority) { return priority <= Priority::kRenewal; }

// What items of `priority` may fill of `all`.
std::size_t Share(std::size_t all, Priority priority) {
  return all - all / 16 * static_cast<std::size_t>(priority);
}

}  // namespace

GroupCommit::GroupCommit(Connection& db, Options options)
    : db_(db), options_(std::move(options)), read_only_(options_.read_only) {
  if (!options_.own_thread) return;
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "parc-commit");
}

GroupCommit::~GroupCommit() { Stop(); }

absl::Status GroupCommit::Submit(Priority priority, std::size_t bytes, Work work, Done done) {
  const Lock lock(mutex_);
  if (!fault_.ok()) {
    return Refuse(absl::StatusCode::kUnavailable, "STORAGE_FAILED",
                  "the disk failed; the daemon is stopping");
  }
  if (stopping_)
    return Refuse(absl::StatusCode::kUnavailable, "STOPPING", "the daemon is stopping");
  if (read_only_ && !IsUrgent(priority)) {
    return Refuse(absl::StatusCode::kResourceExhausted, "STORAGE_FULL", "the disk is full");
  }
  if (queued_ >= Share(options_.max_queue, priority) ||
      queued_bytes_ + bytes > Share(options_.max_queue_bytes, priority))
    return Busy();
  queues_[static_cast<std::size_t>(priority)].push_back(
      {priority, bytes, std::move(work), std::move(done), {}});
  queued_bytes_ += bytes;
  if (queued_++ == 0) wake_.notify_one();
  return absl::OkStatus();
}

absl::Status GroupCommit::CheckRoom(Priority priority) const {
  {
    const Lock lock(mutex_);
    if (queued_ < Share(options_.max_queue, priority)) return absl::OkStatus();
  }
  return Busy();
}

bool GroupCommit::IsAwaited() const {
  const Lock lock(mutex_);
  return queued_ > queues_[static_cast<std::size_t>(Priority::kChore)].size();
}

absl::Status GroupCommit::Busy() const {
  refused_.fetch_add(1, std::memory_order_relaxed);
  return Refuse(absl::StatusCode::kResourceExhausted, "BUSY",
                "the daemon is busy; try again later");
}

void GroupCommit::Stop() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

GroupCommit::Counters GroupCommit::counters() const {
  const Lock lock(mutex_);
  return {items_.load(), batches_.load(), refused_.load(), queued_};
}

double GroupCommit::Load() const {
  const Lock lock(mutex_);
  const std::size_t full = Share(options_.max_queue, Priority::kCheckIn);
  return std::min(1.0, static_cast<double>(queued_) / static_cast<double>(full));
}

bool GroupCommit::read_only() const {
  const Lock lock(mutex_);
  return read_only_;
}

void GroupCommit::Resume() {
  const Lock lock(mutex_);
  read_only_ = false;
}

void GroupCommit::FailNextCommit(absl::Status status) {
  const Lock lock(mutex_);
  next_commit_ = std::move(status);
}

void GroupCommit::TakeFirst(std::deque<Pending>& queue, std::vector<Pending>& batch) {
  queued_bytes_ -= queue.front().bytes;
  --queued_;
  batch.push_back(std::move(queue.front()));
  queue.pop_front();
}

std::vector<GroupCommit::Pending> GroupCommit::TakeBatch() {
  std::vector<Pending> batch;
  std::deque<Pending>& chores = queues_[static_cast<std::size_t>(Priority::kChore)];
  if (!chores.empty() && (chore_is_next_ || queued_ == chores.size())) {
    chore_is_next_ = false;
    TakeFirst(chores, batch);
    return batch;
  }
  chore_is_next_ = true;
  for (std::deque<Pending>& queue : queues_) {
    if (&queue == &chores) break;
    while (!queue.empty() && batch.size() < options_.max_batch) TakeFirst(queue, batch);
  }
  return batch;
}

std::vector<GroupCommit::Pending> GroupCommit::NextBatch() {
  std::vector<Pending> batch;
  while (true) {
    mutex_.lock();
    if (queued_ == 0 && !stopping_) {
      // Nothing left to checkpoint either: sleep until there is work.
      if (batches_since_checkpoint_ == 0) {
        wake_.wait(mutex_);
      } else {
        wake_.wait_for(mutex_, kIdle);
      }
    }
    batch = TakeBatch();
    const bool stop = stopping_;
    mutex_.unlock();
    if (!batch.empty() || stop) return batch;
    CheckpointInGap();
  }
}

void GroupCommit::Run() {
  while (true) {
    std::vector<Pending> batch = NextBatch();
    if (batch.empty()) break;
    WriteAndTell(batch);
  }
  CheckpointInGap();
}

bool GroupCommit::WriteBatch() {
  std::vector<Pending> batch;
  {
    const Lock lock(mutex_);
    batch = TakeBatch();
  }
  if (batch.empty()) return false;
  WriteAndTell(batch);
  return true;
}

void GroupCommit::WriteAndTell(std::vector<Pending>& batch) {
  Write(batch);
  for (Pending& item : batch) item.done(item.status);
  if (batches_since_checkpoint_ >= kBatchesPerCheckpoint) CheckpointInGap();
}

void GroupCommit::Write(std::vector<Pending>& batch) {
  std::vector<Pending*> items;
  for (Pending& item : batch) items.push_back(&item);
  absl::Status durable = Transact(items);
  if (ReasonOf(durable) == "STORAGE_FULL") durable = BecomeReadOnly(durable, items);
  items_.fetch_add(batch.size(), std::memory_order_relaxed);
  batches_.fetch_add(1, std::memory_order_relaxed);
  ++batches_since_checkpoint_;
  // A full disk, or another program that locks the file: nothing was written, so the next batch may
  // try again.
  const std::string reason = ReasonOf(durable);
  if (!durable.ok() && reason != "STORAGE_FULL" && reason != "STORAGE_BUSY") Fail(durable);
}

absl::Status GroupCommit::Transact(const std::vector<Pending*>& items) {
  absl::Status durable;
  {
    const Lock lock(mutex_);
    durable = fault_;
  }
  if (durable.ok()) durable = db_.Execute("BEGIN IMMEDIATE");
  if (durable.ok()) {
    for (Pending* item : items) {
      item->status = Savepoint(db_, [&] { return item->work(db_); });
      // The statement that met a full or broken disk may have ended the transaction with everything
      // in it; and where one item finds no room, those after it are not to take what is left.
      if (!db_.in_transaction() || ReasonOf(item->status) == "STORAGE_FULL") {
        durable = item->status;
        break;
      }
    }
    if (durable.ok()) durable = Commit();
  }
  if (durable.ok()) return durable;
  if (db_.in_transaction()) db_.Execute("ROLLBACK").IgnoreError();
  for (Pending* item : items) item->status = durable;
  return durable;
}

absl::Status GroupCommit::BecomeReadOnly(const absl::Status& full,
                                         const std::vector<Pending*>& items) {
  {
    const Lock lock(mutex_);
    read_only_ = true;
  }
  if (options_.on_full) options_.on_full(full);
  // What was undone still lies in the log, and may be all that fills the disk.
  db_.Checkpoint(/*truncate=*/true).IgnoreError();
  std::vector<Pending*> urgent;
  for (Pending* item : items) {
    if (IsUrgent(item->priority)) urgent.push_back(item);
  }
  return urgent.empty() ? full : Transact(urgent);
}

void GroupCommit::Fail(const absl::Status& fault) {
  bool first = false;
  {
    const Lock lock(mutex_);
    first = fault_.ok();
    if (first) fault_ = fault;
  }
  if (first && options_.on_fault) options_.on_fault(fault);
}

absl::Status GroupCommit::Commit() {
  absl::Status injected;
  {
    const Lock lock(mutex_);
    injected = std::exchange(next_commit_, absl::OkStatus());
  }
  if (!injected.ok()) return injected;
  return db_.Execute("COMMIT");
}

void GroupCommit::CheckpointInGap() {
  if (batches_since_checkpoint_ == 0) return;
  batches_since_checkpoint_ = 0;
  // A checkpoint that fails loses nothing: the WAL still holds every commit. A broken disk shows at
  // the next COMMIT.
  db_.Checkpoint(/*truncate=*/false).IgnoreError();
  const bool full = read_only();
  if (db_.wal_pages() > (full ? 0 : options_.max_wal_pages)) {
    db_.Checkpoint(/*truncate=*/true).IgnoreError();
    if (full && db_.wal_pages() > 0) batches_since_checkpoint_ = 1;  // a reader was in the way
  }
}

}  // namespace parc::store
