#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/posture/policy.h"

// Policies as people write them: TOML, as the head of default_policy.toml explains it.
namespace parc::posture {

inline constexpr std::size_t kMaxPolicyBytes = 256 * 1024;
inline constexpr std::size_t kMaxChecks = 200;
inline constexpr std::size_t kMaxApplications = 256;  // an agent looks for no more

// Reads the policy of `text`. INVALID_ARGUMENT BAD_POLICY; the message says what is wrong, the
// details "line" and "column" (both from 1, in characters) where, and "check" in which check or
// application, if it is in one. Never throws.
absl::StatusOr<Policy> ParsePolicy(std::string_view text, std::int64_t version);

// The text of the policy that ships with Parc.
std::string_view DefaultPolicyText();

}  // namespace parc::posture
