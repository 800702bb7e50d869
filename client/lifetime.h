#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace parc::client {

// Seconds of "90m", "24h" or "14d". INVALID_ARGUMENT BAD_SPAN.
absl::StatusOr<std::int64_t> ParseLifetime(std::string_view text);

}  // namespace parc::client
