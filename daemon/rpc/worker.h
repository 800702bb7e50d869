#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/status/status.h"

namespace parc::rpc {

// One thread for jobs of seconds, one at a time, in order.
class Worker {
 public:
  struct Kind {
    const char* thread;  // its name, e.g. "parc-files"
    const char* busy;    // what to tell when too much waits
    // Added to the niceness of the thread: how far what it does stands back behind the others.
    int nice = 0;
  };
  explicit Worker(const Kind& kind);
  // Runs what is queued, then ends the thread.
  ~Worker();
  Worker(Worker&&) = delete;

  // Never blocks. RESOURCE_EXHAUSTED BUSY when too much waits.
  absl::Status Submit(std::function<void()> job);

 private:
  void Run();

  const Kind kind_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;  // guarded by mutex_
  bool stopping_ = false;                   // guarded by mutex_
  std::thread thread_;
};

}  // namespace parc::rpc
