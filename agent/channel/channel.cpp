#include "agent/channel/channel.h"

#include "absl/strings/cord.h"
#include "agent/files/text.h"

namespace parc::agent {
namespace {

constexpr char kPayload[] = "parc/pushback-ms";

}  // namespace

absl::Status WithPushback(absl::Status status, std::int64_t milliseconds) {
  status.SetPayload(kPayload, absl::Cord(std::to_string(milliseconds)));
  return status;
}

std::optional<std::int64_t> PushbackOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value()) return std::nullopt;
  return ToInt<std::int64_t>(std::string(*payload));
}

}  // namespace parc::agent
