#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/channel/channel.h"
#include "agent/identity/store.h"
#include "agent/outbox/outbox.h"
#include "parc/v1/agent.pb.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

// Brings reports to the server: on disk first, then the newest one as what changed since the last
// acknowledged facts, with the renewed certificate if there is one.
class Reporter {
 public:
  struct Options {
    std::filesystem::path acknowledged;  // file of the facts that the server holds
    std::string boot_id;
    std::string agent_version;
    std::int64_t now = 0;  // UTC microseconds
    // Of the list of applications that this laptop holds; empty: none.
    std::string applications_digest = {};
    // Of the problems that this laptop holds; empty: none.
    std::string problems_digest = {};
  };

  // All outlive this object.
  Reporter(IdentityStore& identities, Outbox& outbox, Connector connect, Options options);

  // Keeps a report of these facts.
  absl::Status Keep(const v1::Facts& facts);

  // Sends the newest report that waits; its acknowledgement covers the older ones.
  // FAILED_PRECONDITION with a sentence when the certificate has ended, NOT_FOUND when this laptop
  // is not enrolled.
  absl::StatusOr<v1::CheckInResponse> Send();

  // Asks for the next certificate with a new key when it is time, or when `anyway`. It becomes the
  // current one with the first report that the server takes under it.
  absl::Status Renew(bool anyway);

 private:
  absl::StatusOr<v1::CheckInResponse> SendAs(const Identity& identity);
  absl::StatusOr<v1::CheckInRequest> Newest();
  absl::Status TakeAnswer(const v1::CheckInRequest& report, const v1::CheckInResponse& answer);

  IdentityStore& identities_;
  Outbox& outbox_;
  Connector connect_;
  Options options_;
};

// The server leaves applications and problems out of an answer to who holds them: puts those of
// `before`, the newest answer but this one, into `answer`, where they are still the ones that
// count.
void KeepHeldLists(const std::optional<v1::CheckInResponse>& before, v1::CheckInResponse& answer);

}  // namespace parc::agent
