#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace parc::agent {

// Who this laptop is to the server: a key, its certificate, and where to report.
struct Identity {
  std::string device_id;
  std::string endpoint;   // host:port of the agent port
  std::string root_pem;   // the only root that is trusted there
  std::string chain_pem;  // leaf first
  std::string key_pem;
  std::int64_t renew_at = 0;   // UTC microseconds
  std::int64_t not_after = 0;  // of the leaf; read from the certificate, not stored

  bool operator==(const Identity&) const = default;
};

// A request for enrolment that the server has not answered for good.
struct PendingEnrolment {
  std::string url;  // as the technician gave it; holds the token
  std::string key_pem;
  std::string request;  // serialized EnrolRequest
  std::string words;    // what both screens show; empty before the server has answered

  bool operator==(const PendingEnrolment&) const = default;
};

// Identities on disk, each a directory that appears whole: `<n>/{key.pem,chain.pem,…}` (0700, files
// 0600) and a file `current` that names one. After a renewal the next identity stands beside the
// current one until the server has answered to it once.
class IdentityStore {
 public:
  explicit IdentityStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // NOT_FOUND when this laptop is not enrolled; DATA_LOSS names the file that is damaged.
  absl::StatusOr<Identity> Current() const;
  // The renewed identity that was never used. NOT_FOUND when there is none.
  absl::StatusOr<Identity> Next() const;

  // Keeps an identity as the next one (instead of another next one).
  absl::Status PutNext(const Identity& identity);
  // Makes the next identity the current one and forgets all others.
  absl::Status PromoteNext();
  absl::Status DropNext();

  absl::Status PutPending(const PendingEnrolment& pending);
  absl::StatusOr<PendingEnrolment> Pending() const;
  // Keeps the words of the request that waits.
  absl::Status PutPendingWords(std::string_view words);
  absl::Status DropPending();

 private:
  std::optional<int> CurrentNumber() const;
  std::optional<int> NextNumber() const;
  absl::StatusOr<Identity> Read(int number) const;

  std::filesystem::path directory_;
};

}  // namespace parc::agent
