#include "daemon/filter/parse.h"
#include "daemon/fleet/view.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::Moment;
using store::Row;
using store::Statement;

namespace {

void Add(const Coverage& row, Coverage& total) {
  total.needed += row.needed;
  total.equipped += row.equipped;
  total.ready += row.ready;
}

std::string Counted(std::int64_t count, std::string_view one, std::string_view many) {
  return fmt::format(fmt::runtime(count == 1 ? one : many), count);
}

}  // namespace

absl::StatusOr<Status> View::GetStatus(std::string_view filter_text, const Moment& moment) {
  Status status;
  status.as_of = moment.as_of.value_or(context().today);
  const std::string day = inventory::ToIso(status.as_of);
  const store::ColumnMap map = stores_->PersonMap(moment);
  PARC_ASSIGN(const filter::Expression expression,
              filter::Parse(filter_text, inventory::Resource::kPeople));
  PARC_ASSIGN(const store::Where where, store::Compile(expression, map));

  // A person counts when they need a laptop on that day; a laptop counts for its holder when it is
  // ASSIGNED.
  const std::string verdict = stores_->VerdictColumn(moment);
  const std::string laptops = store::OnlyJoinsOf(stores_->LaptopFrom(moment), verdict);
  const std::string held = fmt::format(
      "(SELECT l.holder AS holder, max({} = 'READY') AS ready FROM {} WHERE l.state = 'ASSIGNED' "
      "AND l.holder IS NOT "
      "NULL GROUP BY l.holder)",
      verdict, laptops);
  Statement coverage(
      stores_->db,
      fmt::format(
          "SELECT p.population, count(*), count(g.holder), coalesce(sum(g.ready), 0) FROM {} "
          "LEFT JOIN {} g ON g.holder = p.id WHERE p.needs_laptop = 1 AND ({}) "
          "AND (p.start_date IS NULL OR p.start_date <= '{}') "
          "AND (p.end_date IS NULL OR p.end_date >= '{}') "
          "GROUP BY p.population ORDER BY count(*) DESC, p.population",
          store::PersonSource(moment, context().today), held, where.sql, day, day));
  PARC_TRY(coverage.QueryWith(
      [&](const Row& row) {
        status.coverage.push_back({row.Text(0), row.Int(1), row.Int(2), row.Int(3)});
        Add(status.coverage.back(), status.total);
        return absl::OkStatus();
      },
      where.binds));

  Statement states(stores_->db,
                   fmt::format("SELECT state, count(*) FROM {} GROUP BY state",
                               store::SourceAt(store::kLaptops, moment, context().today)));
  PARC_TRY(states.Query([&](const Row& row) {
    status.by_state[row.Text(0)] = row.Int(1);
    return absl::OkStatus();
  }));
  Statement verdicts(stores_->db,
                     fmt::format("SELECT coalesce({}, 'UNKNOWN'), count(*) FROM {} WHERE l.state = "
                                 "'ASSIGNED' GROUP BY 1",
                                 verdict, laptops));
  PARC_TRY(verdicts.Query([&](const Row& row) {
    status.by_verdict[row.Text(0)] = row.Int(1);
    return absl::OkStatus();
  }));

  const store::ColumnMap orders = stores_->OrderMap(moment);
  const std::int64_t known = moment.known_at.value_or(store::kStillKnown);
  Statement open(stores_->db,
                 fmt::format("SELECT coalesce(sum({}), 0), coalesce(sum({}), 0) FROM orders o "
                             "WHERE o.placed_date <= '{}' AND o.placed_known <= {}",
                             orders.at(inventory::FieldId::kOrderOpen).sql,
                             orders.at(inventory::FieldId::kOrderLate).sql, day, known));
  std::int64_t late = 0;
  PARC_TRY(open.Query([&](const Row& row) {
    status.on_order = row.Int(0);
    late = row.Int(1);
    return absl::OkStatus();
  }));
  if (late > 0) {
    status.alerts.push_back(
        {"ORDERS_LATE",
         Counted(late, "{} order is later than promised", "{} orders are later than promised"),
         Counted(late, "{} commande en retard sur la date promise",
                 "{} commandes en retard sur la date promise"),
         late});
  }
  const std::int64_t not_ready = status.by_verdict["NOT_READY"];
  if (not_ready > 0) {
    status.alerts.push_back({"LAPTOPS_NOT_READY",
                             Counted(not_ready, "{} assigned laptop cannot work from home",
                                     "{} assigned laptops cannot work from home"),
                             Counted(not_ready, "{} poste attribué ne permet pas le télétravail",
                                     "{} postes attribués ne permettent pas le télétravail"),
                             not_ready});
  }
  // Only of laptops that somebody holds: one in stock or in repair is rightly silent.
  const std::int64_t silent = status.by_verdict["STALE"];
  if (silent > 0) {
    status.alerts.push_back({"LAPTOPS_SILENT",
                             Counted(silent, "{} assigned laptop has stopped reporting",
                                     "{} assigned laptops have stopped reporting"),
                             Counted(silent, "{} poste attribué ne rend plus compte",
                                     "{} postes attribués ne rendent plus compte"),
                             silent});
  }
  std::erase_if(status.by_verdict, [](const auto& entry) { return entry.second == 0; });
  return status;
}

}  // namespace parc::fleet
