#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/inventory/moment.h"
#include "daemon/procurement/planning.h"
#include "daemon/store/sql.h"

namespace parc::store {

// Who wrote a row of an append-only table, and since when it holds.
struct Entry {
  inventory::CivilDate effective;
  std::string_view actor;
  std::string_view reason;
  std::int64_t now = 0;
};

// What a forecast assumes, and targets of coverage. Append only.
class PlanningStore {
 public:
  explicit PlanningStore(Connection& db);

  absl::StatusOr<procurement::Planning> Read(const inventory::Moment& moment);
  // Writes a row for each field in which `wanted` differs from `before`.
  absl::Status Change(const procurement::Planning& before, const procurement::Planning& wanted,
                      const Entry& entry);

  // Those not dropped, by due date.
  absl::StatusOr<std::vector<procurement::Target>> Targets(const inventory::Moment& moment);
  absl::Status PutTarget(const procurement::Target& target, const Entry& entry);
  absl::Status DropTarget(const procurement::Target& target, const Entry& entry);

 private:
  absl::Status AddTarget(const procurement::Target& target, bool dropped, const Entry& entry);

  Statement read_;
  Statement put_;
  Statement targets_;
  Statement add_target_;
};

}  // namespace parc::store
