#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace parc::agent {

// A fresh P-256 key in PEM (PKCS#8). Its randomness is OpenSSL's own.
absl::StatusOr<std::string> MakeKeyPem();
// A PKCS#10 request in DER for the key; the server takes nothing but the public key from it.
absl::StatusOr<std::string> MakeCsr(std::string_view key_pem);

struct CertificateDates {
  std::int64_t not_before = 0;  // UTC microseconds
  std::int64_t not_after = 0;
};

// Of the first certificate in `pem`.
absl::StatusOr<CertificateDates> DatesOf(std::string_view pem);
// True when the first certificate in `chain_pem` is of this key.
bool IsOfKey(std::string_view chain_pem, std::string_view key_pem);
// Certificates in DER as one PEM text.
absl::StatusOr<std::string> ChainToPem(const std::vector<std::string>& chain_der);

}  // namespace parc::agent
