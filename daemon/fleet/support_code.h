#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/inventory/civil_date.h"

namespace parc::store {
class Connection;
}  // namespace parc::store

namespace parc::fleet {

// What `parc-agent status` shows on a day (UTC) on the laptop that holds a key, "K7QW-2MXT".
// `spki_sha256`: the key's hash in lower-case hexadecimal. The agent works it out by itself
// (agent/identity/support_code.h says how); both must agree.
std::string SupportCode(std::string_view spki_sha256, const inventory::CivilDate& day);

// The code in that form from what a technician types after what was read out: in either case, with
// or without the dash, O for 0, I and L for 1. Nothing for what is no code.
std::optional<std::string> ParseSupportCode(std::string_view text);

// The asset tag of the laptop that shows `code` at `now` (UTC microseconds), or showed it the day
// before or shows it the day after: callers wait past midnight, and clocks of laptops are wrong.
// Nothing when none does. FAILED_PRECONDITION SUPPORT_CODE_AMBIGUOUS when two do.
absl::StatusOr<std::optional<std::string>> FindBySupportCode(store::Connection& db,
                                                             std::string_view code,
                                                             std::int64_t now);

}  // namespace parc::fleet
