#include "daemon/access/csr.h"

#include <openssl/objects.h>

#include <algorithm>
#include <array>

#include "daemon/access/digest.h"
#include "daemon/access/openssl.h"
#include "daemon/inventory/reason.h"
#include "fmt/format.h"

namespace parc::access {
namespace {

absl::Status Invalid(std::string_view why) {
  return Refuse(absl::StatusCode::kInvalidArgument, "CSR_INVALID",
                fmt::format("The certificate request is refused: {}.", why), "csr");
}

// Everything in front of the point of a P-256 key. Comparing it refuses other algorithms, other
// curves, curves written out as parameters and compressed points at once, and leaves one encoding
// for each key.
constexpr std::string_view kP256Prefix(
    "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
    "\x03\x42\x00\x04",
    27);
constexpr std::size_t kP256Size = 91;

bool SignedWithSha2(const X509_REQ* request) {
  constexpr std::array kAccepted = {NID_ecdsa_with_SHA256, NID_ecdsa_with_SHA384,
                                    NID_ecdsa_with_SHA512};
  return std::ranges::find(kAccepted, X509_REQ_get_signature_nid(request)) != kAccepted.end();
}

}  // namespace

absl::StatusOr<PublicKey> ParseCsr(std::string_view der) {
  if (der.size() > kMaxCsrBytes) {
    return Refuse(absl::StatusCode::kInvalidArgument, "CSR_TOO_LARGE",
                  fmt::format("The certificate request has {} bytes; {} are allowed.", der.size(),
                              kMaxCsrBytes),
                  "csr");
  }
  const unsigned char* at = Bytes(der);
  const X509ReqPtr request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  if (request == nullptr) {
    (void)OpenSslError("");  // empties the queue
    return Invalid("it is not PKCS#10 in DER");
  }
  if (at != Bytes(der) + der.size()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "CSR_TRAILING",
                  "There are bytes behind the certificate request.", "csr");
  }
  PublicKey key;
  key.spki = ToDer<X509_PUBKEY>(X509_REQ_get_X509_PUBKEY(request.get()), i2d_X509_PUBKEY);
  if (key.spki.size() != kP256Size || !key.spki.starts_with(kP256Prefix)) {
    return Invalid("the key must be EC P-256");
  }
  EVP_PKEY* public_key = X509_REQ_get0_pubkey(request.get());
  if (public_key == nullptr) {
    (void)OpenSslError("");
    return Invalid("the key must be EC P-256 (its point is not on the curve)");
  }
  if (!SignedWithSha2(request.get()) || X509_REQ_verify(request.get(), public_key) != 1) {
    (void)OpenSslError("");
    return Invalid("its signature does not prove that the key is held");
  }
  key.spki_sha256 = Sha256(key.spki);
  return key;
}

std::string FingerprintWords(std::string_view spki_sha256) {
  constexpr std::string_view kConsonants = "bdfghjklmnprstvz";
  constexpr std::string_view kVowels = "aiou";
  std::string words;
  for (std::size_t i = 0; i + 1 < spki_sha256.size() && i < 8; i += 2) {
    const unsigned value = static_cast<unsigned>(Bytes(spki_sha256)[i]) << 8U |
                           static_cast<unsigned>(Bytes(spki_sha256)[i + 1]);
    if (!words.empty()) words += '-';
    words += kConsonants[value >> 12U & 15U];
    words += kVowels[value >> 10U & 3U];
    words += kConsonants[value >> 6U & 15U];
    words += kVowels[value >> 4U & 3U];
    words += kConsonants[value & 15U];
  }
  return words;
}

}  // namespace parc::access
