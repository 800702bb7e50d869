#pragma once

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/ca.h"
#include "daemon/app/memory_file.h"

namespace parc::app {

// The server's key and certificate on disk: <directory>/<n>/{key,chain}.pem, with `current`
// pointing to the newest. gRPC reads them from memory, where nothing comes that was not read back
// and proved to fit: a pair that does not fit would take its ports down.
class TlsStore {
 public:
  explicit TlsStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Writes `certificate` as the next pair and points `current` to it. The one before stays, for
  // whoever is reading it; older ones are removed. INTERNAL TLS_INVALID when it does not fit: then
  // nothing changes.
  absl::Status Install(const access::OwnCertificate& certificate);

  // Takes what somebody else made `current`, after proving it; true when it was another pair.
  // INTERNAL TLS_INVALID when it does not fit: then the pair before is served on.
  absl::StatusOr<bool> Refresh();

  // Key and chain in one file, so that they change together.
  std::filesystem::path served() const { return served_.path(); }
  const std::string& key_pem() const { return key_pem_; }
  const std::string& chain_pem() const { return chain_pem_; }

  std::filesystem::path key() const { return directory_ / "current" / "key.pem"; }
  std::filesystem::path chain() const { return directory_ / "current" / "chain.pem"; }

 private:
  absl::Status Serve(std::string key_pem, std::string chain_pem);

  std::filesystem::path directory_;
  MemoryFile served_;
  std::string key_pem_;
  std::string chain_pem_;
};

// INTERNAL TLS_INVALID unless the key is that of the chain's first certificate, each certificate of
// the chain was signed by the next, and the last one by itself.
absl::Status CheckPair(const std::string& chain_pem, const std::string& key_pem);

}  // namespace parc::app
