#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/sql.h"

namespace parc::store {

inline constexpr std::string_view kRequestPending = "PENDING";
inline constexpr std::string_view kRequestApproved = "APPROVED";
inline constexpr std::string_view kRequestRejected = "REJECTED";
inline constexpr std::string_view kRequestExpired = "EXPIRED";

// How long a request waits for a person, and an approved one for its laptop; then it is expired,
// whether or not a write has noted it yet.
inline constexpr std::int64_t kRequestLifetime = std::int64_t{14} * 24 * 3600 * 1'000'000;

struct EnrolmentRequestRecord {
  std::int64_t row = 0;
  std::string request;      // UUID
  std::int64_t token = 0;   // row
  std::string spki_sha256;  // hexadecimal
  std::string state;
  bool automatic = false;  // a bound token decided, no person
  // What the laptop says of itself.
  std::string serial;
  std::optional<std::string> serial_key;
  std::string uuid;
  std::string manufacturer;
  std::string model;
  std::string agent_version;
  std::string fingerprint;
  std::string question;                   // why a person must decide
  std::optional<std::int64_t> laptop;     // bound to, or decided
  std::optional<std::int64_t> displaces;  // the live device that the approval knew of
  std::optional<std::int64_t> device;     // once the certificate is issued
  std::int64_t created = 0;
  std::optional<std::int64_t> decided;
  std::string decided_by;
};

// A laptop's record as an enrolment looks at it.
struct EnrolmentCandidate {
  std::int64_t laptop = 0;
  std::string asset_tag;
  std::string serial;
  std::string state;                        // LaptopState
  std::string uuid;                         // by its reports; empty before the first
  std::optional<std::int64_t> live_device;  // row
};

// Enrolments under way. Used on the writer's connection only.
class EnrolmentStore {
 public:
  explicit EnrolmentStore(Connection& db);

  absl::StatusOr<std::optional<EnrolmentCandidate>> CandidateByRow(std::int64_t laptop);
  absl::StatusOr<std::optional<EnrolmentCandidate>> CandidateBySerial(std::string_view serial_key);

  // The request that was made by this token, secret and key, whatever became of the token since.
  absl::StatusOr<std::optional<EnrolmentRequestRecord>> FindRepeated(std::string_view token,
                                                                     std::string_view secret_sha256,
                                                                     std::string_view spki_sha256);
  absl::StatusOr<std::optional<EnrolmentRequestRecord>> Find(std::string_view request);
  // Requests that wait for a person.
  absl::StatusOr<std::int64_t> CountPending();

  absl::Status Insert(const EnrolmentRequestRecord& request);
  // Stores state, laptop, displaces, device and who decided when.
  absl::Status Decide(const EnrolmentRequestRecord& request);
  // A key has one open request: those it made by other tokens make room for a new one.
  absl::Status ForgetOpenOf(std::string_view spki_sha256);
  // Requests that nobody decided, or fetched, since `before` end as kRequestExpired.
  absl::Status ExpireOpen(std::int64_t before, std::int64_t now);
  // Approvals for `laptop` that were not fetched end as kRequestRejected.
  absl::Status RejectApprovedFor(std::int64_t laptop, std::int64_t now);
  // Requests that ended without a device before `before`.
  absl::Status ForgetEnded(std::int64_t before);

 private:
  Statement candidate_by_row_;
  Statement candidate_by_serial_;
  Statement find_repeated_;
  Statement find_;
  Statement count_pending_;
  Statement insert_;
  Statement decide_;
  Statement forget_open_of_;
  Statement expire_open_;
  Statement reject_approved_for_;
  Statement forget_ended_;
};

}  // namespace parc::store
