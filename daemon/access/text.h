#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace parc::access {

// Text of a person: at most `max_bytes` of UTF-8 without control characters. BAD_TEXT.
absl::Status CheckText(std::string_view text, std::string_view field, std::size_t max_bytes);

// Text of a machine, as firmware prints it: control characters become blanks, line separators and
// marks that change the direction of writing go away, blanks are collapsed and trimmed. BAD_TEXT
// for more than 256 bytes, or no UTF-8.
absl::StatusOr<std::string> CleanText(std::string_view text, std::string_view field);

}  // namespace parc::access
