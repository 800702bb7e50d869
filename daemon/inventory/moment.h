#pragma once

#include <cstdint>
#include <optional>

#include "daemon/inventory/civil_date.h"

namespace parc::inventory {

// When a question is asked about: what was true at the end of `as_of` (default: now), by what had
// been stored at `known_at` (UTC microseconds; default: now).
struct Moment {
  std::optional<CivilDate> as_of;
  std::optional<std::int64_t> known_at;

  bool IsNow() const { return !as_of.has_value() && !known_at.has_value(); }
  bool operator==(const Moment&) const = default;
};

}  // namespace parc::inventory
