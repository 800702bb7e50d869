#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/identity/store.h"
#include "parc/v1/agent.pb.h"

namespace parc::agent {

// The agent port, seen by an enrolled laptop.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual absl::StatusOr<v1::CheckInResponse> CheckIn(const v1::CheckInRequest& request) = 0;
  virtual absl::StatusOr<v1::RenewCertificateResponse> Renew(
      const v1::RenewCertificateRequest& request) = 0;
};

// Makes a channel that shows `identity`; connects at its first call.
using Connector = std::function<std::unique_ptr<Channel>(const Identity& identity)>;

// What the server asked for before the next try, in milliseconds; negative: do not try again soon.
absl::Status WithPushback(absl::Status status, std::int64_t milliseconds);
std::optional<std::int64_t> PushbackOf(const absl::Status& status);

}  // namespace parc::agent
