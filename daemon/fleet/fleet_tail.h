#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/fleet/view.h"
#include "daemon/inventory/laptop.h"

// What changed in the fleet since, read from its own histories: following them holds up nobody who
// writes.
namespace parc::fleet {

// How far a follower has come: row numbers of the histories of verdicts and of lives.
struct FleetMark {
  std::int64_t verdict = 0;
  std::int64_t event = 0;

  bool operator==(const FleetMark&) const = default;
};

// "1204-77", and back; nothing for another text.
std::string ToText(const FleetMark& mark);
std::optional<FleetMark> ParseMark(std::string_view text);

struct FleetChange {
  std::int64_t laptop = 0;  // row
  std::string asset_tag;
  std::int64_t at = 0;  // commit time
  // A verdict …
  std::string from;  // empty: it had none
  std::string to;
  std::vector<std::string> checks;  // what makes it, while it is the newest
  // … or an event of its life.
  std::optional<inventory::LaptopEvent> event;
  std::optional<inventory::LaptopState> from_state;
  std::optional<inventory::LaptopState> to_state;
  FleetMark mark;  // after it

  bool operator==(const FleetChange&) const = default;
};

absl::StatusOr<FleetMark> NewestMark(View& view);

// At most `limit` verdicts and as many events after `mark`, in the order of their commits.
absl::StatusOr<std::vector<FleetChange>> ChangesAfter(View& view, const FleetMark& mark, int limit);

// Those of `laptops` that match `filter`. INVALID_ARGUMENT BAD_FILTER.
absl::StatusOr<std::set<std::int64_t>> Matching(View& view, std::string_view filter,
                                                const std::set<std::int64_t>& laptops);

}  // namespace parc::fleet
