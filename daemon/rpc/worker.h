#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/status/status.h"

namespace parc::rpc {

// One thread ("parc-files") for jobs of seconds: reading an imported file, writing a backup. One at
// a time, in order.
class Worker {
 public:
  Worker();
  // Runs what is queued, then ends the thread.
  ~Worker();
  Worker(Worker&&) = delete;

  // Never blocks. RESOURCE_EXHAUSTED BUSY when too much waits.
  absl::Status Submit(std::function<void()> job);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;  // guarded by mutex_
  bool stopping_ = false;                   // guarded by mutex_
  std::thread thread_;
};

}  // namespace parc::rpc
