#include "daemon/fleet/view.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

// Orders, suppliers, and what a forecast assumes.
namespace parc::fleet {

using inventory::FieldId;
using inventory::Moment;
using inventory::Resource;
using store::Column;
using store::ColumnMap;
using store::ListPlan;
using store::Row;

absl::StatusOr<procurement::Order> View::GetOrder(std::string_view reference,
                                                  const Moment& moment) {
  PARC_ASSIGN(const std::optional<std::int64_t> row, stores_->orders.FindOrder(reference));
  std::optional<procurement::Order> order;
  if (row.has_value()) {
    PARC_ASSIGN(order, stores_->orders.Read(*row, moment));
  }
  if (!order.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "ORDER_NOT_FOUND",
                  fmt::format("there is no order \"{}\"", reference.substr(0, 64)), "name");
  }
  return *std::move(order);
}

ColumnMap View::Stores::OrderMap(const Moment& moment) const {
  const std::string day =
      moment.as_of.has_value() ? inventory::ToIso(*moment.as_of) : std::string(store::kForever);
  const std::int64_t known = moment.known_at.value_or(store::kStillKnown);
  const std::string open_of_line = fmt::format(
      "max(0, ol.quantity - coalesce((SELECT sum(quantity) FROM receipts r WHERE r.line = ol.id "
      "AND r.received_date "
      "<= '{0}' AND r.known_from <= {1}), 0) - coalesce((SELECT sum(quantity) FROM cancellations c "
      "WHERE c.line = "
      "ol.id AND c.cancelled_date <= '{0}' AND c.known_from <= {1}), 0))",
      day, known);
  const std::string promised_of_line = fmt::format(
      "(SELECT promised_date FROM promises m WHERE m.line = ol.id AND m.announced_date <= '{}' AND "
      "m.known_from <= {} "
      "ORDER BY m.announced_date DESC, m.id DESC LIMIT 1)",
      day, known);
  const std::string lines =
      fmt::format("order_lines ol WHERE ol.order_id = o.id AND ol.known_from <= {}", known);
  const std::string today = inventory::ToIso(moment.as_of.value_or(context.today));
  const std::string placed_on =
      fmt::format("CASE WHEN o.placed_known <= {} AND o.placed_date <= '{}' THEN o.placed_date END",
                  known, day);
  return {
      {FieldId::kOrderReference, Column::WithKey("o.reference", "o.reference_key")},
      {FieldId::kOrderSupplier, "o.supplier"},
      {FieldId::kOrderDate, fmt::format("coalesce({}, o.order_date)", placed_on)},
      {FieldId::kOrderStatus,
       fmt::format("CASE WHEN {} IS NULL THEN 'PLANNED' ELSE 'PLACED' END", placed_on)},
      {FieldId::kOrderOpen,
       fmt::format("(SELECT coalesce(sum({}), 0) FROM {})", open_of_line, lines)},
      {FieldId::kOrderPromised,
       fmt::format("(SELECT max({}) FROM {} AND {} > 0)", promised_of_line, lines, open_of_line)},
      {FieldId::kOrderLate, fmt::format("{} IS NOT NULL AND EXISTS (SELECT 1 FROM {} AND {} > 0 "
                                        "AND {} < '{}')",
                                        placed_on, lines, open_of_line, promised_of_line, today)},
  };
}

absl::StatusOr<Page<procurement::Order>> View::ListOrders(const ListQuery& query) {
  const ColumnMap columns = stores_->OrderMap(query.moment);
  PARC_ASSIGN(ListPlan plan,
              stores_->Plan(query, Resource::kOrders, columns, FieldId::kOrderReference));
  plan.columns = "o.id";
  plan.from = "orders o";
  plan.id = "o.id";
  if (query.moment.as_of.has_value()) {
    plan.where.sql = fmt::format("({}) AND coalesce(o.planned_on, o.order_date) <= '{}'",
                                 plan.where.sql, inventory::ToIso(*query.moment.as_of));
  }
  if (query.moment.known_at.has_value()) {
    plan.where.sql =
        fmt::format("({}) AND o.known_from <= {}", plan.where.sql, *query.moment.known_at);
  }
  Page<procurement::Order> page;
  page.page_size = plan.page_size;
  PARC_ASSIGN(store::ListResult result,
              store::RunList(stores_->db, plan, [&](const Row& row) -> absl::Status {
                PARC_ASSIGN(std::optional<procurement::Order> order,
                            stores_->orders.Read(row.Int(0), query.moment));
                if (order.has_value()) page.items.push_back(*std::move(order));
                return absl::OkStatus();
              }));
  page.next_cursor = std::move(result.next_cursor);
  page.total = result.total;
  return page;
}

absl::StatusOr<std::vector<procurement::Order>> View::Stores::AllOrders(const Moment& moment) {
  std::vector<std::int64_t> rows;
  store::Statement select(db, "SELECT id FROM orders ORDER BY reference_key");
  PARC_TRY(select.Query([&](const Row& row) {
    rows.push_back(row.Int(0));
    return absl::OkStatus();
  }));
  std::vector<procurement::Order> all;
  for (const std::int64_t row : rows) {
    PARC_ASSIGN(std::optional<procurement::Order> order, orders.Read(row, moment));
    if (order.has_value()) all.push_back(*std::move(order));
  }
  return all;
}

absl::StatusOr<std::vector<procurement::Punctuality>> View::ListSuppliers(const Moment& moment) {
  const inventory::CivilDate day = moment.as_of.value_or(context().today);
  PARC_ASSIGN(const std::vector<procurement::Order> orders,
              stores_->AllOrders({.as_of = day, .known_at = moment.known_at}));
  return procurement::PunctualityOf(orders, day);
}

absl::StatusOr<procurement::Planning> View::GetPlanning(const Moment& moment) {
  return stores_->planning.Read(
      {.as_of = moment.as_of.value_or(context().today), .known_at = moment.known_at});
}

absl::StatusOr<std::vector<procurement::Target>> View::ListTargets(const Moment& moment) {
  return stores_->planning.Targets(
      {.as_of = moment.as_of.value_or(context().today), .known_at = moment.known_at});
}

}  // namespace parc::fleet
