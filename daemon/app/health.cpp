#include "daemon/app/health.h"

#include <utility>

#include "daemon/access/time_units.h"
#include "daemon/inventory/reason.h"

namespace parc::app {
namespace {

// Seven of the probes that are made every five seconds.
constexpr std::int64_t kCommitIsOld = 35 * access::kSecond;

}  // namespace

void Health::SetListeners(absl::Status status) {
  const std::lock_guard lock(mutex_);
  if (!status.ok()) ++figures_.failed_self_checks;
  listeners_ = std::move(status);
}

void Health::NoteCommit(std::int64_t now) {
  const std::lock_guard lock(mutex_);
  last_commit_ = now;
  failed_write_ = absl::OkStatus();
}

void Health::NoteFailedWrite(absl::Status status) {
  const std::lock_guard lock(mutex_);
  failed_write_ = std::move(status);
}

absl::Status Health::Ready(std::int64_t now) const {
  const std::lock_guard lock(mutex_);
  if (!listeners_.ok()) {
    return Refuse(absl::StatusCode::kUnavailable, "NOT_READY", std::string(listeners_.message()));
  }
  if (ReasonOf(failed_write_) == "STORAGE_FULL") {
    return Refuse(absl::StatusCode::kUnavailable, "NOT_READY", "the disk is full");
  }
  if (now - last_commit_ > kCommitIsOld) {
    return Refuse(absl::StatusCode::kUnavailable, "NOT_READY", "the database does not take writes");
  }
  return absl::OkStatus();
}

Health::Figures Health::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

void Health::SetFleet(std::map<std::string, std::int64_t> by_state,
                      std::map<std::string, std::int64_t> verdicts) {
  const std::lock_guard lock(mutex_);
  figures_.laptops_by_state = std::move(by_state);
  figures_.verdicts = std::move(verdicts);
}

void Health::SetSizes(std::int64_t database_bytes, std::int64_t wal_bytes) {
  const std::lock_guard lock(mutex_);
  figures_.database_bytes = database_bytes;
  figures_.wal_bytes = wal_bytes;
}

}  // namespace parc::app
