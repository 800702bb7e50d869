#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/inventory/moment.h"
#include "daemon/procurement/ledger.h"
#include "daemon/procurement/order.h"
#include "daemon/store/sql.h"

namespace parc::store {

// The ledger of orders. Reading and writing; statements that take no moment read what is known now.
class OrderStore {
 public:
  explicit OrderStore(Connection& db);

  // Row id by reference, whatever the case. Nothing when there is none.
  absl::StatusOr<std::optional<std::int64_t>> FindOrder(std::string_view reference);
  // The order with its lines and their ledger as of `moment`: only facts whose day is not after it
  // and that were stored by then. Nothing when the order itself was not there yet.
  absl::StatusOr<std::optional<procurement::Order>> Read(std::int64_t order,
                                                         const inventory::Moment& moment);

  struct LineRecord {
    std::int64_t row = 0;
    std::int64_t order = 0;
    std::string reference;
    inventory::CivilDate ordered;
    bool planned = false;
    procurement::OrderLine line;

    // What the ledger's rules judge; `name` must outlive it.
    procurement::LineView View(std::string_view name) const {
      return {.name = name, .ordered = ordered, .planned = planned, .line = line};
    }
  };
  // By "REFERENCE/LINE". Nothing when there is none.
  absl::StatusOr<std::optional<LineRecord>> FindLine(std::string_view name);

  absl::StatusOr<std::int64_t> InsertOrder(const procurement::Order& order, std::int64_t now);
  // The order, planned until now, is placed on `day`.
  absl::Status Place(std::int64_t order, const inventory::CivilDate& day, std::int64_t now);
  // With its promises, no other part of its ledger. Returns the row id.
  absl::StatusOr<std::int64_t> InsertLine(std::int64_t order, const procurement::OrderLine& line,
                                          std::int64_t now);
  absl::Status AddPromise(std::int64_t line, const procurement::Promise& promise);
  absl::Status AddShipment(std::int64_t line, const procurement::Shipment& shipment);
  absl::StatusOr<std::int64_t> AddReceipt(std::int64_t line, const procurement::Receipt& receipt);
  // One unit more of a receipt that this transaction added: what was stored is not changed.
  absl::Status GrowReceipt(std::int64_t receipt);
  absl::Status AddCancellation(std::int64_t line, const procurement::Cancellation& cancellation,
                               std::string_view actor);
  // Raises the revision of an order whose ledger grew.
  absl::Status Touch(std::int64_t order);

 private:
  absl::Status ReadLedger(std::int64_t line_row, const inventory::Moment& moment,
                          procurement::OrderLine& line);

  Connection& db_;
  Statement find_order_;
  Statement read_order_;
  Statement read_lines_;
  Statement read_promises_;
  Statement read_shipments_;
  Statement read_receipts_;
  Statement read_serials_;
  Statement read_cancellations_;
  Statement find_line_;
  Statement insert_order_;
  Statement place_order_;
  Statement insert_line_;
  Statement add_promise_;
  Statement add_shipment_;
  Statement add_receipt_;
  Statement grow_receipt_;
  Statement add_cancellation_;
  Statement touch_;
};

}  // namespace parc::store
