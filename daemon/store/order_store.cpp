#include "daemon/store/order_store.h"

#include <charconv>

#include "daemon/inventory/fold.h"
#include "daemon/inventory/try.h"
#include "daemon/store/versions.h"
#include "fmt/format.h"

namespace parc::store {

using inventory::Moment;
using procurement::Cancellation;
using procurement::Order;
using procurement::OrderLine;
using procurement::Promise;
using procurement::Receipt;
using procurement::Shipment;

OrderStore::OrderStore(Connection& db)
    : db_(db),
      find_order_(db, "SELECT id FROM orders WHERE reference_key = ?1"),
      read_order_(db,
                  "SELECT reference, supplier, order_date, revision, planned_on, CASE WHEN "
                  "placed_known <= ?3 AND placed_date <= ?2 THEN placed_date END FROM orders "
                  "WHERE id = ?1 AND coalesce(planned_on, order_date) <= ?2 AND known_from <= ?3"),
      read_lines_(
          db,
          "SELECT id, line, manufacturer, model, quantity, price_micros, currency, external_id "
          "FROM order_lines "
          "WHERE order_id = ?1 AND known_from <= ?2 ORDER BY line"),
      read_promises_(
          db,
          "SELECT promised_date, announced_date, source, known_from FROM promises WHERE line = ?1 "
          "AND announced_date <= ?2 AND known_from <= ?3 ORDER BY announced_date DESC, id DESC"),
      read_shipments_(db,
                      "SELECT announced_date, shipped_date, quantity, carrier, tracking, actor, "
                      "known_from FROM shipments WHERE line = ?1 AND announced_date <= ?2 AND "
                      "known_from <= ?3 ORDER BY announced_date, id"),
      read_receipts_(db,
                     "SELECT id, received_date, quantity, actor, known_from, manufacturer, model "
                     "FROM receipts WHERE line = ?1 "
                     "AND received_date <= ?2 AND known_from <= ?3 ORDER BY received_date, id"),
      read_serials_(db,
                    "SELECT serial FROM laptops WHERE receipt = ?1 AND serial <> '' ORDER BY id"),
      read_cancellations_(db,
                          "SELECT cancelled_date, quantity, reason, known_from FROM cancellations "
                          "WHERE line = ?1 AND cancelled_date <= ?2 AND known_from <= ?3 "
                          "ORDER BY cancelled_date, id"),
      find_line_(db,
                 "SELECT ol.id, ol.order_id, o.reference FROM order_lines ol JOIN orders o ON o.id "
                 "= ol.order_id "
                 "WHERE o.reference_key = ?1 AND ol.line = ?2"),
      insert_order_(db,
                    "INSERT INTO orders(reference, reference_key, supplier, order_date, revision, "
                    "known_from, planned_on, placed_date, placed_known) "
                    "VALUES(?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8)"),
      place_order_(db,
                   "UPDATE orders SET placed_date = ?2, placed_known = ?3, revision = revision + 1 "
                   "WHERE id = ?1"),
      insert_line_(
          db,
          "INSERT INTO order_lines(order_id, line, manufacturer, model, quantity, price_micros, "
          "currency, known_from, external_id) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
      add_promise_(db,
                   "INSERT INTO promises(line, promised_date, announced_date, source, known_from) "
                   "VALUES(?1, ?2, ?3, ?4, ?5)"),
      add_shipment_(
          db,
          "INSERT INTO shipments(line, announced_date, shipped_date, quantity, carrier, tracking, "
          "actor, known_from) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
      add_receipt_(db,
                   "INSERT INTO receipts(line, received_date, quantity, actor, known_from, "
                   "manufacturer, model) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
      grow_receipt_(db, "UPDATE receipts SET quantity = quantity + 1 WHERE id = ?1"),
      add_cancellation_(
          db,
          "INSERT INTO cancellations(line, cancelled_date, quantity, reason, actor, known_from) "
          "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
      touch_(db, "UPDATE orders SET revision = revision + 1 WHERE id = ?1") {}

absl::StatusOr<std::optional<std::int64_t>> OrderStore::FindOrder(std::string_view reference) {
  std::optional<std::int64_t> found;
  PARC_TRY(find_order_.Query(
      [&](const Row& row) {
        found = row.Int(0);
        return absl::OkStatus();
      },
      inventory::Fold(reference)));
  return found;
}

absl::Status OrderStore::ReadLedger(std::int64_t line_row, const Moment& moment, OrderLine& line) {
  const std::string day = LastDay(moment);
  const std::int64_t commit = LastCommit(moment);
  PARC_TRY(read_promises_.Query(
      [&](const Row& row) -> absl::Status {
        Promise promise;
        PARC_ASSIGN(promise.promised, inventory::ParseIso(row.Text(0)));
        PARC_ASSIGN(promise.announced, inventory::ParseIso(row.Text(1)));
        promise.source = row.Text(2);
        promise.committed = row.Int(3);
        line.promises.push_back(std::move(promise));
        return absl::OkStatus();
      },
      line_row, day, commit));
  PARC_TRY(read_shipments_.Query(
      [&](const Row& row) -> absl::Status {
        Shipment shipment;
        PARC_ASSIGN(shipment.announced, inventory::ParseIso(row.Text(0)));
        PARC_ASSIGN(shipment.shipped, inventory::ParseIso(row.Text(1)));
        shipment.quantity = static_cast<int>(row.Int(2));
        shipment.carrier = row.Text(3);
        shipment.tracking = row.Text(4);
        shipment.actor = row.Text(5);
        shipment.committed = row.Int(6);
        line.shipments.push_back(std::move(shipment));
        return absl::OkStatus();
      },
      line_row, day, commit));
  PARC_TRY(read_receipts_.Query(
      [&](const Row& row) -> absl::Status {
        Receipt receipt;
        PARC_ASSIGN(receipt.received, inventory::ParseIso(row.Text(1)));
        receipt.quantity = static_cast<int>(row.Int(2));
        receipt.actor = row.Text(3);
        receipt.committed = row.Int(4);
        receipt.manufacturer = row.Text(5);
        receipt.model = row.Text(6);
        PARC_TRY(read_serials_.Query(
            [&](const Row& serial) {
              receipt.serials.push_back(serial.Text(0));
              return absl::OkStatus();
            },
            row.Int(0)));
        line.receipts.push_back(std::move(receipt));
        return absl::OkStatus();
      },
      line_row, day, commit));
  return read_cancellations_.Query(
      [&](const Row& row) -> absl::Status {
        Cancellation cancellation;
        PARC_ASSIGN(cancellation.cancelled, inventory::ParseIso(row.Text(0)));
        cancellation.quantity = static_cast<int>(row.Int(1));
        cancellation.reason = row.Text(2);
        cancellation.committed = row.Int(3);
        line.cancellations.push_back(std::move(cancellation));
        return absl::OkStatus();
      },
      line_row, day, commit);
}

absl::StatusOr<std::optional<Order>> OrderStore::Read(std::int64_t order_row,
                                                      const Moment& moment) {
  std::optional<Order> order;
  PARC_TRY(read_order_.Query(
      [&](const Row& row) -> absl::Status {
        order.emplace();
        order->reference = row.Text(0);
        order->supplier = row.Text(1);
        order->planned = row.IsNull(5);
        PARC_ASSIGN(order->ordered, inventory::ParseIso(row.Text(order->planned ? 2 : 5)));
        order->revision = row.Int(3);
        if (!row.IsNull(4)) {
          PARC_ASSIGN(order->planned_on, inventory::ParseIso(row.Text(4)));
        }
        return absl::OkStatus();
      },
      order_row, LastDay(moment), LastCommit(moment)));
  if (!order.has_value()) return order;
  std::vector<std::int64_t> rows;
  PARC_TRY(read_lines_.Query(
      [&](const Row& row) {
        OrderLine line;
        rows.push_back(row.Int(0));
        line.line = static_cast<int>(row.Int(1));
        line.manufacturer = row.Text(2);
        line.model = row.Text(3);
        line.quantity = static_cast<int>(row.Int(4));
        if (!row.IsNull(5))
          line.unit_price = inventory::Money{row.Int(5), row.OptText(6).value_or("")};
        line.external_id = row.Text(7);
        order->lines.push_back(std::move(line));
        return absl::OkStatus();
      },
      order_row, LastCommit(moment)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    PARC_TRY(ReadLedger(rows[i], moment, order->lines[i]));
  }
  return order;
}

absl::StatusOr<std::optional<OrderStore::LineRecord>> OrderStore::FindLine(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  int number = 0;
  if (slash == std::string_view::npos) return std::optional<LineRecord>();
  const char* const end = name.data() + name.size();
  if (std::from_chars(name.data() + slash + 1, end, number).ptr != end)
    return std::optional<LineRecord>();

  std::optional<LineRecord> found;
  PARC_TRY(find_line_.Query(
      [&](const Row& row) {
        found.emplace();
        found->row = row.Int(0);
        found->order = row.Int(1);
        found->reference = row.Text(2);
        return absl::OkStatus();
      },
      inventory::Fold(name.substr(0, slash)), number));
  if (!found.has_value()) return found;
  PARC_ASSIGN(std::optional<Order> order, Read(found->order, {}));
  if (!order.has_value()) return absl::InternalError("an order line has no order");
  found->ordered = order->ordered;
  found->planned = order->planned;
  for (OrderLine& line : order->lines) {
    if (line.line == number) found->line = std::move(line);
  }
  return found;
}

absl::StatusOr<std::int64_t> OrderStore::InsertOrder(const Order& order, std::int64_t now) {
  std::optional<std::string> planned_on, placed;
  if (order.planned_on.has_value()) planned_on = inventory::ToIso(*order.planned_on);
  if (!order.planned) placed = inventory::ToIso(order.ordered);
  PARC_TRY(insert_order_.Run(
      order.reference, inventory::Fold(order.reference), order.supplier,
      inventory::ToIso(order.ordered), now, planned_on, placed,
      order.planned ? std::optional<std::int64_t>() : std::optional<std::int64_t>(now)));
  const std::int64_t row = db_.last_insert_id();
  for (const OrderLine& line : order.lines) PARC_TRY(InsertLine(row, line, now).status());
  return row;
}

absl::Status OrderStore::Place(std::int64_t order, const inventory::CivilDate& day,
                               std::int64_t now) {
  return place_order_.Run(order, inventory::ToIso(day), now);
}

absl::StatusOr<std::int64_t> OrderStore::InsertLine(std::int64_t order, const OrderLine& line,
                                                    std::int64_t now) {
  std::optional<std::int64_t> price;
  std::optional<std::string> currency;
  if (line.unit_price.has_value()) {
    price = line.unit_price->micros;
    currency = line.unit_price->currency;
  }
  PARC_TRY(insert_line_.Run(order, line.line, line.manufacturer, line.model, line.quantity, price,
                            currency, now, line.external_id));
  const std::int64_t row = db_.last_insert_id();
  for (const Promise& promise : line.promises) {
    Promise stored = promise;
    stored.committed = now;
    PARC_TRY(AddPromise(row, stored));
  }
  return row;
}

absl::Status OrderStore::AddPromise(std::int64_t line, const Promise& promise) {
  return add_promise_.Run(line, inventory::ToIso(promise.promised),
                          inventory::ToIso(promise.announced), promise.source, promise.committed);
}

absl::Status OrderStore::AddShipment(std::int64_t line, const Shipment& shipment) {
  return add_shipment_.Run(line, inventory::ToIso(shipment.announced),
                           inventory::ToIso(shipment.shipped), shipment.quantity, shipment.carrier,
                           shipment.tracking, shipment.actor, shipment.committed);
}

absl::StatusOr<std::int64_t> OrderStore::AddReceipt(std::int64_t line, const Receipt& receipt) {
  PARC_TRY(add_receipt_.Run(line, inventory::ToIso(receipt.received), receipt.quantity,
                            receipt.actor, receipt.committed, receipt.manufacturer, receipt.model));
  return db_.last_insert_id();
}

absl::Status OrderStore::GrowReceipt(std::int64_t receipt) { return grow_receipt_.Run(receipt); }

absl::Status OrderStore::AddCancellation(std::int64_t line, const Cancellation& cancellation,
                                         std::string_view actor) {
  return add_cancellation_.Run(line, inventory::ToIso(cancellation.cancelled),
                               cancellation.quantity, cancellation.reason, actor,
                               cancellation.committed);
}

absl::Status OrderStore::Touch(std::int64_t order) { return touch_.Run(order); }

}  // namespace parc::store
