#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/procurement/order.h"
#include "daemon/procurement/punctuality.h"
#include "parc/v1/orders.pb.h"

namespace parc::rpc {

parc::v1::Order ToProto(const procurement::Order& order);
parc::v1::Supplier ToProto(const procurement::Punctuality& supplier);
parc::v1::OrderLine ToProto(const procurement::OrderLine& line, std::string_view reference);

// A new order as a client states it: receipts and cancellations are not read. A promise without the
// day of its announcement was announced with the order. INVALID_ARGUMENT BAD_NAME, BAD_DATE,
// BAD_LINE, OUT_OF_RANGE, with the field ("order.lines[0].quantity").
absl::StatusOr<procurement::Order> OrderFrom(const parc::v1::Order& order);

}  // namespace parc::rpc
