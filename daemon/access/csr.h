#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace parc::access {

inline constexpr std::size_t kMaxCsrBytes = 4096;

// What Parc takes from a certificate request: the public key, and nothing else.
struct PublicKey {
  std::string spki;         // SubjectPublicKeyInfo in DER: EC P-256, named curve, uncompressed
  std::string spki_sha256;  // 32 bytes

  bool operator==(const PublicKey&) const = default;
};

// Reads a PKCS#10 request in DER and proves that its maker holds the private key. Subject and
// requested extensions are ignored. INVALID_ARGUMENT CSR_TOO_LARGE, CSR_TRAILING (bytes behind the
// request), CSR_INVALID (everything else).
absl::StatusOr<PublicKey> ParseCsr(std::string_view der);

// The first 64 bits of a key's hash as four words that can be read out over the phone, by which a
// person compares a request on two screens: "lusab-babad-gutih-tugad" (proquints, arXiv:0901.4016).
std::string FingerprintWords(std::string_view spki_sha256);

}  // namespace parc::access
