#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/openssl.h"

namespace parc::access {

inline constexpr char kRootCertificateFile[] = "root.pem";
inline constexpr char kRootKeyFile[] = "root.key";
inline constexpr char kIssuingCertificateFile[] = "issuing.pem";
inline constexpr char kIssuingKeyFile[] = "issuing.key";
// Issuing CAs that were in force before and whose certificates are taken still. May be missing.
inline constexpr char kPreviousCertificatesFile[] = "issuing-previous.pem";

struct CaMaterial {
  X509Ptr root;
  X509Ptr issuing;
  KeyPtr issuing_key;
  std::vector<X509Ptr> previous;  // not out of date, the newest first
};

// Reads and proves what is in the directory of a CA; see CertificateAuthority::Load.
absl::StatusOr<CaMaterial> ReadCa(const std::filesystem::path& directory, std::int64_t now);

// The root's key, where it lies beside the rest. CA_INVALID says where to go when it does not.
absl::StatusOr<KeyPtr> ReadRootKey(const std::filesystem::path& directory, X509* root);

struct CaFiles {
  std::string root_pem, root_key_pem, issuing_pem, issuing_key_pem;
  std::string previous_pem;  // empty: there is none
};

// Writes a whole CA directory beside `directory`, makes it durable, and puts it there in one step;
// one that is there already is removed after it.
absl::Status WriteCa(const std::filesystem::path& directory, const CaFiles& files);

}  // namespace parc::access
