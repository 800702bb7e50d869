#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/csr.h"
#include "daemon/access/random.h"
#include "daemon/access/time_units.h"

namespace parc::access {

struct CaOptions {
  std::string trust_domain = "parc";
  std::int64_t device_lifetime = 60 * kDay;
  std::int64_t server_lifetime = 90 * kDay;
};

// A device's certificate. The device holds the key.
struct DeviceCertificate {
  std::vector<std::string> chain;  // DER: leaf, issuing CA
  std::string serial;              // lower-case hexadecimal
  std::int64_t not_after = 0;
  std::int64_t renew_at = 0;  // half of the lifetime ± 10 %, so that a fleet enrolled in one
                              // afternoon does not renew in one afternoon
};

// A certificate with its key, for the daemon's own ends of TLS.
struct OwnCertificate {
  std::string chain_pem;  // leaf, issuing CA, root: a first contact finds the pinned root in it
  std::string key_pem;
  std::int64_t not_after = 0;
  std::int64_t renew_at = 0;  // half of the lifetime
};

// The embedded certificate authority: a root (P-384, 10 years) that laptops pin, and an issuing CA
// (P-256, 2 years) that signs. Thread safe.
class CertificateAuthority {
 public:
  // Makes root and issuing CA on one machine, in `directory` (0700; keys 0400, PKCS#8, not
  // encrypted): for trials, since whoever takes this machine takes the root. The directory appears
  // whole or not at all. ALREADY_EXISTS CA_EXISTS when it is there.
  static absl::Status CreateForTrial(const std::filesystem::path& directory, std::int64_t now,
                                     const RandomBytes& random);

  // Makes a new issuing CA in `directory`, where the root's key must be, and keeps the certificate
  // of the present one beside it: what it signed is taken until it ends. Laptops pin the root and
  // notice nothing. For a daemon that is started again. FAILED_PRECONDITION CA_INVALID as for
  // Load().
  static absl::Status RotateIssuing(const std::filesystem::path& directory, std::int64_t now,
                                    const RandomBytes& random);

  // Reads `root.pem`, `issuing.pem` and `issuing.key`; the root's key may be elsewhere.
  // FAILED_PRECONDITION CA_INVALID names the file that is missing, readable by others, out of date
  // or does not fit.
  static absl::StatusOr<std::unique_ptr<CertificateAuthority>> Load(
      const std::filesystem::path& directory, CaOptions options, std::int64_t now,
      RandomBytes random);
  ~CertificateAuthority();
  CertificateAuthority(CertificateAuthority&&) = delete;

  // The three: FAILED_PRECONDITION CA_EXPIRED once the issuing CA has ended.
  absl::StatusOr<DeviceCertificate> IssueDevice(const PublicKey& key, std::string_view device_id,
                                                std::int64_t now) const;
  // For the daemon's listeners. At least one of the two is not empty.
  absl::StatusOr<OwnCertificate> IssueServer(const std::vector<std::string>& host_names,
                                             const std::vector<std::string>& addresses,
                                             std::int64_t now) const;
  // A client certificate for the daemon's own health probe. Never written to disk.
  absl::StatusOr<OwnCertificate> IssueSelfCheck(std::int64_t now) const;

  // SHA-256 of the root's DER, 64 hexadecimal digits: what laptops pin.
  const std::string& root_fingerprint() const;
  const std::string& root_pem() const;
  // What PeerCertificates takes: the issuing CA, and those before it that are not out of date.
  std::vector<std::string> issuers() const;
  const std::string& trust_domain() const;
  std::int64_t device_lifetime() const;  // of the certificates of IssueDevice
  // When the issuing CA ends. No certificate outlives it.
  std::int64_t not_after() const;

 private:
  struct State;
  explicit CertificateAuthority(std::unique_ptr<State> state);
  std::unique_ptr<const State> state_;
};

}  // namespace parc::access
