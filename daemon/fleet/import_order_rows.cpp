#include <algorithm>
#include <array>

#include "daemon/fleet/import_rows.h"
#include "daemon/fleet/validate.h"
#include "daemon/inventory/fold.h"
#include "daemon/inventory/try.h"
#include "daemon/procurement/ledger.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::fleet {

using inventory::CivilDate;
using procurement::Cancellation;
using procurement::Order;
using procurement::OrderLine;
using procurement::Promise;
using procurement::Receipt;
using procurement::Shipment;
using store::OrderStore;

namespace {

absl::StatusOr<bool> ReadPlanned(const Cells& cells) {
  const std::string word = inventory::Fold(cells.Text("status"));
  for (const std::string_view planned : {"planned", "prevue", "planifiee", "prevu"}) {
    if (word == planned) return true;
  }
  for (const std::string_view placed : {"", "placed", "passee", "commandee"}) {
    if (word == placed) return false;
  }
  return cells.Bad("status", "is neither placed nor planned (Passée, Prévue)");
}

// A number of units and the day they are about; nothing for an empty or zero number.
struct Dated {
  int quantity = 0;
  CivilDate day;
};
absl::StatusOr<std::optional<Dated>> ReadDated(const Cells& cells, std::string_view number_field,
                                               std::string_view day_field, const CivilDate& today) {
  PARC_ASSIGN(const std::optional<int> quantity, cells.Whole(number_field));
  PARC_ASSIGN(const std::optional<CivilDate> day, cells.Date(day_field));
  if (quantity.value_or(0) < 0) return cells.Bad(number_field, "is less than nothing");
  if (quantity.value_or(0) == 0) return std::optional<Dated>();
  if (!day.has_value()) {
    return cells.Bad(day_field,
                     fmt::format("is empty, but {} {}", *quantity,
                                 *quantity == 1 ? "unit is counted" : "units are counted"));
  }
  if (today < *day) return cells.Bad(day_field, "lies in the future");
  return std::optional<Dated>(Dated{*quantity, *day});
}

// What the row tells of the ledger of its line.
absl::Status ReadLedger(const Cells& cells, const ChangeContext& context, const CivilDate& ordered,
                        OrderLine& line) {
  PARC_ASSIGN(const std::optional<CivilDate> promised, cells.Date("promised_date"));
  PARC_ASSIGN(const std::optional<CivilDate> announced, cells.Date("announced_date"));
  if (promised.has_value()) {
    line.promises.push_back({.promised = *promised,
                             .announced = announced.value_or(std::min(ordered, context.today)),
                             .source = std::string(cells.Text("source")),
                             .committed = context.now});
  }
  PARC_ASSIGN(const std::optional<Dated> shipped,
              ReadDated(cells, "shipped", "shipped_date", context.today));
  if (shipped.has_value()) {
    line.shipments.push_back({.announced = shipped->day,
                              .shipped = shipped->day,
                              .quantity = shipped->quantity,
                              .carrier = std::string(cells.Text("carrier")),
                              .tracking = std::string(cells.Text("tracking")),
                              .actor = context.actor,
                              .committed = context.now});
    PARC_TRY(CheckText(line.shipments.back().carrier, "carrier"));
    PARC_TRY(CheckText(line.shipments.back().tracking, "tracking"));
  }
  PARC_ASSIGN(const std::optional<Dated> received,
              ReadDated(cells, "received", "received_date", context.today));
  if (received.has_value()) {
    line.receipts.push_back({.received = received->day,
                             .quantity = received->quantity,
                             .manufacturer = {},
                             .model = {},
                             .serials = {},
                             .actor = context.actor,
                             .committed = context.now});
  }
  PARC_ASSIGN(const std::optional<Dated> cancelled,
              ReadDated(cells, "cancelled", "cancelled_date", context.today));
  if (cancelled.has_value()) {
    line.cancellations.push_back({.cancelled = cancelled->day,
                                  .quantity = cancelled->quantity,
                                  .reason = std::string(cells.Text("cancel_reason")),
                                  .committed = context.now});
    PARC_TRY(CheckText(line.cancellations.back().reason, "cancel_reason", 500));
  }
  return absl::OkStatus();
}

// The order of the row, with one line and what the row tells of its ledger.
absl::StatusOr<Order> ReadOrder(const Cells& cells, const ChangeContext& context) {
  Order order;
  order.reference = std::string(cells.Text("reference"));
  order.supplier = std::string(cells.Text("supplier"));
  PARC_ASSIGN(order.planned, ReadPlanned(cells));
  PARC_ASSIGN(const std::optional<CivilDate> ordered, cells.Date("order_date"));
  if (!ordered.has_value()) return cells.Bad("order_date", "is empty");
  if (!order.planned && context.today < *ordered)
    return cells.Bad("order_date", "lies in the future, and the order is not said to be planned");
  order.ordered = *ordered;
  if (order.planned) order.planned_on = std::min(*ordered, context.today);

  OrderLine line;
  PARC_ASSIGN(const std::optional<int> number, cells.Whole("line"));
  line.line = number.value_or(1);
  line.manufacturer = std::string(cells.Text("manufacturer"));
  line.model = std::string(cells.Text("model"));
  PARC_ASSIGN(const std::optional<int> quantity, cells.Whole("quantity"));
  line.quantity = quantity.value_or(0);
  PARC_ASSIGN(line.unit_price, cells.Amount("price", "currency"));
  PARC_TRY(ReadLedger(cells, context, *ordered, line));
  order.lines.push_back(std::move(line));
  PARC_TRY(CheckOrder(order));
  return order;
}

bool IsRecorded(const OrderLine& known, const Promise& promise) {
  return std::any_of(known.promises.begin(), known.promises.end(), [&](const Promise& other) {
    return other.promised == promise.promised && other.announced == promise.announced;
  });
}

bool IsRecorded(const OrderLine& known, const Shipment& shipment) {
  return std::any_of(known.shipments.begin(), known.shipments.end(), [&](const Shipment& other) {
    return other.shipped == shipment.shipped && other.quantity == shipment.quantity &&
           other.tracking == shipment.tracking;
  });
}

// As far as a file can tell, a line has one receipt and one cancellation a day: the day is the key.
int ReceivedOn(const OrderLine& known, const CivilDate& day) {
  int sum = 0;
  for (const Receipt& receipt : known.receipts)
    sum += receipt.received == day ? receipt.quantity : 0;
  return sum;
}

int CancelledOn(const OrderLine& known, const CivilDate& day) {
  int sum = 0;
  for (const Cancellation& cancelled : known.cancellations)
    sum += cancelled.cancelled == day ? cancelled.quantity : 0;
  return sum;
}

}  // namespace

absl::StatusOr<OrderStore::LineRecord> ImportRows::FindOrInsertLine(const Order& order,
                                                                    RowResult& result) {
  const std::int64_t now = stores_.context.now;
  PARC_ASSIGN(const std::optional<std::int64_t> known_order,
              stores_.orders.FindOrder(order.reference));
  PARC_ASSIGN(std::optional<OrderStore::LineRecord> known, stores_.orders.FindLine(result.key));
  if (known.has_value()) return *std::move(known);
  result.outcome = RowOutcome::kCreated;
  // Of the row's ledger only the promise is stored with the line; the rest is checked first.
  Order bare = order;
  bare.lines.front().promises.clear();
  if (known_order.has_value()) {
    PARC_TRY(stores_.orders.InsertLine(*known_order, bare.lines.front(), now).status());
  } else {
    PARC_TRY(stores_.orders.InsertOrder(bare, now).status());
  }
  PARC_ASSIGN(known, stores_.orders.FindLine(result.key));
  return *std::move(known);
}

absl::Status ImportRows::AddToLedger(const Cells& cells, const procurement::OrderLine& line,
                                     const OrderStore::LineRecord& known,
                                     std::vector<std::string>& news) {
  const std::string name = fmt::format("{}/{}", known.reference, line.line);
  const procurement::LineView view = known.View(name);
  for (const Promise& promise : line.promises) {
    if (IsRecorded(known.line, promise)) continue;
    PARC_TRY(procurement::CheckPromise(view, promise.promised));
    news.push_back(fmt::format("promised for {}", inventory::ToIso(promise.promised)));
    PARC_TRY(stores_.orders.AddPromise(known.row, promise));
  }
  for (const Shipment& shipment : line.shipments) {
    if (IsRecorded(known.line, shipment)) continue;
    // What was received since needs no announcement any more: a file tells of both in any order.
    PARC_TRY(procurement::CheckDay(view, shipment.announced));
    news.push_back(
        fmt::format("{} shipped on {}", shipment.quantity, inventory::ToIso(shipment.shipped)));
    PARC_TRY(stores_.orders.AddShipment(known.row, shipment));
  }
  for (const Receipt& receipt : line.receipts) {
    const int recorded = ReceivedOn(known.line, receipt.received);
    if (recorded == receipt.quantity) continue;
    if (recorded != 0) {
      return cells.Bad("received",
                       fmt::format("differs from what is recorded of that day ({})", recorded));
    }
    if (!known.planned && receipt.received < known.ordered) {
      return cells.Bad("received_date", fmt::format("lies before the day of the order ({})",
                                                    inventory::ToIso(known.ordered)));
    }
    PARC_ASSIGN(const std::optional<bool> surplus, cells.YesNo("over_delivery"));
    if (receipt.quantity > known.line.Open() && !surplus.value_or(false)) {
      return cells.Bad("received",
                       fmt::format("is more than the line has open ({})", known.line.Open()));
    }
    PARC_TRY(procurement::CheckReceipt(view, receipt.quantity, true));
    news.push_back(
        fmt::format("{} received on {}", receipt.quantity, inventory::ToIso(receipt.received)));
    PARC_TRY(stores_.orders.AddReceipt(known.row, receipt).status());
  }
  return absl::OkStatus();
}

absl::Status ImportRows::AddCancellations(const Cells& cells, const procurement::OrderLine& line,
                                          const std::string& name, std::vector<std::string>& news) {
  if (line.cancellations.empty()) return absl::OkStatus();
  // Read again: the row may have brought units that cannot be cancelled any more.
  PARC_ASSIGN(const std::optional<OrderStore::LineRecord> known, stores_.orders.FindLine(name));
  for (const Cancellation& cancellation : line.cancellations) {
    const int recorded = CancelledOn(known->line, cancellation.cancelled);
    if (recorded == cancellation.quantity) continue;
    if (recorded != 0) {
      return cells.Bad("cancelled",
                       fmt::format("differs from what is recorded of that day ({})", recorded));
    }
    PARC_TRY(procurement::CheckDay(known->View(name), cancellation.cancelled));
    if (cancellation.quantity > known->line.Open()) {
      return cells.Bad("cancelled",
                       fmt::format("is more than the line has open ({})", known->line.Open()));
    }
    news.push_back(fmt::format("{} cancelled on {}", cancellation.quantity,
                               inventory::ToIso(cancellation.cancelled)));
    PARC_TRY(stores_.orders.AddCancellation(known->row, cancellation, stores_.context.actor));
  }
  return absl::OkStatus();
}

absl::StatusOr<RowResult> ImportRows::OrderLine(const Cells& cells) {
  PARC_ASSIGN(const Order order, ReadOrder(cells, stores_.context));
  const procurement::OrderLine& line = order.lines.front();
  RowResult result{.line = 0,
                   .outcome = RowOutcome::kUnchanged,
                   .key = fmt::format("{}/{}", order.reference, line.line),
                   .message = {},
                   .file = {}};
  PARC_ASSIGN(OrderStore::LineRecord known, FindOrInsertLine(order, result));
  if (known.line.quantity != line.quantity || known.line.model != line.model) {
    return cells.Bad(
        "quantity",
        fmt::format("or the model differs from what is recorded ({} × {}); what was ordered is "
                    "not overwritten: cancel units or add a line",
                    known.line.quantity, known.line.model));
  }
  if (!known.planned && order.planned)
    return cells.Bad("status", "says that the order is planned, but it was placed");
  std::vector<std::string> news;
  if (known.planned && !order.planned) {
    news.push_back(fmt::format("placed on {}", inventory::ToIso(order.ordered)));
    PARC_TRY(stores_.orders.Place(known.order, order.ordered, stores_.context.now));
    known.planned = false;
    known.ordered = order.ordered;
  }
  PARC_TRY(AddToLedger(cells, line, known, news));
  PARC_TRY(AddCancellations(cells, line, result.key, news));
  if (result.outcome == RowOutcome::kUnchanged && !news.empty()) {
    result.outcome = RowOutcome::kUpdated;
    result.message = fmt::format("{}", fmt::join(news, "; "));
    PARC_TRY(stores_.orders.Touch(known.order));
  }
  return result;
}

}  // namespace parc::fleet
