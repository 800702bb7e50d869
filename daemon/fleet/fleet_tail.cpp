#include "daemon/fleet/fleet_tail.h"

#include <algorithm>
#include <charconv>

#include "daemon/filter/parse.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/lifecycle.h"
#include "daemon/inventory/try.h"
#include "daemon/posture/judge.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::fleet {

using store::Row;

namespace {

// Bound parameters are few; row numbers are written into the statement.
constexpr std::size_t kMatchedAtOnce = 500;

absl::Status AddVerdicts(View& view, const FleetMark& mark, int limit,
                         std::vector<FleetChange>& changes) {
  store::Statement select(
      view.connection(),
      "SELECT v.id, v.laptop, l.asset_tag, v.known_from, v.verdict, coalesce((SELECT p.verdict "
      "FROM verdict_versions p WHERE p.laptop = v.laptop AND p.known_to = v.known_from AND p.id < "
      "v.id ORDER BY p.id DESC LIMIT 1), '') FROM verdict_versions v JOIN laptops l ON l.id = "
      "v.laptop WHERE v.id > ?1 ORDER BY v.id LIMIT ?2");
  return select.Query(
      [&](const Row& row) {
        FleetChange change;
        change.mark.verdict = row.Int(0);
        change.laptop = row.Int(1);
        change.asset_tag = row.Text(2);
        change.at = row.Int(3);
        change.to = row.Text(4);
        change.from = row.Text(5);
        changes.push_back(std::move(change));
        return absl::OkStatus();
      },
      mark.verdict, limit);
}

absl::Status AddEvents(View& view, const FleetMark& mark, int limit,
                       std::vector<FleetChange>& changes) {
  store::Statement select(
      view.connection(),
      "SELECT e.id, e.laptop, l.asset_tag, e.known_from, e.event, e.from_state, e.to_state "
      "FROM laptop_events e JOIN laptops l ON l.id = e.laptop WHERE e.id > ?1 ORDER BY e.id "
      "LIMIT ?2");
  return select.Query(
      [&](const Row& row) -> absl::Status {
        FleetChange change;
        change.mark.event = row.Int(0);
        change.laptop = row.Int(1);
        change.asset_tag = row.Text(2);
        change.at = row.Int(3);
        PARC_ASSIGN(change.event, inventory::ParseLaptopEvent(row.Text(4)));
        if (!row.IsNull(5)) {
          PARC_ASSIGN(change.from_state, inventory::ParseLaptopState(row.Text(5)));
        }
        PARC_ASSIGN(change.to_state, inventory::ParseLaptopState(row.Text(6)));
        changes.push_back(std::move(change));
        return absl::OkStatus();
      },
      mark.event, limit);
}

}  // namespace

std::string ToText(const FleetMark& mark) { return fmt::format("{}-{}", mark.verdict, mark.event); }

std::optional<FleetMark> ParseMark(std::string_view text) {
  FleetMark mark;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, mark.verdict);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, mark.event);
  if (second.ec != std::errc() || second.ptr != end || mark.verdict < 0 || mark.event < 0)
    return std::nullopt;
  return mark;
}

absl::StatusOr<FleetMark> NewestMark(View& view) {
  FleetMark mark;
  store::Statement select(view.connection(),
                          "SELECT (SELECT coalesce(max(id), 0) FROM verdict_versions), "
                          "(SELECT coalesce(max(id), 0) FROM laptop_events)");
  PARC_TRY(select.Query([&](const Row& row) {
    mark = {row.Int(0), row.Int(1)};
    return absl::OkStatus();
  }));
  return mark;
}

absl::StatusOr<std::vector<FleetChange>> ChangesAfter(View& view, const FleetMark& mark,
                                                      int limit) {
  std::vector<FleetChange> changes;
  PARC_TRY(AddVerdicts(view, mark, limit, changes));
  PARC_TRY(AddEvents(view, mark, limit, changes));
  std::stable_sort(changes.begin(), changes.end(),
                   [](const FleetChange& a, const FleetChange& b) { return a.at < b.at; });
  const posture::Policy& policy =
      view.context().policy == nullptr ? posture::DefaultPolicy() : *view.context().policy;
  store::ReportStore reports(view.connection());
  FleetMark sofar = mark;
  for (FleetChange& change : changes) {
    sofar.verdict = std::max(sofar.verdict, change.mark.verdict);
    sofar.event = std::max(sofar.event, change.mark.event);
    change.mark = sofar;
    if (change.to.empty() || change.to == "READY" || change.to == "STALE") continue;
    PARC_ASSIGN(const std::optional<store::StoredJudgement> stored,
                reports.FindJudgement(change.laptop));
    if (stored.has_value() && posture::ToString(stored->judgement.verdict) == change.to)
      change.checks = posture::Causes(policy, stored->judgement);
  }
  return changes;
}

absl::StatusOr<std::set<std::int64_t>> Matching(View& view, std::string_view filter,
                                                const std::set<std::int64_t>& laptops) {
  View::Stores stores(view.connection());
  stores.context = view.context();
  PARC_ASSIGN(const filter::Expression expression,
              filter::Parse(filter, inventory::Resource::kLaptops));
  const store::ColumnMap columns = stores.LaptopMap({});
  PARC_ASSIGN(const store::Where where, store::Compile(expression, columns));
  const std::string from = store::OnlyJoinsOf(stores.LaptopFrom({}), where.sql);
  std::set<std::int64_t> matching;
  for (auto next = laptops.begin(); next != laptops.end();) {
    std::vector<std::int64_t> some;
    for (; next != laptops.end() && some.size() < kMatchedAtOnce; ++next) some.push_back(*next);
    store::Statement select(view.connection(),
                            fmt::format("SELECT l.id FROM {} WHERE l.id IN ({}) AND ({})", from,
                                        fmt::join(some, ", "), where.sql));
    PARC_TRY(select.QueryWith(
        [&](const Row& row) {
          matching.insert(row.Int(0));
          return absl::OkStatus();
        },
        where.binds));
  }
  return matching;
}

}  // namespace parc::fleet
