#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/forecast/result.h"
#include "daemon/inventory/civil_date.h"

namespace parc::forecast {

// A forecast as it was made: what was asked, of which facts, and what it said. Never changed, so
// that it can be made again, and judged by what happened.
struct KeptForecast {
  std::string id;
  CivilDate as_of;
  std::optional<std::int64_t> known_at = {};  // UTC microseconds; nothing: all that was stored
  std::string people = {};                    // the filter
  double target_ratio = 1;
  CivilDate target_date;
  double probability = 0;
  std::optional<CivilDate> median_date = {};  // nothing: beyond the horizon
  std::string inputs_hash = {};
  std::string model_version = {};
  std::uint64_t seed = 0;
  int paths = 0;
  int horizon_days = 0;
  std::string actor = {};
  std::int64_t created = 0;  // UTC microseconds

  struct Day {
    CivilDate day;
    Quantiles equipped{};  // people

    bool operator==(const Day&) const = default;
  };
  std::vector<Day> days = {};  // by weeks after as_of

  bool operator==(const KeptForecast&) const = default;
};

}  // namespace parc::forecast
