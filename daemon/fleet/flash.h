#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/fleet/view.h"

// The month on one page, in figures.
namespace parc::fleet {

struct CoverageAt {
  inventory::CivilDate day;
  Coverage total;
};

// An open line whose latest promise is over.
struct LateLine {
  std::string name;  // "REFERENCE/1"
  std::string supplier;
  std::string model;
  int open = 0;
  inventory::CivilDate promised;
  std::int64_t days_late = 0;
  int revisions = 0;  // promises after the first
};

// A check that assigned laptops fail.
struct ReadinessCause {
  std::string check;
  std::string title_en;
  std::string title_fr;
  std::int64_t laptops = 0;
  bool blocks = false;  // keeps them from being ready; otherwise it degrades

  bool operator==(const ReadinessCause&) const = default;
};

struct FlashFigures {
  inventory::CivilDate as_of;
  Status status;
  std::vector<CoverageAt> trend;       // month ends, oldest first, then as_of
  std::vector<LateLine> late_lines;    // longest first
  std::vector<ReadinessCause> causes;  // most frequent first
  bool causes_known =
      false;  // checks are known as they are judged now: not of a month that is over
};

// As of the last day of `month`'s month, or of today in the current one; by what was stored at
// `known_at`. INVALID_ARGUMENT BAD_FILTER, AS_OF_IN_FUTURE.
absl::StatusOr<FlashFigures> GetFlashFigures(View& view, std::string_view people,
                                             const inventory::CivilDate& month,
                                             std::optional<std::int64_t> known_at);

}  // namespace parc::fleet
