#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/fleet/grouping.h"
#include "daemon/fleet/view.h"

// Readiness over the whole fleet, and over time.
namespace parc::fleet {

// Verdicts of laptops in state ASSIGNED.
struct ReadinessGroup {
  std::string key;
  std::int64_t laptops = 0;
  std::int64_t ready = 0;
  std::int64_t degraded = 0;
  std::int64_t not_ready = 0;
  std::int64_t unknown = 0;
  std::int64_t stale = 0;

  bool operator==(const ReadinessGroup&) const = default;
};

// Laptops in state ASSIGNED that do not pass a check.
struct CheckCount {
  std::string check;
  std::int64_t failing = 0;
  std::int64_t tolerated = 0;  // fail, within the grace
  std::int64_t untold = 0;     // UNKNOWN or ERROR

  bool operator==(const CheckCount&) const = default;
};

struct ReadinessReport {
  std::vector<ReadinessGroup> groups;  // most laptops first
  ReadinessGroup total;
  std::vector<CheckCount> checks;  // with kCheck: most failing first
};

// `filter` is over laptops. INVALID_ARGUMENT BAD_FILTER; NOT_KEPT for checks, or facts, of the
// past.
absl::StatusOr<ReadinessReport> GetReadinessReport(View& view, Grouping grouping,
                                                   std::string_view filter,
                                                   const inventory::Moment& moment);

struct ReadinessDay {
  inventory::CivilDate day;
  Coverage coverage;
};
inline constexpr int kMostTrendDays = 120;

// Every `step` days from `first` to `last`. INVALID_ARGUMENT BAD_DATE, OUT_OF_RANGE for more than
// kMostTrendDays.
absl::StatusOr<std::vector<ReadinessDay>> GetReadinessTrend(View& view, std::string_view people,
                                                            const inventory::CivilDate& first,
                                                            const inventory::CivilDate& last,
                                                            int step);

// A verdict of a laptop and the time for which it was its own.
struct VerdictSpan {
  std::string verdict;
  std::int64_t start = 0;
  std::optional<std::int64_t> end;  // nothing: it still is

  bool operator==(const VerdictSpan&) const = default;
};

// Newest first; takes neither filter nor order. NOT_FOUND LAPTOP_NOT_FOUND.
absl::StatusOr<Page<VerdictSpan>> ListVerdicts(View& view, std::string_view laptop,
                                               const ListQuery& query);

// Other laptops in state ASSIGNED of which `check` has `outcome`, too: in all, and at the same
// site.
struct Sharing {
  std::int64_t laptops = 0;
  std::int64_t at_site = 0;

  bool operator==(const Sharing&) const = default;
};
absl::StatusOr<Sharing> CountSharing(View& view, std::int64_t laptop, std::string_view check,
                                     posture::Outcome outcome);

}  // namespace parc::fleet
