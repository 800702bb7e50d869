#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace parc::access {

// Who stands at the other end of a TLS connection, by its certificate alone.
struct PeerCertificate {
  enum class Kind {
    kDevice,
    kSelfCheck,  // the daemon's own health probe: may call Health and nothing else
  };
  Kind kind = Kind::kDevice;
  std::string device_id;  // UUID; empty for the self-check
  std::string serial;     // lower-case hexadecimal
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
  std::string spki_sha256;  // 32 bytes

  bool operator==(const PeerCertificate&) const = default;
};

// Reads leaf certificates, and remembers the last ones: a connection shows the same one with every
// call. Thread safe.
class PeerCertificates {
 public:
  // `issuers`: certificates (DER) of the issuing CAs in force. A peer whose certificate was signed
  // by none of them is a stranger, whatever the TLS stack made of it.
  static absl::StatusOr<PeerCertificates> Make(const std::vector<std::string>& issuers,
                                               std::string trust_domain,
                                               std::size_t capacity = 8192);
  PeerCertificates(PeerCertificates&&) noexcept;
  ~PeerCertificates();

  // `leaf` in PEM (as gRPC's x509_pem_cert has it) or DER. UNAUTHENTICATED BAD_CERTIFICATE unless
  // it is signed by an issuer, is for client authentication only, and has exactly one SPIFFE name,
  // of this trust domain. Dates are the caller's to judge: a connection may outlive them.
  absl::StatusOr<PeerCertificate> Read(std::string_view leaf);

 private:
  struct State;
  explicit PeerCertificates(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace parc::access
