#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

// Dates and the hash of the issuer's name of the first certificate in `text` (PEM, or DER alone);
// nothing else of it is told. INVALID_ARGUMENT when there is none.
absl::StatusOr<v1::VpnCertificate> ReadVpnCertificate(std::string_view text);

// True when the private key in `key` belongs to the first certificate of `certificate`. Nothing
// when that cannot be told: the key is locked with a passphrase, or on a token. A key that is
// damaged belongs to none.
std::optional<bool> KeyMatches(std::string_view certificate, std::string_view key);

struct AuthorityFacts {
  std::int64_t not_after = 0;  // earliest end, UTC seconds
  bool signs = false;  // the certificate, through what comes with it; dates are not looked at
};

// What the certificates in `authorities` say of the first one in `certificate` (which may be
// empty). INVALID_ARGUMENT when there is none.
absl::StatusOr<AuthorityFacts> ReadAuthority(std::string_view authorities,
                                             std::string_view certificate);

// When the revocation list should be replaced, UTC seconds. INVALID_ARGUMENT when there is none.
absl::StatusOr<std::int64_t> ReadNextUpdate(std::string_view list);

}  // namespace parc::agent
