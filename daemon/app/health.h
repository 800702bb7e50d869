#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "absl/status/status.h"

namespace parc::app {

// What the daemon last found out about itself. Thread safe.
class Health {
 public:
  // `status` of the newest look at the listeners.
  void SetListeners(absl::Status status);
  // A write reached the disk at `now`.
  void NoteCommit(std::int64_t now);
  // A write failed, by `status`; holds until the next NoteCommit.
  void NoteFailedWrite(absl::Status status);

  // OK when the listeners answered at the last look and a write succeeded lately; otherwise what is
  // wrong. UNAVAILABLE NOT_READY.
  absl::Status Ready(std::int64_t now) const;

  struct Figures {
    std::uint64_t failed_self_checks = 0;
    std::map<std::string, std::int64_t> laptops_by_state;
    std::map<std::string, std::int64_t> verdicts;
    std::int64_t database_bytes = 0;
    std::int64_t wal_bytes = 0;
  };
  Figures figures() const;
  void SetFleet(std::map<std::string, std::int64_t> by_state,
                std::map<std::string, std::int64_t> verdicts);
  void SetSizes(std::int64_t database_bytes, std::int64_t wal_bytes);

 private:
  mutable std::mutex mutex_;
  absl::Status listeners_ = absl::UnavailableError("the daemon is starting");  // guarded by mutex_
  absl::Status failed_write_;     // OK: none since the last commit; guarded by mutex_
  std::int64_t last_commit_ = 0;  // guarded by mutex_
  Figures figures_;               // guarded by mutex_
};

}  // namespace parc::app
