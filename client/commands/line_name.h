#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/lib/errors.h"
#include "client/proto_text.h"

namespace parc::client {

// "orders/BC-7/lines/1" of what a person types. INVALID_ARGUMENT BAD_LINE.
inline absl::StatusOr<std::string> LineNameOrError(std::string_view typed) {
  std::string name = LineName(typed);
  if (!name.empty()) return name;
  return MakeError(absl::StatusCode::kInvalidArgument, "BAD_LINE",
                   "\"" + std::string(typed.substr(0, 64)) +
                       "\" is no order line: write ORDER/NUMBER, e.g. BC-2020-17/1");
}

}  // namespace parc::client
