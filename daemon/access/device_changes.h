#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/ca.h"
#include "daemon/access/devices.h"
#include "daemon/access/random.h"

namespace parc::store {
class Connection;
}

namespace parc::access {

// What an agent sends to be enrolled; identifiers as the firmware prints them.
struct EnrolCall {
  std::string token;
  std::string csr;  // DER
  std::string serial;
  std::string uuid;
  std::string manufacturer;
  std::string model;
  std::string agent_version;
};

enum class EnrolOutcome { kIssued, kPending, kPendingTakeover, kRejected };

struct EnrolAnswer {
  EnrolOutcome outcome = EnrolOutcome::kPending;
  std::string device_id;          // with kIssued
  DeviceCertificate certificate;  // with kIssued
  std::int64_t poll_after = 0;    // microseconds; while pending
  std::string fingerprint;        // words; while pending
};

struct EnrolmentTokenWish {
  std::string laptop;  // asset tag (or serial of a record); at most one of the two is set
  std::string serial;
  int max_uses = 1;
  std::int64_t lifetime = 0;  // microseconds; 0: 24 hours
  bool allow_replace = false;
};

// Why a token was rejected, for the log: the answer itself tells nobody. Empty for other statuses.
std::string RejectionCause(const absl::Status& status);

// For what a change did: what to do once it is on disk.
using Effect = std::function<void()>;

// Enrolment, renewal, approval and revocation of devices. Every call runs on the commit thread,
// inside the transaction of its request: an error undoes all that the request did. Calls that
// change what Devices knows answer through `effect`, which the caller runs after the commit and
// drops otherwise.
class DeviceChanges {
 public:
  DeviceChanges(store::Connection& writer, Devices& devices, const CertificateAuthority& ca,
                RandomBytes random);
  ~DeviceChanges();
  DeviceChanges(DeviceChanges&&) = delete;

  // Of the certificates that it issues. From any thread.
  std::int64_t device_lifetime() const;

  // INVALID_ARGUMENT BAD_TOKEN_FORMAT, CSR_*, BAD_TEXT; UNAUTHENTICATED TOKEN_REJECTED (one text
  // for every cause); ALREADY_EXISTS KEY_ALREADY_ENROLLED; RESOURCE_EXHAUSTED QUEUE_FULL.
  // Idempotent for the same token and key.
  absl::StatusOr<EnrolAnswer> Enrol(const EnrolCall& call, std::int64_t now, Effect& effect);

  // INVALID_ARGUMENT CSR_*, KEY_REUSE; ALREADY_EXISTS KEY_ALREADY_ENROLLED; PERMISSION_DENIED as
  // Devices::Admit, for what happened since. Idempotent for the same key. The current certificate
  // stays valid until the next one is first used. Promotes first when `device` says so.
  absl::StatusOr<DeviceCertificate> Renew(const DeviceIdentity& device, std::string_view csr,
                                          std::int64_t now, Effect& effect);

  // The next certificate of `device` was used for the first time: it becomes the current one. Twice
  // is the same as once. PERMISSION_DENIED as Devices::Admit, for what happened since.
  absl::Status Promote(const DeviceIdentity& device, std::int64_t now, Effect& effect);

  // INVALID_ARGUMENT OUT_OF_RANGE, BAD_BINDING, BAD_SERIAL; NOT_FOUND LAPTOP_NOT_FOUND;
  // FAILED_PRECONDITION LAPTOP_RETIRED, or BAD_STATE for a laptop that is lost or stolen.
  //
  // The token's text is in `secret` and nowhere else, and must not reach the database. But
  // fleet::Changes keeps the bytes that `apply` returns, to answer a repeated request id. So
  // `apply` returns the answer without the secret and leaves the secret in a variable that it
  // shares with `done`; `done` puts it into the answer before it sends it. A repeated request id
  // does not run `apply`: the variable is empty, and its caller gets the token's row without a
  // secret (and revokes it, when the first answer was lost).
  struct CreatedToken {
    std::string id;
    std::string secret;  // "parcE1.…"
  };
  absl::StatusOr<CreatedToken> CreateEnrolmentToken(const EnrolmentTokenWish& wish,
                                                    std::string_view actor, std::int64_t now);
  // Nobody new enrols by it; requests made by it before stay for people to decide. Twice is the
  // same as once. NOT_FOUND TOKEN_NOT_FOUND.
  absl::Status RevokeEnrolmentToken(std::string_view id, std::int64_t now);

  // Twice is the same as once. NOT_FOUND DEVICE_NOT_FOUND.
  absl::Status RevokeDevice(std::string_view id, std::string_view reason, std::int64_t now,
                            Effect& effect);
  // Every live device of a laptop; no error when there is none. What fleet::RevokeDevices calls.
  absl::Status RevokeDevicesOf(std::int64_t laptop, std::string_view reason, std::int64_t now,
                               Effect& effect);

  // `laptop` (asset tag, or serial of a record) is required when the token was bound to none and no
  // record matches the request by serial: INVALID_ARGUMENT LAPTOP_REQUIRED. The live device that
  // the laptop has now may be replaced when the certificate is fetched, and no other: of a laptop
  // that the request does not show, only with `allow_replace`, FAILED_PRECONDITION DEVICE_LIVE
  // without. FAILED_PRECONDITION TOKEN_BOUND for another laptop than the token's.
  // FAILED_PRECONDITION BAD_STATE for a request that was decided already or waited too long, and
  // for a laptop that is lost, stolen or retired; NOT_FOUND REQUEST_NOT_FOUND, LAPTOP_NOT_FOUND.
  absl::Status ApproveRequest(std::string_view id, std::string_view laptop, bool allow_replace,
                              std::string_view actor, std::int64_t now);
  // An approved request too, as long as its certificate was not fetched. Twice is the same as once.
  absl::Status RejectRequest(std::string_view id, std::string_view actor, std::int64_t now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace parc::access
