#include <algorithm>

#include "daemon/fleet/import_rows.h"
#include "daemon/fleet/validate.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::fleet {

using inventory::CivilDate;
using procurement::Order;
using procurement::OrderLine;
using procurement::Promise;
using procurement::Receipt;
using store::OrderStore;

namespace {

// The order of the row, with one line and what the row tells of its ledger.
absl::StatusOr<Order> ReadOrder(const Cells& cells, const ChangeContext& context) {
  Order order;
  order.reference = std::string(cells.Text("reference"));
  order.supplier = std::string(cells.Text("supplier"));
  PARC_ASSIGN(const std::optional<CivilDate> ordered, cells.Date("order_date"));
  if (!ordered.has_value()) return cells.Bad("order_date", "is empty");
  if (context.today < *ordered) return cells.Bad("order_date", "lies in the future");
  order.ordered = *ordered;

  OrderLine line;
  PARC_ASSIGN(const std::optional<int> number, cells.Whole("line"));
  line.line = number.value_or(1);
  line.manufacturer = std::string(cells.Text("manufacturer"));
  line.model = std::string(cells.Text("model"));
  PARC_ASSIGN(const std::optional<int> quantity, cells.Whole("quantity"));
  line.quantity = quantity.value_or(0);
  PARC_ASSIGN(line.unit_price, cells.Amount("price", "currency"));

  PARC_ASSIGN(const std::optional<CivilDate> promised, cells.Date("promised_date"));
  PARC_ASSIGN(const std::optional<CivilDate> announced, cells.Date("announced_date"));
  if (promised.has_value()) {
    line.promises.push_back({.promised = *promised,
                             .announced = announced.value_or(*ordered),
                             .source = std::string(cells.Text("source")),
                             .committed = context.now});
  }
  PARC_ASSIGN(const std::optional<int> received, cells.Whole("received"));
  PARC_ASSIGN(const std::optional<CivilDate> received_date, cells.Date("received_date"));
  if (received.value_or(0) < 0) return cells.Bad("received", "is less than nothing");
  if (received.value_or(0) > 0) {
    if (!received_date.has_value())
      return cells.Bad("received_date", "is empty, but units were received");
    if (context.today < *received_date) return cells.Bad("received_date", "lies in the future");
    line.receipts.push_back({.received = *received_date,
                             .quantity = *received,
                             .serials = {},
                             .actor = context.actor,
                             .committed = context.now});
  }
  order.lines.push_back(std::move(line));
  PARC_TRY(CheckOrder(order));
  return order;
}

bool IsRecorded(const OrderLine& known, const Promise& promise) {
  return std::any_of(known.promises.begin(), known.promises.end(), [&](const Promise& other) {
    return other.promised == promise.promised && other.announced == promise.announced;
  });
}

// A line has one receipt a day as far as a file can tell: the day is its key.
const Receipt* ReceiptOf(const OrderLine& known, const CivilDate& day) {
  const auto found = std::find_if(known.receipts.begin(), known.receipts.end(),
                                  [&](const Receipt& receipt) { return receipt.received == day; });
  return found == known.receipts.end() ? nullptr : &*found;
}

}  // namespace

absl::StatusOr<RowResult> ImportRows::OrderLine(const Cells& cells) {
  PARC_ASSIGN(Order order, ReadOrder(cells, stores_.context));
  const procurement::OrderLine& line = order.lines.front();
  const std::int64_t now = stores_.context.now;
  RowResult result{.line = 0,
                   .outcome = RowOutcome::kUnchanged,
                   .key = fmt::format("{}/{}", order.reference, line.line),
                   .message = {}};
  PARC_ASSIGN(const std::optional<std::int64_t> known_order,
              stores_.orders.FindOrder(order.reference));
  PARC_ASSIGN(std::optional<OrderStore::LineRecord> known, stores_.orders.FindLine(result.key));
  if (!known.has_value()) {
    result.outcome = RowOutcome::kCreated;
    if (known_order.has_value()) {
      PARC_TRY(stores_.orders.InsertLine(*known_order, line, now));
    } else {
      PARC_TRY(stores_.orders.InsertOrder(order, now).status());
    }
    PARC_ASSIGN(known, stores_.orders.FindLine(result.key));
  }
  if (known->line.quantity != line.quantity || known->line.model != line.model) {
    return cells.Bad(
        "quantity",
        fmt::format("or the model differs from what is recorded ({} × {}); what was ordered is "
                    "not overwritten: cancel units or add a line",
                    known->line.quantity, known->line.model));
  }

  std::vector<std::string> news;
  for (const Promise& promise : line.promises) {
    if (IsRecorded(known->line, promise)) continue;
    news.push_back(fmt::format("promised for {}", inventory::ToIso(promise.promised)));
    PARC_TRY(stores_.orders.AddPromise(known->row, promise));
  }
  for (const Receipt& receipt : line.receipts) {
    const Receipt* recorded = ReceiptOf(known->line, receipt.received);
    if (recorded != nullptr && recorded->quantity == receipt.quantity) continue;
    if (recorded != nullptr) {
      return cells.Bad("received", fmt::format("differs from what is recorded of that day ({})",
                                               recorded->quantity));
    }
    if (receipt.received < known->ordered) {
      return cells.Bad("received_date", fmt::format("lies before the day of the order ({})",
                                                    inventory::ToIso(known->ordered)));
    }
    if (receipt.quantity > known->line.Open()) {
      return cells.Bad("received",
                       fmt::format("is more than the line has open ({})", known->line.Open()));
    }
    news.push_back(
        fmt::format("{} received on {}", receipt.quantity, inventory::ToIso(receipt.received)));
    PARC_TRY(stores_.orders.AddReceipt(known->row, receipt).status());
  }
  if (result.outcome == RowOutcome::kUnchanged && !news.empty()) {
    result.outcome = RowOutcome::kUpdated;
    result.message = fmt::format("{}", fmt::join(news, "; "));
  }
  if (result.outcome != RowOutcome::kUnchanged && known_order.has_value())
    PARC_TRY(stores_.orders.Touch(*known_order));
  return result;
}

}  // namespace parc::fleet
