#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/openssl.h"

namespace parc::access {

inline constexpr char kRootCertificateFile[] = "root.pem";
inline constexpr char kRootKeyFile[] = "root.key";
inline constexpr char kIssuingCertificateFile[] = "issuing.pem";
inline constexpr char kIssuingKeyFile[] = "issuing.key";

struct CaMaterial {
  X509Ptr root;
  X509Ptr issuing;
  KeyPtr issuing_key;
};

// Reads and proves what is in the directory of a CA; see CertificateAuthority::Load.
absl::StatusOr<CaMaterial> ReadCa(const std::filesystem::path& directory, std::int64_t now);

struct CaFiles {
  std::string root_pem, root_key_pem, issuing_pem, issuing_key_pem;
};

// Writes a whole CA directory beside `directory`, makes it durable, and renames it there.
absl::Status WriteCa(const std::filesystem::path& directory, const CaFiles& files);

}  // namespace parc::access
