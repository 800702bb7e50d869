#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/fleet/import_cells.h"

// Cells of a world's files, also as programs write them that are not ours: "12.0" for a whole
// number, midnight behind a day, NaN or None for nothing.
namespace parc::fleet {

inline constexpr int kMostWorldUnits = 100'000;

// The text of a cell; empty where a program wrote that there is no value.
std::string_view PresentText(const Cells& cells, std::string_view field);

// A number with a decimal point, or comma. Refuses an empty cell.
absl::StatusOr<double> NumberIn(const Cells& cells, std::string_view field);
absl::StatusOr<std::optional<int>> WholeIn(const Cells& cells, std::string_view field);
// 0 to kMostWorldUnits. Refuses an empty cell.
absl::StatusOr<int> UnitsIn(const Cells& cells, std::string_view field);
absl::StatusOr<std::optional<inventory::CivilDate>> MaybeDateIn(const Cells& cells,
                                                                std::string_view field);
// Refuses an empty cell.
absl::StatusOr<inventory::CivilDate> DateIn(const Cells& cells, std::string_view field);
absl::StatusOr<std::optional<bool>> YesNoIn(const Cells& cells, std::string_view field);
// An id of another program: any short text that can be a part of a name.
absl::StatusOr<std::string> IdIn(const Cells& cells, std::string_view field);
// One of a few words in small letters with "_": "In stock" is "in_stock".
std::string WordIn(const Cells& cells, std::string_view field);

// A share as "0.95", "95 %" or, above 2, "95".
absl::StatusOr<double> RatioIn(const Cells& cells, std::string_view field);

// "FR" or "FR-AM" for a code or a name of France, a code of two letters as it is; nothing for what
// is neither.
std::optional<std::string> CountryCode(std::string_view text);

}  // namespace parc::fleet
