#pragma once

#include "daemon/fleet/change_stores.h"
#include "daemon/fleet/import.h"
#include "daemon/fleet/import_cells.h"

// One row of an import against the fleet: creates, updates, or leaves alone. An error refuses the
// row; the caller undoes what the row did.
namespace parc::fleet {

class ImportRows {
 public:
  explicit ImportRows(Change::Stores& stores) : stores_(stores) {}

  absl::StatusOr<RowResult> Apply(ImportKind kind, const Cells& cells);

 private:
  absl::StatusOr<RowResult> Site(const Cells& cells);
  absl::StatusOr<RowResult> Person(const Cells& cells);
  absl::StatusOr<RowResult> Laptop(const Cells& cells);
  // One line of an order with one promise and one receipt, if any; more of them are further rows.
  absl::StatusOr<RowResult> OrderLine(const Cells& cells);

  Change::Stores& stores_;
};

}  // namespace parc::fleet
