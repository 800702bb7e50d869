#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/device_changes.h"

namespace parc::store {
class GroupCommit;
}

namespace parc::access {

// Brings enrolments and renewals to the commit thread, and their answers back once they are on
// disk. Thread safe.
class Enrolment {
 public:
  // Both outlive this object.
  Enrolment(store::GroupCommit& commits, DeviceChanges& changes);
  ~Enrolment();
  Enrolment(Enrolment&&) = delete;

  // `source` is the caller's address, for the limit of one request a second (burst 5) per address
  // and 20 a second in all: RESOURCE_EXHAUSTED TOO_MANY_REQUESTS. `done` runs once, on the commit
  // thread, after the commit; not at all when this answers an error. Never blocks.
  absl::Status SubmitEnrol(EnrolCall call, std::string_view source, std::int64_t now,
                           std::function<void(absl::StatusOr<EnrolAnswer>)> done);
  // The same; at most one renewal a minute (burst 5) per device, or four in the half of a shorter
  // lifetime that is left when a renewal is due.
  absl::Status SubmitRenew(DeviceIdentity device, std::string csr, std::int64_t now,
                           std::function<void(absl::StatusOr<DeviceCertificate>)> done);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace parc::access
