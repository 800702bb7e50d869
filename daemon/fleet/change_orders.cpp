#include <algorithm>
#include <set>

#include "daemon/fleet/change.h"
#include "daemon/fleet/change_stores.h"
#include "daemon/fleet/validate.h"
#include "daemon/inventory/identity.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::LaptopEvent;
using inventory::LaptopState;
using procurement::Order;
using procurement::OrderLine;
using store::LaptopRecord;
using store::OrderStore;

namespace {

constexpr std::size_t kMaxSerials = 10'000;
// As many as an error of gRPC can carry (its metadata is cut at 8 KiB).
constexpr std::size_t kMaxNamed = 20;

// Nothing comes of an order, and nothing of it is cancelled, before it was made.
absl::Status CheckOrdered(const OrderStore::LineRecord& line, const CivilDate& effective) {
  if (!(effective < line.ordered)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "EFFECTIVE_DATE_TOO_EARLY",
                fmt::format("{} was ordered on {}; this may not take effect on {}", line.reference,
                            inventory::ToIso(line.ordered), inventory::ToIso(effective)),
                "options.effective_date");
}

}  // namespace

absl::StatusOr<Order> Change::CreateOrder(const Order& wanted) {
  PARC_TRY(CheckOrder(wanted));
  if (context().today < wanted.ordered) {
    return Refuse(absl::StatusCode::kInvalidArgument, "EFFECTIVE_DATE_IN_FUTURE",
                  "the order date lies in the future", "order.order_date");
  }
  PARC_ASSIGN(std::optional<std::int64_t> other, stores_->orders.FindOrder(wanted.reference));
  if (other.has_value()) {
    return Refuse(absl::StatusCode::kAlreadyExists, "ORDER_EXISTS",
                  fmt::format("there is an order \"{}\" already", wanted.reference),
                  "order.reference");
  }
  PARC_ASSIGN(const std::int64_t row, stores_->orders.InsertOrder(wanted, context().now));
  PARC_ASSIGN(std::optional<Order> order, stores_->orders.Read(row, {}));
  return *std::move(order);
}

absl::StatusOr<OrderLine> Change::RecordPromise(std::string_view name, CivilDate promised,
                                                std::string_view source) {
  PARC_ASSIGN(const CivilDate announced, stores_->Effective());
  PARC_TRY(CheckText(source, "source"));
  PARC_ASSIGN(OrderStore::LineRecord record, stores_->Line(name));
  PARC_TRY(stores_->orders.AddPromise(record.row, {.promised = promised,
                                                   .announced = announced,
                                                   .source = std::string(source),
                                                   .committed = context().now}));
  PARC_TRY(stores_->orders.Touch(record.order));
  PARC_ASSIGN(record, stores_->Line(name));
  return record.line;
}

absl::StatusOr<OrderLine> Change::CancelOrderLine(std::string_view name, int quantity) {
  PARC_ASSIGN(const CivilDate effective, stores_->Effective());
  PARC_ASSIGN(OrderStore::LineRecord record, stores_->Line(name));
  PARC_TRY(CheckOrdered(record, effective));
  if (quantity < 1 || quantity > record.line.Open()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_OPEN",
                  fmt::format("{} has {} open units; {} cannot be cancelled", name,
                              record.line.Open(), quantity),
                  "quantity");
  }
  PARC_TRY(stores_->orders.AddCancellation(record.row,
                                           {.cancelled = effective,
                                            .quantity = quantity,
                                            .reason = context().reason,
                                            .committed = context().now},
                                           context().actor));
  PARC_TRY(stores_->orders.Touch(record.order));
  PARC_ASSIGN(record, stores_->Line(name));
  return record.line;
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

absl::StatusOr<Change::Received> Change::ReceiveLaptops(const Reception& reception) {
  PARC_ASSIGN(const CivilDate effective, stores_->Effective());
  PARC_ASSIGN(OrderStore::LineRecord line, stores_->Line(reception.line));
  PARC_TRY(CheckOrdered(line, effective));
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
  if (quantity > line.line.Open() && !reception.accept_over_delivery) {
    return Refuse(
        absl::StatusCode::kFailedPrecondition, "OVER_DELIVERY",
        fmt::format("{} has {} open units and {} arrived; accept the over-delivery to record it",
                    reception.line, line.line.Open(), quantity),
        "serials");
  }
  PARC_ASSIGN(const std::optional<std::int64_t> site, stores_->SiteRow(reception.site));
  PARC_ASSIGN(const std::int64_t receipt,
              stores_->orders.AddReceipt(line.row, {.received = effective,
                                                    .quantity = quantity,
                                                    .serials = {},
                                                    .actor = context().actor,
                                                    .committed = context().now}));
  Received received;
  for (std::size_t i = 0; i < reception.serials.size(); ++i) {
    LaptopRecord record;
    record.laptop.asset_tag =
        reception.asset_tags.empty() ? reception.serials[i] : reception.asset_tags[i];
    record.laptop.serial = reception.serials[i];
    record.laptop.manufacturer = line.line.manufacturer;
    record.laptop.model = line.line.model;
    record.laptop.price = line.line.unit_price;
    record.laptop.purchase_date = effective;
    record.laptop.state_since = effective;
    record.site = site;
    record.order_line = line.row;
    record.receipt = receipt;
    PARC_TRY(CheckLaptop(record.laptop));
    PARC_ASSIGN(std::optional<LaptopRecord> other,
                stores_->laptops.FindByTag(record.laptop.asset_tag));
    if (other.has_value()) {
      return Refuse(absl::StatusCode::kAlreadyExists, "LAPTOP_EXISTS",
                    fmt::format("laptop {} exists already", other->laptop.asset_tag), "asset_tags");
    }
    PARC_ASSIGN(const std::int64_t id, stores_->laptops.Insert(record, effective, context().now));
    PARC_TRY(stores_->laptops.AddEvent({.laptop = id,
                                        .event = LaptopEvent::kReceive,
                                        .from = std::nullopt,
                                        .to = LaptopState::kInStock,
                                        .person = std::nullopt,
                                        .effective = effective,
                                        .now = context().now,
                                        .actor = context().actor,
                                        .reason = context().reason}));
    received.laptops.push_back(record.laptop.asset_tag);
  }
  PARC_TRY(stores_->orders.Touch(line.order));
  PARC_ASSIGN(line, stores_->Line(reception.line));
  received.line = std::move(line.line);
  return received;
}

}  // namespace parc::fleet
