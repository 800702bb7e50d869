#pragma once

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/inventory/reason.h"
#include "daemon/store/mutex.h"
#include "daemon/store/sql.h"

namespace parc::store {

// Threads ("parc-read-N") that answer questions, each by a read-only connection of its own and a
// Session made over it. A job runs inside one read transaction: it sees one snapshot, and its
// readers hold the WAL no longer than it runs.
template <typename Session>
class ReaderPool {
 public:
  using Job = std::function<void(absl::StatusOr<Session*> session)>;
  using Factory = std::function<std::unique_ptr<Session>(Connection&)>;
  static constexpr std::size_t kMaxQueue = 1024;

  // Opens the connections at once. `file` exists and has been migrated.
  static absl::StatusOr<std::unique_ptr<ReaderPool>> Open(const std::filesystem::path& file,
                                                          int threads, Factory factory) {
    std::unique_ptr<ReaderPool> pool(new ReaderPool());
    for (int i = 0; i < threads; ++i) {
      absl::StatusOr<std::unique_ptr<Connection>> db =
          Connection::Open(file, Connection::Mode::kReader);
      if (!db.ok()) return db.status();
      auto session = factory(**db);
      pool->threads_.emplace_back([pool = pool.get(), db = *std::move(db),
                                   session = std::move(session)] { pool->Run(*db, *session); });
      pthread_setname_np(pool->threads_.back().native_handle(),
                         ("parc-read-" + std::to_string(i + 1)).c_str());
    }
    return pool;
  }
  ~ReaderPool() { Stop(); }
  ReaderPool(ReaderPool&&) = delete;

  // Queues `job`; it runs once, on a reader thread, with a session or with the reason why there is
  // none. Never blocks. RESOURCE_EXHAUSTED BUSY when too much waits, UNAVAILABLE STOPPING after
  // Stop: then `job` does not run.
  absl::Status Submit(Job job) {
    const Lock lock(mutex_);
    if (stopping_)
      return Refuse(absl::StatusCode::kUnavailable, "STOPPING", "the daemon is stopping");
    if (jobs_.size() >= kMaxQueue) {
      return Refuse(absl::StatusCode::kResourceExhausted, "BUSY",
                    "the daemon is busy; try again later");
    }
    jobs_.push_back(std::move(job));
    wake_.notify_one();
    return absl::OkStatus();
  }

  // Runs what is queued and ends the threads.
  void Stop() {
    {
      const Lock lock(mutex_);
      stopping_ = true;
      wake_.notify_all();
    }
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  ReaderPool() = default;

  void Run(Connection& db, Session& session) {
    while (true) {
      mutex_.lock();
      while (jobs_.empty() && !stopping_) wake_.wait(mutex_);
      if (jobs_.empty()) {
        mutex_.unlock();
        return;
      }
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      mutex_.unlock();
      if (absl::Status begun = db.Execute("BEGIN"); begun.ok()) {
        job(&session);
        db.Execute("COMMIT").IgnoreError();  // read-only: nothing can be lost
      } else {
        job(begun);
      }
    }
  }

  Mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Job> jobs_ PARC_GUARDED_BY(mutex_);
  bool stopping_ PARC_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace parc::store
