#include "client/lifetime.h"

#include <charconv>
#include <string>

#include "client/lib/errors.h"

namespace parc::client {

absl::StatusOr<std::int64_t> ParseLifetime(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::int64_t seconds = unit == "m"                  ? 60
                               : unit == "h"                ? 3600
                               : unit == "d" || unit == "j" ? 86400
                                                            : 0;
  if (error != std::errc() || number < 1 || number > 100000 || seconds == 0) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, "BAD_SPAN",
        "\"" + std::string(text.substr(0, 40)) + "\" is no span of time: write 90m, 24h or 14d");
  }
  return number * seconds;
}

}  // namespace parc::client
