#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/status/status.h"

namespace parc::app {

// Why the daemon ends: OK when it was told to, otherwise what broke. The first reason counts.
// Thread safe.
class Ending {
 public:
  void End(absl::Status why) {
    const std::lock_guard lock(mutex_);
    if (!why_) why_ = std::move(why);
    wake_.notify_all();
  }

  absl::Status Wait() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return why_.has_value(); });
    return *why_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<absl::Status> why_;  // guarded by mutex_
};

}  // namespace parc::app
