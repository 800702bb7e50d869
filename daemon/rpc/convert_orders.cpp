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

parc::v1::Shipment ToProto(const procurement::Shipment& shipment) {
  parc::v1::Shipment wire;
  *wire.mutable_announced_date() = ToProto(shipment.announced);
  *wire.mutable_shipped_date() = ToProto(shipment.shipped);
  wire.set_quantity(shipment.quantity);
  wire.set_carrier(shipment.carrier);
  wire.set_tracking(shipment.tracking);
  *wire.mutable_commit_time() = TimeToProto(shipment.committed);
  wire.set_actor(shipment.actor);
  return wire;
}

parc::v1::Receipt ToProto(const procurement::Receipt& receipt) {
  parc::v1::Receipt wire;
  *wire.mutable_received_date() = ToProto(receipt.received);
  wire.set_quantity(receipt.quantity);
  for (const std::string& serial : receipt.serials) wire.add_serials(serial);
  *wire.mutable_commit_time() = TimeToProto(receipt.committed);
  wire.set_actor(receipt.actor);
  wire.set_model(receipt.model);
  wire.set_manufacturer(receipt.manufacturer);
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
  line.external_id = wire.external_id();
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
  wire.set_in_transit_quantity(line.InTransit());
  wire.set_external_id(line.external_id);
  for (const auto& shipment : line.shipments) *wire.add_shipments() = ToProto(shipment);
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
  wire.set_status(order.planned ? parc::v1::ORDER_STATUS_PLANNED : parc::v1::ORDER_STATUS_PLACED);
  if (order.planned_on) *wire.mutable_planned_date() = ToProto(*order.planned_on);
  return wire;
}

namespace {

parc::v1::ShareEstimate ToProto(const procurement::Share& share) {
  parc::v1::ShareEstimate wire;
  wire.set_hits(share.hits);
  wire.set_trials(share.trials);
  wire.set_low(share.low);
  wire.set_high(share.high);
  return wire;
}

parc::v1::DaysEstimate ToProto(const procurement::MedianDays& days) {
  parc::v1::DaysEstimate wire;
  wire.set_observations(days.observations);
  if (days.median) wire.set_median(*days.median);
  wire.set_at_least(days.at_least);
  if (days.low) wire.set_low(*days.low);
  if (days.high) wire.set_high(*days.high);
  return wire;
}

parc::v1::SlipTrend ToProto(procurement::Trend trend) {
  switch (trend) {
    case procurement::Trend::kTooFew:
      return parc::v1::SLIP_TREND_TOO_FEW;
    case procurement::Trend::kNone:
      return parc::v1::SLIP_TREND_NONE;
    case procurement::Trend::kBetter:
      return parc::v1::SLIP_TREND_BETTER;
    case procurement::Trend::kWorse:
      return parc::v1::SLIP_TREND_WORSE;
  }
  return parc::v1::SLIP_TREND_UNSPECIFIED;
}

}  // namespace

parc::v1::Supplier ToProto(const procurement::Punctuality& supplier) {
  parc::v1::Supplier wire;
  wire.set_supplier(supplier.supplier);
  wire.set_orders(supplier.orders);
  wire.set_lines(supplier.lines);
  wire.set_units(supplier.units);
  wire.set_open_units(supplier.open_units);
  wire.set_late_lines(supplier.late_lines);
  wire.set_judged_lines(supplier.slip.observations);
  *wire.mutable_on_time() = ToProto(supplier.on_time);
  *wire.mutable_slip() = ToProto(supplier.slip);
  wire.set_trend(ToProto(supplier.trend.trend));
  wire.set_trend_days_per_quarter(supplier.trend.days_per_quarter);
  *wire.mutable_lead_time() = ToProto(supplier.lead_time);
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
  order.planned = wire.status() == parc::v1::ORDER_STATUS_PLANNED;
  PARC_ASSIGN(order.ordered, RequiredDateFrom(wire.order_date(), "order.order_date"));
  int number = 0;
  for (const parc::v1::OrderLine& stated : wire.lines()) {
    PARC_ASSIGN(procurement::OrderLine line, LineFrom(stated, ++number, order.ordered));
    order.lines.push_back(std::move(line));
  }
  return order;
}

}  // namespace parc::rpc
