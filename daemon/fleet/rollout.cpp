#include "daemon/fleet/rollout.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "absl/functional/function_ref.h"
#include "daemon/filter/parse.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/fold.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::FieldId;
using store::Row;

namespace {

// `columns` of each laptop in state ASSIGNED that `filter` picks.
absl::Status ForEachHeld(View::Stores& stores, std::string_view filter, const store::ColumnMap& map,
                         const std::string& columns, absl::FunctionRef<void(const Row&)> each) {
  PARC_ASSIGN(const filter::Expression expression,
              filter::Parse(filter, inventory::Resource::kLaptops));
  PARC_ASSIGN(const store::Where where, store::Compile(expression, map));
  store::Statement select(
      stores.db,
      fmt::format("SELECT {} FROM {} WHERE l.state = 'ASSIGNED' AND ({})", columns,
                  store::OnlyJoinsOf(stores.LaptopFrom({}), columns + " " + where.sql), where.sql));
  return select.QueryWith(
      [&](const Row& row) {
        each(row);
        return absl::OkStatus();
      },
      where.binds);
}

// The version in "teams 1.5.00" of the tool "teams".
std::string VersionIn(const std::vector<std::string>& versions, std::string_view tool) {
  for (const std::string& entry : versions) {
    if (entry.size() > tool.size() + 1 && entry[tool.size()] == ' ' && entry.starts_with(tool))
      return entry.substr(tool.size() + 1);
  }
  return {};
}

void Join(const RolloutGroup& group, RolloutGroup& total) {
  total.laptops += group.laptops;
  total.installed += group.installed;
  total.missing += group.missing;
  total.untold += group.untold;
}

}  // namespace

absl::StatusOr<RolloutReport> GetRolloutReport(View& view, std::string_view tool, Grouping grouping,
                                               std::string_view filter) {
  if (grouping == Grouping::kCheck) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_GROUPING",
                  "group_by: a rollout has no groups by check", "group_by");
  }
  View::Stores stores(view.connection());
  stores.context = view.context();
  const store::ColumnMap map = stores.LaptopMap({});
  const std::string columns =
      fmt::format("{}, {}, {}", KeyColumn(grouping, map), map.at(FieldId::kToolsInstalled).sql,
                  map.at(FieldId::kToolsVersions).sql);
  std::map<std::string, RolloutGroup> groups;
  std::map<std::string, std::int64_t> versions;
  std::set<std::string> known;
  const std::string folded = inventory::Fold(tool);
  PARC_TRY(ForEachHeld(stores, filter, map, columns, [&](const Row& row) {
    RolloutGroup& group = groups[row.Text(0)];
    ++group.laptops;
    if (row.IsNull(1)) {
      ++group.untold;
      return;
    }
    const std::vector<std::string> installed = store::SplitList(row.Text(1));
    known.insert(installed.begin(), installed.end());
    const auto found =
        std::find_if(installed.begin(), installed.end(),
                     [&](const std::string& name) { return inventory::Fold(name) == folded; });
    if (found == installed.end()) {
      ++group.missing;
      return;
    }
    ++group.installed;
    ++versions[VersionIn(store::SplitList(row.Text(2)), *found)];
  }));
  RolloutReport report;
  for (auto& [name, group] : groups) {
    Join(group, report.total);
    group.key = name;
    if (grouping != Grouping::kNone) report.groups.push_back(std::move(group));
  }
  for (const auto& [version, laptops] : versions) report.versions.push_back({version, laptops});
  std::stable_sort(report.groups.begin(), report.groups.end(),
                   [](const auto& a, const auto& b) { return a.laptops > b.laptops; });
  std::stable_sort(report.versions.begin(), report.versions.end(),
                   [](const auto& a, const auto& b) { return a.laptops > b.laptops; });
  if (report.total.installed == 0) report.known.assign(known.begin(), known.end());
  return report;
}

absl::StatusOr<std::vector<ApplicationCount>> CountApplications(View& view,
                                                                std::string_view filter) {
  View::Stores stores(view.connection());
  stores.context = view.context();
  const store::ColumnMap map = stores.LaptopMap({});
  const std::string columns = fmt::format("{}, {}", map.at(FieldId::kApplicationsReachable).sql,
                                          map.at(FieldId::kApplicationsUnreachable).sql);
  std::vector<ApplicationCount> applications;
  if (stores.context.policy != nullptr) {
    for (const posture::Application& application : stores.context.policy->applications)
      applications.push_back({application, 0, 0});
  }
  // A laptop that has not called since may tell of others: they are no longer asked for.
  std::map<std::string_view, ApplicationCount*> by_id;
  for (ApplicationCount& count : applications) by_id.emplace(count.application.id, &count);
  const auto add = [&](const std::string& list, std::int64_t ApplicationCount::*number) {
    for (const std::string& name : store::SplitList(list)) {
      const auto found = by_id.find(name);
      if (found != by_id.end()) ++(found->second->*number);
    }
  };
  PARC_TRY(ForEachHeld(stores, filter, map, columns, [&](const Row& row) {
    add(row.Text(0), &ApplicationCount::reached);
    add(row.Text(1), &ApplicationCount::failed);
  }));
  std::stable_sort(
      applications.begin(), applications.end(),
      [](const ApplicationCount& a, const ApplicationCount& b) { return a.failed > b.failed; });
  return applications;
}

}  // namespace parc::fleet
