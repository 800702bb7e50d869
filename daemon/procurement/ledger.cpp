#include "daemon/procurement/ledger.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::procurement {

using inventory::CivilDate;
using inventory::ToIso;

namespace {

absl::Status CheckPlaced(const LineView& view) {
  if (!view.planned) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "ORDER_NOT_PLACED",
                fmt::format("the order of {} is planned for {} and not placed yet", view.name,
                            ToIso(view.ordered)),
                "name");
}

}  // namespace

int OrderLine::InTransit() const {
  struct Event {
    CivilDate day;
    std::int64_t committed = 0;
    int quantity = 0;  // below 0: received

    bool operator<(const Event& other) const {
      return std::tie(day, committed) < std::tie(other.day, other.committed);
    }
  };
  std::vector<Event> events;
  for (const Shipment& shipment : shipments)
    events.push_back({shipment.announced, shipment.committed, shipment.quantity});
  for (const Receipt& receipt : receipts)
    events.push_back({receipt.received, receipt.committed, -receipt.quantity});
  std::stable_sort(events.begin(), events.end());
  int on_the_way = 0;
  for (const Event& event : events) on_the_way = std::max(0, on_the_way + event.quantity);
  return std::min(on_the_way, Open());
}

absl::Status CheckDay(const LineView& view, const CivilDate& effective) {
  if (view.planned || !(effective < view.ordered)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "EFFECTIVE_DATE_TOO_EARLY",
                fmt::format("{} was ordered on {}; this may not take effect on {}", view.name,
                            ToIso(view.ordered), ToIso(effective)),
                "options.effective_date");
}

absl::Status CheckPromise(const LineView& view, const CivilDate& promised) {
  if (!(promised < view.ordered)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kInvalidArgument, "PROMISE_BEFORE_ORDER",
                fmt::format("{} was ordered on {}; it cannot be promised for {}", view.name,
                            ToIso(view.ordered), ToIso(promised)),
                "promised_date");
}

absl::Status CheckShipment(const LineView& view, const Shipment& shipment) {
  PARC_TRY(CheckPlaced(view));
  PARC_TRY(CheckDay(view, shipment.announced));
  if (shipment.shipped < view.ordered) {
    return Refuse(absl::StatusCode::kInvalidArgument, "SHIPPED_BEFORE_ORDER",
                  fmt::format("{} was ordered on {}; it cannot be shipped on {}", view.name,
                              ToIso(view.ordered), ToIso(shipment.shipped)),
                  "shipped_date");
  }
  const int waiting = view.line.Open() - view.line.InTransit();
  if (shipment.quantity >= 1 && shipment.quantity <= waiting) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "OVER_SHIPMENT",
                fmt::format("{} has {} open units, {} of them on their way; {} cannot be shipped",
                            view.name, view.line.Open(), view.line.InTransit(), shipment.quantity),
                "quantity");
}

absl::Status CheckReceipt(const LineView& view, int quantity, bool accept_over_delivery) {
  PARC_TRY(CheckPlaced(view));
  if (quantity <= view.line.Open() || accept_over_delivery) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "OVER_DELIVERY",
                fmt::format("{} has {} open units and {} arrived; accept the over-delivery to "
                            "record it",
                            view.name, view.line.Open(), quantity),
                "serials");
}

absl::Status CheckCancellation(const LineView& view, int quantity) {
  if (quantity >= 1 && quantity <= view.line.Open()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_OPEN",
                fmt::format("{} has {} open units; {} cannot be cancelled", view.name,
                            view.line.Open(), quantity),
                "quantity");
}

}  // namespace parc::procurement
