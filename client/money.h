#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "google/type/money.pb.h"

namespace parc::client {

// "849.90" or "849,90". INVALID_ARGUMENT BAD_AMOUNT.
absl::StatusOr<google::type::Money> ParseMoney(std::string_view text, std::string_view currency);

}  // namespace parc::client
