#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "daemon/procurement/order.h"

// What may be added to the ledger of an order line. Pure; the refusals name the field of the
// request that is wrong.
namespace parc::procurement {

// A line as its order has it.
struct LineView {
  std::string_view name;  // "REFERENCE/1", for sentences
  inventory::CivilDate ordered;
  bool planned = false;
  const OrderLine& line;
};

// FAILED_PRECONDITION EFFECTIVE_DATE_TOO_EARLY: nothing comes of an order, and nothing of it is
// shipped or cancelled, before it was made.
absl::Status CheckDay(const LineView& view, const inventory::CivilDate& effective);

// INVALID_ARGUMENT PROMISE_BEFORE_ORDER: a delivery date before the order is a typing error. It may
// lie before its announcement (told late), and before other promises.
absl::Status CheckPromise(const LineView& view, const inventory::CivilDate& promised);

// FAILED_PRECONDITION ORDER_NOT_PLACED, OVER_SHIPMENT when more would be on its way than is open.
absl::Status CheckShipment(const LineView& view, const Shipment& shipment);

// FAILED_PRECONDITION ORDER_NOT_PLACED, OVER_DELIVERY for more than is open unless
// `accept_over_delivery`.
absl::Status CheckReceipt(const LineView& view, int quantity, bool accept_over_delivery);

// FAILED_PRECONDITION NOT_OPEN: only what is open can be cancelled, a unit at least.
absl::Status CheckCancellation(const LineView& view, int quantity);

}  // namespace parc::procurement
