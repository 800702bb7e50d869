#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/device_changes.h"
#include "daemon/checkin/pacing.h"
#include "daemon/checkin/rejudging.h"
#include "daemon/checkin/report.h"
#include "daemon/posture/in_force.h"

namespace parc::store {
class Connection;
class GroupCommit;
}  // namespace parc::store

namespace parc::checkin {

// Takes reports: judges and stores each in one transaction, answers after the commit. Thread safe.
class Intake {
 public:
  using Done = std::function<void(absl::StatusOr<Answer>)>;

  using Clock = std::function<std::int64_t()>;  // UTC microseconds

  // `writer` is the connection that `commits` writes by. All outlive this object. By `clock` a
  // verdict is known from when it is written; without one, from when its report came.
  Intake(store::GroupCommit& commits, store::Connection& writer, access::DeviceChanges& devices,
         const posture::PolicyInForce& policies, Pacing pacing, Clock clock = {});
  ~Intake();
  Intake(Intake&&) = delete;

  // Queues the report. `done` runs once, on the commit thread, when it is on disk (or failed); not
  // at all when this answers an error: CheckReport's, RESOURCE_EXHAUSTED BUSY when the queue is
  // full, or TOO_MANY_REQUESTS for a device that calls more often than Pacing allows. Never blocks.
  absl::Status Submit(const access::DeviceIdentity& device, Report report, std::int64_t now,
                      Done done);

  // A portion of judging again (Rejudging): whatever time or a newer policy may have changed, up to
  // `limit` laptops in one transaction; judging ends early, after about two milliseconds, when a
  // report or a change waits for the writer. `done` may be empty. For a timer of the composition
  // root.
  absl::Status Rejudge(std::int64_t now, int limit,
                       std::function<void(absl::StatusOr<Rejudged>)> done);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace parc::checkin
