#include "daemon/fleet/flash.h"

#include <algorithm>
#include <map>

#include "daemon/filter/parse.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/detail_codec.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::Moment;

namespace {

constexpr int kMonthsBefore = 12;

// The first day of the month that is `months` after (before, when negative) that of `day`.
CivilDate MonthOf(const CivilDate& day, int months) {
  const int count = day.year * 12 + (day.month - 1) + months;
  return {count / 12, count % 12 + 1, 1};
}

CivilDate LastDayOf(const CivilDate& day) { return inventory::AddDays(MonthOf(day, 1), -1); }

absl::Status AddTrend(View& view, std::string_view people, const Moment& moment,
                      FlashFigures& figures) {
  for (int before = kMonthsBefore; before > 0; --before) {
    const CivilDate day = LastDayOf(MonthOf(figures.as_of, -before));
    PARC_ASSIGN(const Status status,
                view.GetStatus(people, {.as_of = day, .known_at = moment.known_at}));
    if (status.total.needed == 0 && figures.trend.empty()) continue;  // nobody was recorded yet
    figures.trend.push_back({day, status.total});
  }
  figures.trend.push_back({figures.as_of, figures.status.total});
  return absl::OkStatus();
}

void AddLate(const procurement::Order& order, FlashFigures& figures) {
  for (const procurement::OrderLine& line : order.lines) {
    if (line.Open() == 0 || line.promises.empty()) continue;
    const CivilDate& promised = line.promises.front().promised;
    if (!(promised < figures.as_of)) continue;
    figures.late_lines.push_back(
        {.name = fmt::format("{}/{}", order.reference, line.line),
         .supplier = order.supplier,
         .model = line.model,
         .open = line.Open(),
         .promised = promised,
         .days_late = inventory::ToDays(figures.as_of) - inventory::ToDays(promised),
         .revisions = static_cast<int>(line.promises.size()) - 1});
  }
}

absl::Status AddLateLines(View& view, const Moment& moment, FlashFigures& figures) {
  ListQuery query;
  query.filter = "late = true";
  query.page_size = kMaxPageSize;
  query.moment = moment;
  do {
    PARC_ASSIGN(Page<procurement::Order> page, view.ListOrders(query));
    for (const procurement::Order& order : page.items) AddLate(order, figures);
    query.cursor = std::move(page.next_cursor);
  } while (!query.cursor.empty());
  std::stable_sort(figures.late_lines.begin(), figures.late_lines.end(),
                   [](const LateLine& a, const LateLine& b) { return a.days_late > b.days_late; });
  return absl::OkStatus();
}

ReadinessCause CauseOf(const posture::Policy& policy, std::string check, std::int64_t laptops) {
  ReadinessCause cause;
  cause.check = std::move(check);
  cause.laptops = laptops;
  for (const posture::Check& known : policy.checks) {
    if (known.id != cause.check) continue;
    cause.title_en = known.title_en;
    cause.title_fr = known.title_fr;
    cause.blocks = known.severity == posture::Severity::kBlocker;
  }
  if (cause.title_en.empty()) cause.title_en = cause.title_fr = cause.check;
  return cause;
}

// What laptops that people of the filter hold fail, as of now; most frequent first.
absl::StatusOr<std::vector<ReadinessCause>> Causes(View& view, std::string_view people) {
  View::Stores stores(view.connection());
  stores.context = view.context();
  PARC_ASSIGN(const filter::Expression expression,
              filter::Parse(people, inventory::Resource::kPeople));
  PARC_ASSIGN(const store::Where where, store::Compile(expression, stores.PersonMap({})));
  const posture::Policy& policy =
      view.context().policy == nullptr ? posture::DefaultPolicy() : *view.context().policy;
  store::Statement judged(
      stores.db,
      fmt::format("SELECT d.checks FROM details d JOIN laptops l ON l.id = d.laptop "
                  "WHERE l.state = 'ASSIGNED' AND instr(d.checks, char(31) || 'F') > 0 AND "
                  "l.holder IN (SELECT p.id FROM {} WHERE {})",
                  store::PersonSource({}, view.context().today), where.sql));
  std::map<std::string, std::int64_t> failing;
  PARC_TRY(judged.QueryWith(
      [&](const store::Row& row) -> absl::Status {
        PARC_ASSIGN(const std::vector<posture::CheckResult> checks,
                    store::UnpackChecks(row.Text(0)));
        for (const posture::CheckResult& check : checks) {
          if (check.outcome == posture::Outcome::kFail) ++failing[check.check];
        }
        return absl::OkStatus();
      },
      where.binds));
  std::vector<ReadinessCause> causes;
  for (const auto& [check, laptops] : failing) causes.push_back(CauseOf(policy, check, laptops));
  // Of two that are as frequent, the one that blocks comes first.
  std::stable_sort(causes.begin(), causes.end(),
                   [](const ReadinessCause& a, const ReadinessCause& b) {
                     return a.laptops != b.laptops ? a.laptops > b.laptops : a.blocks && !b.blocks;
                   });
  return causes;
}

}  // namespace

absl::StatusOr<FlashFigures> GetFlashFigures(View& view, std::string_view people,
                                             const CivilDate& month,
                                             std::optional<std::int64_t> known_at) {
  const CivilDate today = view.context().today;
  const CivilDate first = MonthOf(month, 0);
  if (today < first) {
    return Refuse(absl::StatusCode::kInvalidArgument, "AS_OF_IN_FUTURE",
                  fmt::format("{:04}-{:02} has not begun", month.year, month.month), "month");
  }
  FlashFigures figures;
  const bool current = first == MonthOf(today, 0);
  figures.as_of = current ? today : LastDayOf(month);
  const Moment moment{.as_of = figures.as_of, .known_at = known_at};
  PARC_ASSIGN(figures.status, view.GetStatus(people, moment));
  PARC_TRY(AddTrend(view, people, moment, figures));
  PARC_TRY(AddLateLines(view, moment, figures));
  if (current && !known_at.has_value()) {
    PARC_ASSIGN(figures.causes, Causes(view, people));
    figures.causes_known = true;
  }
  return figures;
}

}  // namespace parc::fleet
