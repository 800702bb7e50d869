#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/inventory/civil_date.h"
#include "daemon/store/sql.h"

// How lists and maps of text, and civil dates, lie in one column.
namespace parc::store {

// "\nvpn\nloan\n": every element has a line break on both sides, so that one LIKE finds a whole
// element. Elements hold no line break. Empty list: "".
std::string JoinList(const std::vector<std::string>& list);
std::vector<std::string> SplitList(std::string_view text);

// Pairs end with U+001E, their parts are parted by U+001F (the ASCII record and unit separators),
// which values cannot hold.
std::string JoinMap(const std::map<std::string, std::string>& map);
std::map<std::string, std::string> SplitMap(std::string_view text);

// Any bytes: every element stands behind its length, "3:abc1:d".
std::string JoinBytes(const std::vector<std::string>& list);
std::vector<std::string> SplitBytes(std::string_view text);

// A civil date as ISO text; none is NULL.
std::optional<std::string> OptIso(const std::optional<inventory::CivilDate>& date);
absl::StatusOr<std::optional<inventory::CivilDate>> OptDate(const Row& row, int column);

}  // namespace parc::store
