#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace parc::inventory {

// When security support without a contract ends for a system, as its vendor announced (UTC
// microseconds, the end of that day). Nothing for a system that the table does not know: nobody can
// tell then. `id` and `version` as in os-release; a point release counts as its release.
std::optional<std::int64_t> SupportEnds(std::string_view id, std::string_view version);

}  // namespace parc::inventory
