#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

// Dates and the hash of the issuer's name of the first certificate in `pem`; nothing else of it is
// told. INVALID_ARGUMENT when there is none.
absl::StatusOr<v1::VpnCertificate> ReadVpnCertificate(std::string_view pem);

}  // namespace parc::agent
