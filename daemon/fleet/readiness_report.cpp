#include "daemon/fleet/readiness_report.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "daemon/filter/parse.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/detail_codec.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::FieldId;
using inventory::Moment;
using store::Row;

namespace {

void Add(const ReadinessGroup& group, ReadinessGroup& total) {
  total.laptops += group.laptops;
  total.ready += group.ready;
  total.degraded += group.degraded;
  total.not_ready += group.not_ready;
  total.unknown += group.unknown;
  total.stale += group.stale;
}

using Counts = std::map<std::string, CheckCount, std::less<>>;

void CountResult(const store::CheckGlance& result, Counts& counts) {
  using posture::Outcome;
  const bool fails = result.outcome == Outcome::kFail;
  if (!fails && result.outcome != Outcome::kUnknown && result.outcome != Outcome::kError) return;
  auto found = counts.find(result.check);
  if (found == counts.end()) found = counts.emplace(result.check, CheckCount()).first;
  CheckCount& count = found->second;
  ++(!fails ? count.untold : result.in_grace ? count.tolerated : count.failing);
}

// Laptops in state ASSIGNED that `where` picks, but those whose report is too old. One scan: a
// question for each laptop took many times as long.
absl::StatusOr<std::vector<CheckCount>> CountChecks(View::Stores& stores, const store::Where& where,
                                                    const std::string& verdict) {
  store::Statement select(
      stores.db, fmt::format("SELECT j.checks FROM {} JOIN details j ON j.laptop = l.id "
                             "WHERE l.state = 'ASSIGNED' AND ({}) AND ({}) <> 'STALE'",
                             store::OnlyJoinsOf(stores.LaptopFrom({}), where.sql + " " + verdict),
                             where.sql, verdict));
  Counts counts;
  PARC_TRY(select.QueryWith(
      [&](const Row& row) {
        return store::ForEachCheck(
            row.Text(0), [&](const store::CheckGlance& result) { CountResult(result, counts); });
      },
      where.binds));
  std::vector<CheckCount> checks;
  for (auto& [check, count] : counts) {
    count.check = check;
    checks.push_back(std::move(count));
  }
  std::stable_sort(checks.begin(), checks.end(), [](const CheckCount& a, const CheckCount& b) {
    return std::tie(b.failing, b.tolerated, b.untold) < std::tie(a.failing, a.tolerated, a.untold);
  });
  return checks;
}

}  // namespace

absl::StatusOr<ReadinessReport> GetReadinessReport(View& view, Grouping grouping,
                                                   std::string_view filter, const Moment& moment) {
  View::Stores stores(view.connection());
  stores.context = view.context();
  if (moment.as_of.has_value() && view.context().today < *moment.as_of) {
    return Refuse(absl::StatusCode::kInvalidArgument, "AS_OF_IN_FUTURE",
                  fmt::format("{} lies in the future: nobody has judged that day yet",
                              inventory::ToIso(*moment.as_of)),
                  "moment.as_of_date");
  }
  if (stores.IsPast(moment)) {
    PARC_TRY(View::Stores::CheckFilterKept(filter));
    if (grouping == Grouping::kCheck) {
      return Refuse(absl::StatusCode::kInvalidArgument, "NOT_KEPT",
                    "results of checks are kept of the newest reports only: leave the day out",
                    "group_by");
    }
  }
  PARC_ASSIGN(const filter::Expression expression,
              filter::Parse(filter, inventory::Resource::kLaptops));
  const store::ColumnMap columns = stores.LaptopMap(moment);
  PARC_ASSIGN(const store::Where where, store::Compile(expression, columns));
  const std::string verdict = stores.VerdictColumn(moment);
  const std::string key = KeyColumn(grouping, columns);
  const std::string from = store::OnlyJoinsOf(stores.LaptopFrom(moment),
                                              fmt::format("{} {} {}", key, verdict, where.sql));
  store::Statement select(
      stores.db,
      fmt::format("SELECT key, count(*), sum(verdict = 'READY'), sum(verdict = 'DEGRADED'), "
                  "sum(verdict = 'NOT_READY'), sum(verdict = 'UNKNOWN'), sum(verdict = 'STALE') "
                  "FROM (SELECT {} AS key, {} AS verdict FROM {} WHERE l.state = 'ASSIGNED' AND "
                  "({})) GROUP BY key ORDER BY 2 DESC, 1",
                  key, verdict, from, where.sql));
  ReadinessReport report;
  PARC_TRY(select.QueryWith(
      [&](const Row& row) {
        report.groups.push_back(
            {row.Text(0), row.Int(1), row.Int(2), row.Int(3), row.Int(4), row.Int(5), row.Int(6)});
        Add(report.groups.back(), report.total);
        return absl::OkStatus();
      },
      where.binds));
  if (grouping == Grouping::kCheck) {
    PARC_ASSIGN(report.checks, CountChecks(stores, where, verdict));
  }
  if (grouping == Grouping::kNone || grouping == Grouping::kCheck) report.groups.clear();
  return report;
}

absl::StatusOr<std::vector<ReadinessDay>> GetReadinessTrend(View& view, std::string_view people,
                                                            const CivilDate& first,
                                                            const CivilDate& last, int step) {
  const std::int64_t span = inventory::ToDays(last) - inventory::ToDays(first);
  if (span < 0 || view.context().today < last) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_DATE",
                  "the first day lies after the last, or the last in the future", "first_date");
  }
  if (step < 1 || span / step >= kMostTrendDays) {
    return Refuse(absl::StatusCode::kInvalidArgument, "OUT_OF_RANGE",
                  fmt::format("that is more than {} days; take a larger step", kMostTrendDays),
                  "step_days");
  }
  std::vector<ReadinessDay> days;
  for (CivilDate day = first; !(last < day); day = inventory::AddDays(day, step)) {
    PARC_ASSIGN(const Status status, view.GetStatus(people, {.as_of = day, .known_at = {}}));
    days.push_back({day, status.total});
  }
  return days;
}

absl::StatusOr<Page<VerdictSpan>> ListVerdicts(View& view, std::string_view laptop,
                                               const ListQuery& query) {
  PARC_ASSIGN(const std::int64_t id, view.LaptopId(laptop));
  PARC_ASSIGN(store::ListPlan plan, View::Stores::PlainPlan(query));
  plan.columns = "v.verdict, v.known_from, v.known_to";
  plan.from = "verdict_versions v";
  plan.where = {"v.laptop = ?1", {id}};
  plan.id = "(-v.id)";
  Page<VerdictSpan> page;
  page.page_size = plan.page_size;
  PARC_ASSIGN(store::ListResult result,
              store::RunList(view.connection(), plan, [&](const Row& row) {
                VerdictSpan span{row.Text(0), row.Int(1), {}};
                if (row.Int(2) != store::kStillKnown) span.end = row.Int(2);
                page.items.push_back(std::move(span));
                return absl::OkStatus();
              }));
  page.next_cursor = std::move(result.next_cursor);
  page.total = result.total;
  return page;
}

absl::StatusOr<Sharing> CountSharing(View& view, std::int64_t laptop, std::string_view check,
                                     posture::Outcome outcome) {
  // Whoever has a problem that matters is not READY.
  store::Statement select(
      view.connection(),
      "SELECT coalesce(l.site = (SELECT site FROM laptops WHERE id = ?1), 0), d.checks "
      "FROM posture v JOIN laptops l ON l.id = v.laptop JOIN details d ON d.laptop = v.laptop "
      "WHERE v.verdict <> 'READY' AND l.state = 'ASSIGNED' AND l.id <> ?1");
  Sharing sharing;
  PARC_TRY(select.Query(
      [&](const Row& row) -> absl::Status {
        bool shares = false;
        PARC_TRY(store::ForEachCheck(row.Text(1), [&](const store::CheckGlance& result) {
          shares = shares || (result.outcome == outcome && result.check == check);
        }));
        if (!shares) return absl::OkStatus();
        ++sharing.laptops;
        if (row.Bool(0)) ++sharing.at_site;
        return absl::OkStatus();
      },
      laptop));
  return sharing;
}

}  // namespace parc::fleet
