#include <algorithm>
#include <set>

#include "daemon/fleet/change.h"
#include "daemon/fleet/change_stores.h"
#include "daemon/fleet/validate.h"
#include "daemon/inventory/identity.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/procurement/ledger.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::LaptopEvent;
using inventory::LaptopState;
using procurement::Order;
using procurement::OrderLine;
using procurement::Shipment;
using store::LaptopRecord;
using store::OrderStore;

namespace {

constexpr std::size_t kMaxSerials = 10'000;
// As many as an error of gRPC can carry (its metadata is cut at 8 KiB).
constexpr std::size_t kMaxNamed = 20;

}  // namespace

absl::StatusOr<Order> Change::CreateOrder(const Order& wanted) {
  PARC_TRY(CheckOrder(wanted));
  if (!wanted.planned && context().today < wanted.ordered) {
    return Refuse(absl::StatusCode::kInvalidArgument, "EFFECTIVE_DATE_IN_FUTURE",
                  "the order date lies in the future; record the order as planned",
                  "order.order_date");
  }
  PARC_ASSIGN(std::optional<std::int64_t> other, stores_->orders.FindOrder(wanted.reference));
  if (other.has_value()) {
    return Refuse(absl::StatusCode::kAlreadyExists, "ORDER_EXISTS",
                  fmt::format("there is an order \"{}\" already", wanted.reference),
                  "order.reference");
  }
  Order stored = wanted;
  stored.planned_on.reset();
  if (wanted.planned) {
    PARC_ASSIGN(stored.planned_on, stores_->Effective());
  }
  PARC_ASSIGN(const std::int64_t row, stores_->orders.InsertOrder(stored, context().now));
  PARC_ASSIGN(std::optional<Order> order, stores_->orders.Read(row, {}));
  return *std::move(order);
}

absl::StatusOr<std::int64_t> Change::Stores::OrderRow(std::string_view reference) {
  PARC_ASSIGN(const std::optional<std::int64_t> row, orders.FindOrder(reference));
  if (row.has_value()) return *row;
  return Refuse(absl::StatusCode::kNotFound, "ORDER_NOT_FOUND",
                fmt::format("there is no order \"{}\"", reference.substr(0, 64)), "name");
}

absl::StatusOr<Order> Change::PlaceOrder(std::string_view reference) {
  PARC_ASSIGN(const CivilDate effective, stores_->Effective());
  PARC_ASSIGN(const std::int64_t row, stores_->OrderRow(reference));
  PARC_ASSIGN(std::optional<Order> order, stores_->orders.Read(row, {}));
  if (!order->planned) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ORDER_PLACED",
                  fmt::format("{} was placed on {} already", order->reference,
                              inventory::ToIso(order->ordered)),
                  "name");
  }
  if (order->planned_on.has_value() && effective < *order->planned_on) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "EFFECTIVE_DATE_TOO_EARLY",
                  fmt::format("{} is planned since {}; it was not placed on {}", order->reference,
                              inventory::ToIso(*order->planned_on), inventory::ToIso(effective)),
                  "options.effective_date");
  }
  PARC_TRY(stores_->orders.Place(row, effective, context().now));
  PARC_ASSIGN(order, stores_->orders.Read(row, {}));
  return *std::move(order);
}

absl::StatusOr<OrderLine> Change::RecordShipment(std::string_view name, Shipment shipment) {
  PARC_ASSIGN(shipment.announced, stores_->Effective());
  PARC_TRY(CheckText(shipment.carrier, "carrier"));
  PARC_TRY(CheckText(shipment.tracking, "tracking"));
  PARC_ASSIGN(OrderStore::LineRecord record, stores_->Line(name));
  if (shipment.quantity == 0) shipment.quantity = record.line.Open() - record.line.InTransit();
  PARC_TRY(procurement::CheckShipment(record.View(name), shipment));
  shipment.actor = context().actor;
  shipment.committed = context().now;
  PARC_TRY(stores_->orders.AddShipment(record.row, shipment));
  PARC_TRY(stores_->orders.Touch(record.order));
  PARC_ASSIGN(record, stores_->Line(name));
  return record.line;
}

absl::StatusOr<OrderLine> Change::RecordPromise(std::string_view name, CivilDate promised,
                                                std::string_view source) {
  PARC_ASSIGN(const CivilDate announced, stores_->Effective());
  PARC_TRY(CheckText(source, "source"));
  PARC_ASSIGN(OrderStore::LineRecord record, stores_->Line(name));
  PARC_TRY(procurement::CheckPromise(record.View(name), promised));
  PARC_TRY(stores_->orders.AddPromise(record.row, {.promised = promised,
                                                   .announced = announced,
                                                   .source = std::string(source),
                                                   .committed = context().now}));
  PARC_TRY(stores_->orders.Touch(record.order));
  PARC_ASSIGN(record, stores_->Line(name));
  return record.line;
}

absl::StatusOr<OrderLine> Change::CancelOrderLine(std::string_view name,
                                                  std::optional<int> quantity) {
  PARC_ASSIGN(const CivilDate effective, stores_->Effective());
  PARC_ASSIGN(OrderStore::LineRecord record, stores_->Line(name));
  PARC_TRY(procurement::CheckDay(record.View(name), effective));
  const int units = quantity.value_or(record.line.Open());
  PARC_TRY(procurement::CheckCancellation(record.View(name), units));
  PARC_TRY(stores_->orders.AddCancellation(record.row,
                                           {.cancelled = effective,
                                            .quantity = units,
                                            .reason = context().reason,
                                            .committed = context().now},
                                           context().actor));
  PARC_TRY(stores_->orders.Touch(record.order));
  PARC_ASSIGN(record, stores_->Line(name));
  return record.line;
}

absl::StatusOr<Order> Change::CancelOrder(std::string_view reference) {
  PARC_ASSIGN(const std::int64_t row, stores_->OrderRow(reference));
  PARC_ASSIGN(std::optional<Order> order, stores_->orders.Read(row, {}));
  bool any = false;
  for (const OrderLine& line : order->lines) {
    if (line.Open() == 0) continue;
    any = true;
    PARC_TRY(CancelOrderLine(fmt::format("{}/{}", order->reference, line.line), {}).status());
  }
  if (!any) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_OPEN",
                  fmt::format("{} has no open units; nothing can be cancelled", order->reference),
                  "name");
  }
  PARC_ASSIGN(order, stores_->orders.Read(row, {}));
  return *std::move(order);
}

namespace {

// What is wrong with the serials of a delivery, one sentence each; empty when nothing is.
absl::StatusOr<std::vector<std::string>> BadSerials(const std::vector<std::string>& serials,
                                                    store::LaptopStore& laptops) {
  std::vector<std::string> wrong;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < serials.size(); ++i) {
    const std::string shown = serials[i].substr(0, 64);
    const std::optional<std::string> key = inventory::NormaliseSerial(serials[i]);
    if (!key.has_value()) {
      wrong.push_back(fmt::format("{}. \"{}\" is no serial number", i + 1, shown));
    } else if (!seen.insert(*key).second) {
      wrong.push_back(fmt::format("{}. {} occurs twice", i + 1, shown));
    } else {
      PARC_ASSIGN(std::optional<LaptopRecord> known, laptops.FindBySerial(serials[i]));
      if (known.has_value()) {
        wrong.push_back(
            fmt::format("{}. {} is known already, as {}", i + 1, shown, known->laptop.asset_tag));
      }
    }
  }
  return wrong;
}

}  // namespace

absl::Status Change::Stores::InsertReceived(const OrderStore::LineRecord& line,
                                            std::int64_t receipt, const ReceivedUnit& unit,
                                            const CivilDate& day) {
  LaptopRecord record;
  record.laptop.asset_tag = unit.asset_tag;
  record.laptop.serial = unit.serial;
  record.laptop.manufacturer = unit.manufacturer;
  record.laptop.model = unit.model;
  record.laptop.price = line.line.unit_price;
  record.laptop.purchase_date = day;
  record.laptop.state_since = day;
  record.site = unit.site;
  record.order_line = line.row;
  record.receipt = receipt;
  PARC_TRY(CheckLaptop(record.laptop));
  PARC_ASSIGN(std::optional<LaptopRecord> other, laptops.FindByTag(record.laptop.asset_tag));
  if (other.has_value()) {
    return Refuse(absl::StatusCode::kAlreadyExists, "LAPTOP_EXISTS",
                  fmt::format("laptop {} exists already", other->laptop.asset_tag), "asset_tags");
  }
  PARC_TRY(CheckNotCrossed(record.laptop, std::nullopt));
  PARC_ASSIGN(const std::int64_t id, laptops.Insert(record, day, context.now));
  return laptops.AddEvent({.laptop = id,
                           .event = LaptopEvent::kReceive,
                           .from = std::nullopt,
                           .to = LaptopState::kInStock,
                           .person = std::nullopt,
                           .effective = day,
                           .now = context.now,
                           .actor = context.actor,
                           .reason = context.reason});
}

absl::StatusOr<Change::Received> Change::ReceiveLaptops(const Reception& reception) {
  PARC_ASSIGN(const CivilDate effective, stores_->Effective());
  PARC_ASSIGN(OrderStore::LineRecord line, stores_->Line(reception.line));
  PARC_TRY(procurement::CheckDay(line.View(reception.line), effective));
  PARC_TRY(CheckText(reception.manufacturer, "manufacturer"));
  PARC_TRY(CheckText(reception.model, "model"));
  if (reception.serials.empty() || reception.serials.size() > kMaxSerials) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_SERIALS",
                  fmt::format("a delivery needs between 1 and {} serials", kMaxSerials), "serials");
  }
  if (!reception.asset_tags.empty() && reception.asset_tags.size() != reception.serials.size()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_ASSET_TAGS",
                  fmt::format("{} asset tags for {} serials", reception.asset_tags.size(),
                              reception.serials.size()),
                  "asset_tags");
  }
  PARC_ASSIGN(const std::vector<std::string> wrong,
              BadSerials(reception.serials, stores_->laptops));
  if (!wrong.empty()) {
    const auto named_end =
        wrong.begin() + static_cast<std::ptrdiff_t>(std::min(wrong.size(), kMaxNamed));
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_SERIALS",
                  fmt::format("{} of {} serials cannot be received: {}{}", wrong.size(),
                              reception.serials.size(), fmt::join(wrong.begin(), named_end, "; "),
                              wrong.size() > kMaxNamed ? "; …" : ""),
                  "serials");
  }
  const int quantity = static_cast<int>(reception.serials.size());
  PARC_TRY(procurement::CheckReceipt(line.View(reception.line), quantity,
                                     reception.accept_over_delivery));
  const bool other_model = !reception.model.empty() && reception.model != line.line.model;
  PARC_ASSIGN(const std::optional<std::int64_t> site, stores_->SiteRow(reception.site));
  PARC_ASSIGN(const std::int64_t receipt,
              stores_->orders.AddReceipt(line.row,
                                         {.received = effective,
                                          .quantity = quantity,
                                          .manufacturer = other_model ? reception.manufacturer : "",
                                          .model = other_model ? reception.model : "",
                                          .serials = {},
                                          .actor = context().actor,
                                          .committed = context().now}));
  Received received;
  for (std::size_t i = 0; i < reception.serials.size(); ++i) {
    const Stores::ReceivedUnit unit{
        .serial = reception.serials[i],
        .asset_tag = reception.asset_tags.empty() ? reception.serials[i] : reception.asset_tags[i],
        .manufacturer = other_model ? reception.manufacturer : line.line.manufacturer,
        .model = other_model ? reception.model : line.line.model,
        .site = site};
    PARC_TRY(stores_->InsertReceived(line, receipt, unit, effective));
    received.laptops.push_back(unit.asset_tag);
  }
  PARC_TRY(stores_->orders.Touch(line.order));
  PARC_ASSIGN(line, stores_->Line(reception.line));
  received.line = std::move(line.line);
  return received;
}

}  // namespace parc::fleet
