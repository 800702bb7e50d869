#pragma once

#include <map>
#include <tuple>

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
  // A laptop that is not known may begin in the middle of its life. One that is known moves by the
  // table of moves and by the rules of the verbs: one row is one event. Whoever a file says held a
  // laptop before their own record begins was there by then: the first version of their record
  // begins earlier, in the same transaction (a file of people often states no day of arrival).
  absl::StatusOr<RowResult> Laptop(const Cells& cells);
  // Site and order line, and the holder, of the row.
  absl::Status ReadPlace(const Cells& cells, store::LaptopRecord& wanted);
  absl::Status ReadHolder(const Cells& cells, store::LaptopRecord& wanted);
  absl::StatusOr<RowResult> InsertLaptop(store::LaptopRecord wanted,
                                         const inventory::CivilDate& effective);
  // By the one event that leads from `known` to `wanted`, with what else the row changes.
  // FAILED_PRECONDITION ILLEGAL_MOVE, PERSON_ALREADY_EQUIPPED, EFFECTIVE_DATE_TOO_EARLY,
  // PERSON_HAS_LEFT.
  absl::Status MoveLaptop(const store::LaptopRecord& known, store::LaptopRecord wanted,
                          const inventory::CivilDate& effective);
  // One line of an order with one promise, shipment, receipt and cancellation, if any; more of them
  // are further rows.
  absl::StatusOr<RowResult> OrderLine(const Cells& cells);
  absl::StatusOr<store::OrderStore::LineRecord> FindOrInsertLine(const procurement::Order& order,
                                                                 RowResult& result);
  absl::Status AddToLedger(const Cells& cells, const procurement::OrderLine& line,
                           const store::OrderStore::LineRecord& known,
                           std::vector<std::string>& news);
  absl::Status AddCancellations(const Cells& cells, const procurement::OrderLine& line,
                                const std::string& name, std::vector<std::string>& news);
  // One laptop of a delivery. The rows of a line and a day are one receipt.
  absl::StatusOr<RowResult> ReceivedLaptop(const Cells& cells);
  // The laptop of the row when an earlier delivery, or this file, brought it already.
  absl::StatusOr<std::optional<RowResult>> AlreadyReceived(const Cells& cells,
                                                           const std::string& line,
                                                           const inventory::CivilDate& day);
  absl::StatusOr<store::OrderStore::LineRecord*> LineOfReceipt(const Cells& cells);

  Change::Stores& stores_;
  // Lines that deliveries were read of, as the rows so far left them: a line of thousands of units
  // is not read again for each.
  std::map<std::string, store::OrderStore::LineRecord> lines_;
  // Receipts that this file made, by line, day and model.
  std::map<std::tuple<std::int64_t, inventory::CivilDate, std::string>, std::int64_t> receipts_;
};

}  // namespace parc::fleet
