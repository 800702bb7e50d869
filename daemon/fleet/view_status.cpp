#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

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

absl::Status View::Stores::CountBySql(std::string_view filter_text, const Moment& moment,
                                      Status& status) {
  const std::string day = inventory::ToIso(status.as_of);
  const store::ColumnMap map = PersonMap(moment);
  PARC_ASSIGN(const filter::Expression expression,
              filter::Parse(filter_text, inventory::Resource::kPeople));
  PARC_ASSIGN(const store::Where where, store::Compile(expression, map));

  // A laptop counts for its holder when it is ASSIGNED; a person, when they need one on that day.
  // Two scans, brought together here: SQLite sorts 100,000 holders to join them (230 ms of CPU
  // against 90).
  const std::string verdict = VerdictColumn(moment);
  const std::string laptops = store::OnlyJoinsOf(LaptopFrom(moment), verdict);
  Statement assigned(
      db, fmt::format("SELECT l.holder, {} FROM {} WHERE l.state = 'ASSIGNED'", verdict, laptops));
  std::unordered_map<std::int64_t, bool> holders;  // whether one of their laptops is ready
  PARC_TRY(assigned.Query([&](const Row& row) {
    std::string found = row.Text(1);
    if (!row.IsNull(0)) holders[row.Int(0)] |= found == "READY";
    ++status.by_verdict[std::move(found)];
    return absl::OkStatus();
  }));
  std::map<std::string, Coverage> populations;
  Statement people(
      db, fmt::format("SELECT p.id, p.population FROM {} WHERE p.needs_laptop = 1 AND ({}) "
                      "AND (p.start_date IS NULL OR p.start_date <= '{}') "
                      "AND (p.end_date IS NULL OR p.end_date >= '{}')",
                      store::OnlyJoinsOf(store::PersonSource(moment, context.today), where.sql),
                      where.sql, day, day));
  PARC_TRY(people.QueryWith(
      [&](const Row& row) {
        Coverage& coverage = populations[row.Text(1)];
        const auto held = holders.find(row.Int(0));
        ++coverage.needed;
        coverage.equipped += held == holders.end() ? 0 : 1;
        coverage.ready += held != holders.end() && held->second ? 1 : 0;
        return absl::OkStatus();
      },
      where.binds));
  for (auto& [population, coverage] : populations) {
    coverage.population = population;
    status.coverage.push_back(std::move(coverage));
  }
  Statement states(db, fmt::format("SELECT state, count(*) FROM {} GROUP BY state",
                                   store::SourceAt(store::kLaptops, moment, context.today)));
  return states.Query([&](const Row& row) {
    status.by_state[row.Text(0)] = row.Int(1);
    return absl::OkStatus();
  });
}

absl::StatusOr<Status> View::GetStatus(std::string_view filter_text, const Moment& moment) {
  Status status;
  status.as_of = moment.as_of.value_or(context().today);
  bool counted = false;
  if (moment.IsNow() && filter_text.empty()) {
    PARC_ASSIGN(counted, stores_->CountInMemory(status));
  }
  if (!counted) PARC_TRY(stores_->CountBySql(filter_text, moment, status));
  for (const Coverage& coverage : status.coverage) Add(coverage, status.total);
  // By name, where two need as much.
  std::sort(status.coverage.begin(), status.coverage.end(), [](const auto& a, const auto& b) {
    return std::tie(b.needed, a.population) < std::tie(a.needed, b.population);
  });

  const store::ColumnMap orders = stores_->OrderMap(moment);
  const std::int64_t known = moment.known_at.value_or(store::kStillKnown);
  Statement open(stores_->db,
                 fmt::format("SELECT coalesce(sum({}), 0), coalesce(sum({}), 0) FROM orders o "
                             "WHERE o.placed_date <= '{}' AND o.placed_known <= {}",
                             orders.at(inventory::FieldId::kOrderOpen).sql,
                             orders.at(inventory::FieldId::kOrderLate).sql,
                             inventory::ToIso(status.as_of), known));
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
