#include "daemon/rpc/convert_orders.h"

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/convert_common.h"
#include "fmt/format.h"

namespace parc::rpc {
namespace {

using rpc::ToProto;  // of dates: the functions below would hide them

parc::v1::Promise ToProto(const procurement::Promise& promise) {
  parc::v1::Promise wire;
  *wire.mutable_promised_date() = ToProto(promise.promised);
  *wire.mutable_announced_date() = ToProto(promise.announced);
  wire.set_source(promise.source);
  *wire.mutable_commit_time() = TimeToProto(promise.committed);
  return wire;
}

parc::v1::Receipt ToProto(const procurement::Receipt& receipt) {
  parc::v1::Receipt wire;
  *wire.mutable_received_date() = ToProto(receipt.received);
  wire.set_quantity(receipt.quantity);
  for (const std::string& serial : receipt.serials) wire.add_serials(serial);
  *wire.mutable_commit_time() = TimeToProto(receipt.committed);
  wire.set_actor(receipt.actor);
  return wire;
}

parc::v1::Cancellation ToProto(const procurement::Cancellation& cancellation) {
  parc::v1::Cancellation wire;
  *wire.mutable_cancelled_date() = ToProto(cancellation.cancelled);
  wire.set_quantity(cancellation.quantity);
  wire.set_reason(cancellation.reason);
  *wire.mutable_commit_time() = TimeToProto(cancellation.committed);
  return wire;
}

absl::StatusOr<procurement::OrderLine> LineFrom(const parc::v1::OrderLine& wire, int number,
                                                const inventory::CivilDate& ordered) {
  const std::string at = fmt::format("order.lines[{}]", number - 1);
  procurement::OrderLine line;
  // Lines that say no number are numbered as they stand.
  line.line = wire.line() == 0 ? number : wire.line();
  line.manufacturer = wire.manufacturer();
  line.model = wire.model();
  line.quantity = wire.quantity();
  if (wire.has_unit_price()) {
    PARC_ASSIGN(line.unit_price, MoneyFrom(wire.unit_price(), at + ".unit_price"));
  }
  if (wire.promises_size() > 1) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_LINE",
                  fmt::format("{}.promises: a new line has one promise at most", at),
                  at + ".promises");
  }
  for (const parc::v1::Promise& stated : wire.promises()) {
    procurement::Promise promise;
    PARC_ASSIGN(promise.promised,
                RequiredDateFrom(stated.promised_date(), at + ".promises[0].promised_date"));
    PARC_ASSIGN(const std::optional<inventory::CivilDate> announced,
                DateFrom(stated.announced_date(), at + ".promises[0].announced_date"));
    promise.announced = announced.value_or(ordered);
    promise.source = stated.source();
    line.promises.push_back(std::move(promise));
  }
  return line;
}

}  // namespace

parc::v1::OrderLine ToProto(const procurement::OrderLine& line, std::string_view reference) {
  parc::v1::OrderLine wire;
  wire.set_name(OrderLineName(fmt::format("{}/{}", reference, line.line)));
  wire.set_line(line.line);
  wire.set_model(line.model);
  wire.set_manufacturer(line.manufacturer);
  wire.set_quantity(line.quantity);
  if (line.unit_price) *wire.mutable_unit_price() = ToProto(*line.unit_price);
  wire.set_open_quantity(line.Open());
  wire.set_received_quantity(line.Received());
  wire.set_cancelled_quantity(line.Cancelled());
  for (const auto& promise : line.promises) *wire.add_promises() = ToProto(promise);
  for (const auto& receipt : line.receipts) *wire.add_receipts() = ToProto(receipt);
  for (const auto& cancelled : line.cancellations) *wire.add_cancellations() = ToProto(cancelled);
  return wire;
}

parc::v1::Order ToProto(const procurement::Order& order) {
  parc::v1::Order wire;
  wire.set_name(NameOf("orders", order.reference));
  wire.set_reference(order.reference);
  wire.set_supplier(order.supplier);
  *wire.mutable_order_date() = ToProto(order.ordered);
  for (const auto& line : order.lines) *wire.add_lines() = ToProto(line, order.reference);
  wire.set_etag(fmt::format("{}", order.revision));
  return wire;
}

absl::StatusOr<procurement::Order> OrderFrom(const parc::v1::Order& wire) {
  procurement::Order order;
  order.reference = wire.reference();
  if (!wire.name().empty()) {
    PARC_ASSIGN(const std::string reference, IdFrom(wire.name(), "orders", "order.name"));
    if (order.reference.empty()) order.reference = reference;
  }
  order.supplier = wire.supplier();
  PARC_ASSIGN(order.ordered, RequiredDateFrom(wire.order_date(), "order.order_date"));
  int number = 0;
  for (const parc::v1::OrderLine& stated : wire.lines()) {
    PARC_ASSIGN(procurement::OrderLine line, LineFrom(stated, ++number, order.ordered));
    order.lines.push_back(std::move(line));
  }
  return order;
}

}  // namespace parc::rpc
