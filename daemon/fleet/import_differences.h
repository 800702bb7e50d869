#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/fleet/import.h"
#include "daemon/fleet/import_cells.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

// What the rows of all kinds have in common.
namespace parc::fleet {

// Gathers what changes, as "tier: 3 → 1; site: A → B".
class Differences {
 public:
  void Note(std::string_view field, const std::string& before, const std::string& after) {
    if (before != after)
      notes_.push_back(fmt::format("{}: {} → {}", field, Shown(before), Shown(after)));
  }
  bool empty() const { return notes_.empty(); }
  std::string Text() const { return fmt::format("{}", fmt::join(notes_, "; ")); }

 private:
  static std::string Shown(const std::string& value) { return value.empty() ? "–" : value; }

  std::vector<std::string> notes_;
};

inline std::string Iso(const std::optional<inventory::CivilDate>& date) {
  return date.has_value() ? inventory::ToIso(*date) : "";
}

inline RowResult Created(std::string key) {
  return {
      .line = 0, .outcome = RowOutcome::kCreated, .key = std::move(key), .message = {}, .file = {}};
}

inline RowResult Changed(std::string key, const Differences& differences) {
  return {.line = 0,
          .outcome = differences.empty() ? RowOutcome::kUnchanged : RowOutcome::kUpdated,
          .key = std::move(key),
          .message = differences.Text(),
          .file = {}};
}

// Sets `target` from a cell when the file has its column.
inline void TakeText(const Cells& cells, std::string_view field, std::string& target) {
  if (cells.Has(field)) target = std::string(cells.Text(field));
}

inline absl::Status TakeDate(const Cells& cells, std::string_view field,
                             std::optional<inventory::CivilDate>& target) {
  if (!cells.Has(field)) return absl::OkStatus();
  PARC_ASSIGN(target, cells.Date(field));
  return absl::OkStatus();
}

}  // namespace parc::fleet
