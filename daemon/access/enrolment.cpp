#include "daemon/access/enrolment.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/access/rate_limit.h"
#include "daemon/access/time_units.h"
#include "daemon/inventory/reason.h"
#include "daemon/store/group_commit.h"
#include "daemon/store/mutex.h"

namespace parc::access {
namespace {

absl::Status TooManyRequests() {
  return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_REQUESTS",
                "Too many requests; try again later.");
}

// What a change answered, on its way over the commit.
template <typename T>
struct Pending {
  std::optional<T> answer;
  Effect effect;
  std::function<void(absl::StatusOr<T>)> done;
};

template <typename T>
absl::Status Submit(store::GroupCommit& commits, store::Priority priority, std::size_t bytes,
                    std::function<absl::StatusOr<T>(Effect&)> change,
                    std::function<void(absl::StatusOr<T>)> done) {
  auto pending = std::make_shared<Pending<T>>();
  pending->done = std::move(done);
  return commits.Submit(
      priority, bytes,
      [pending, change = std::move(change)](store::Connection&) {
        absl::StatusOr<T> answer = change(pending->effect);
        if (!answer.ok()) return answer.status();
        pending->answer = *std::move(answer);
        return absl::OkStatus();
      },
      [pending](const absl::Status& status) {
        if (!status.ok()) return pending->done(status);
        if (pending->effect) pending->effect();
        pending->done(*std::move(pending->answer));
      });
}

}  // namespace

struct Enrolment::State {
  store::GroupCommit& commits;
  DeviceChanges& changes;
  store::Mutex mutex;
  RateLimit by_source PARC_GUARDED_BY(mutex){kSecond, 5};
  RateLimit in_all PARC_GUARDED_BY(mutex){kSecond / 20, 20};
  // A device renews every few weeks; what comes more often is broken or hostile.
  RateLimit by_device PARC_GUARDED_BY(mutex);

  bool TakeEnrolment(std::string_view source, std::int64_t now) {
    const store::Lock lock(mutex);
    if (!by_source.Allows(source, now) || !in_all.Allows("", now)) return false;
    by_source.Take(source, now);
    in_all.Take("", now);
    return true;
  }

  bool TakeRenewal(const std::string& device, std::int64_t now) {
    const store::Lock lock(mutex);
    if (!by_device.Allows(device, now)) return false;
    by_device.Take(device, now);
    return true;
  }
};

Enrolment::Enrolment(store::GroupCommit& commits, DeviceChanges& changes)
    : state_(
          new State{.commits = commits,
                    .changes = changes,
                    .mutex = {},
                    .by_device = RateLimit(std::min(kMinute, changes.device_lifetime() / 8), 5)}) {}

Enrolment::~Enrolment() = default;

absl::Status Enrolment::SubmitEnrol(EnrolCall call, std::string_view source, std::int64_t now,
                                    std::function<void(absl::StatusOr<EnrolAnswer>)> done) {
  if (!state_->TakeEnrolment(source, now)) return TooManyRequests();
  const std::size_t bytes = sizeof(EnrolCall) + call.csr.size() + call.serial.size() +
                            call.uuid.size() + call.manufacturer.size() + call.model.size() +
                            call.token.size() + call.agent_version.size();
  return Submit<EnrolAnswer>(
      state_->commits, store::Priority::kChange, bytes,
      [changes = &state_->changes, call = std::move(call), now](Effect& effect) {
        return changes->Enrol(call, now, effect);
      },
      std::move(done));
}

absl::Status Enrolment::SubmitRenew(DeviceIdentity device, std::string csr, std::int64_t now,
                                    std::function<void(absl::StatusOr<DeviceCertificate>)> done) {
  if (!state_->TakeRenewal(device.id, now)) return TooManyRequests();
  const std::size_t bytes = sizeof(DeviceIdentity) + csr.size();
  return Submit<DeviceCertificate>(
      state_->commits, store::Priority::kRenewal, bytes,
      [changes = &state_->changes, device = std::move(device), csr = std::move(csr),
       now](Effect& effect) { return changes->Renew(device, csr, now, effect); },
      std::move(done));
}

}  // namespace parc::access
