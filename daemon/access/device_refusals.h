#pragma once

#include <string_view>

#include "absl/status/status.h"

// What a device is told whose call is not admitted; the agent branches on the reason.
namespace parc::access {

// PERMISSION_DENIED UNKNOWN_DEVICE.
absl::Status UnknownDevice();
// PERMISSION_DENIED DEVICE_REVOKED, for a device that was revoked or replaced. `why` is what the
// person who did it said.
absl::Status DeviceRevoked(std::string_view why);
// PERMISSION_DENIED CERT_SUPERSEDED.
absl::Status CertificateSuperseded();
// ALREADY_EXISTS KEY_ALREADY_ENROLLED.
absl::Status KeyAlreadyEnrolled();

}  // namespace parc::access
