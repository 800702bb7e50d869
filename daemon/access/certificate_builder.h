#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/access/openssl.h"
#include "daemon/access/random.h"

namespace parc::access {

// One certificate to be. Names of one kind stand in the subject alternative name as given.
struct CertificatePlan {
  std::string common_name;
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
  std::string basic_constraints;   // as OpenSSL's configuration writes it
  std::string key_usage;           // the same
  std::string extended_key_usage;  // the same; empty for a CA
  std::vector<std::string> uris;
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;
};

// `issuer` is null for a root, which signs itself.
struct Signer {
  X509* issuer = nullptr;
  EVP_PKEY* key = nullptr;
  const EVP_MD* digest = nullptr;
};

// Builds and signs, with a random serial of 16 bytes and the key identifiers of both ends.
// INVALID_ARGUMENT for a name that cannot stand in a certificate.
absl::StatusOr<X509Ptr> BuildCertificate(const CertificatePlan& plan, EVP_PKEY* subject_key,
                                         const Signer& signer, const RandomBytes& random);

}  // namespace parc::access
