#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace parc::agent {

struct HttpAnswer {
  int status = 0;
  std::string content_type;  // lower-case, without parameters
  std::string body;
};

// Reads a whole HTTP/1.1 answer. UNAVAILABLE when it is cut off or no HTTP, or comes in chunks.
absl::StatusOr<HttpAnswer> ParseHttpAnswer(std::string_view bytes);

}  // namespace parc::agent
