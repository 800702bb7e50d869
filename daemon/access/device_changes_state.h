#pragma once

#include <optional>
#include <string>
#include <utility>

#include "daemon/access/csr.h"
#include "daemon/access/device_changes.h"
#include "daemon/access/time_units.h"
#include "daemon/store/device_store.h"
#include "daemon/store/enrolment_store.h"
#include "daemon/store/laptop_store.h"
#include "daemon/store/token_store.h"

namespace parc::access {

using store::kRequestLifetime;
inline constexpr std::int64_t kEndedRequestsKept = 14 * kDay;
inline constexpr std::int64_t kExpiredTokensKept = 30 * kDay;
inline constexpr std::int64_t kMaxPendingRequests = 200;

// What DeviceChanges works with; for the files that implement it.
struct DeviceChanges::State {
  State(store::Connection& writer, Devices& known, const CertificateAuthority& authority,
        RandomBytes dice)
      : devices(writer),
        enrolments(writer),
        tokens(writer),
        laptops(writer),
        memory(known),
        ca(authority),
        random(std::move(dice)) {}

  // Has the memory know the device as the transaction leaves it.
  absl::Status Publish(std::int64_t row, Effect& effect);
  // The device as the transaction sees it. PERMISSION_DENIED UNKNOWN_DEVICE, DEVICE_REVOKED.
  absl::StatusOr<store::DeviceRecord> Active(std::int64_t row);
  // Ends the device `row`.
  absl::Status End(std::int64_t row, std::string_view state, std::string_view reason,
                   std::int64_t now, Effect& effect);
  // Makes the certificate that `device` showed the current one, if it is the next one.
  // PERMISSION_DENIED CERT_SUPERSEDED when it is neither.
  absl::Status Promote(const DeviceIdentity& device, Effect& effect);

  // A new request of `key` by `token`, which has just been used.
  absl::StatusOr<EnrolAnswer> Begin(const store::EnrolmentTokenRecord& token,
                                    store::EnrolmentRequestRecord request, const PublicKey& key,
                                    std::int64_t now, Effect& effect);
  // A request that was made before.
  absl::StatusOr<EnrolAnswer> Repeat(store::EnrolmentRequestRecord request, const PublicKey& key,
                                     std::int64_t now, Effect& effect);
  absl::StatusOr<EnrolAnswer> FetchApproved(store::EnrolmentRequestRecord request,
                                            const PublicKey& key, std::int64_t now, Effect& effect);
  absl::StatusOr<EnrolAnswer> IssuedBefore(const store::EnrolmentRequestRecord& request,
                                           std::int64_t now);
  // Makes the device of `laptop` in the place of its live one, if any, and notes it in `request`.
  absl::StatusOr<EnrolAnswer> Issue(store::EnrolmentRequestRecord& request,
                                    const store::EnrolmentCandidate& laptop, const PublicKey& key,
                                    std::int64_t now, Effect& effect);
  // The record that a request is about: bound or decided, else by serial.
  absl::StatusOr<std::optional<store::EnrolmentCandidate>> CandidateOf(
      const store::EnrolmentRequestRecord& request);
  // What `request` says against the record `laptop`; empty when nothing.
  absl::StatusOr<std::string> Disagreement(const store::EnrolmentRequestRecord& request,
                                           const store::EnrolmentCandidate& laptop);
  // Ends what waited too long, and forgets what ended long ago.
  absl::Status Tidy(std::int64_t now);

  store::DeviceStore devices;
  store::EnrolmentStore enrolments;
  store::EnrolmentTokenStore tokens;
  store::LaptopStore laptops;
  Devices& memory;
  const CertificateAuthority& ca;
  const RandomBytes random;
};

// A laptop that no device may report for.
bool IsGone(const store::EnrolmentCandidate& laptop);

// The certificate as it is stored, and back.
store::CertificateRecord ToRecord(const DeviceCertificate& certificate, const PublicKey& key,
                                  std::int64_t device, std::int64_t now);
DeviceCertificate FromRecord(const store::CertificateRecord& record);

}  // namespace parc::access
