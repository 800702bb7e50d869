#pragma once

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/ca.h"

namespace parc::app {

// The server's key and certificate on disk: <directory>/<n>/{key,chain}.pem, with `current`
// pointing to the newest. gRPC watches the files through that link, so the link moves only to a
// pair that was read back and proved to fit: a pair that does not fit takes a port down.
class TlsStore {
 public:
  explicit TlsStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Writes `certificate` as the next pair and points `current` to it. The one before stays, for
  // whoever is reading it; older ones are removed. INTERNAL TLS_INVALID when it does not fit: then
  // nothing changes.
  absl::Status Install(const access::OwnCertificate& certificate);

  std::filesystem::path key() const { return directory_ / "current" / "key.pem"; }
  std::filesystem::path chain() const { return directory_ / "current" / "chain.pem"; }

 private:
  std::filesystem::path directory_;
};

// INTERNAL TLS_INVALID unless the key is that of the chain's first certificate, each certificate of
// the chain was signed by the next, and the last one by itself.
absl::Status CheckPair(const std::string& chain_pem, const std::string& key_pem);

}  // namespace parc::app
