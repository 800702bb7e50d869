#include "daemon/store/planning_store.h"

#include <cstdlib>

#include "daemon/inventory/fold.h"
#include "daemon/inventory/try.h"
#include "daemon/store/text_codec.h"
#include "daemon/store/versions.h"
#include "fmt/format.h"

namespace parc::store {

using inventory::Moment;
using procurement::Closure;
using procurement::Planning;
using procurement::Target;

namespace {

constexpr std::string_view kCapacity = "preparation_capacity";
constexpr std::string_view kReserve = "reserve_stock";
constexpr std::string_view kRecords = "records_since";
constexpr std::string_view kCountry = "country";
constexpr std::string_view kClosures = "closures";

std::string ToText(const std::vector<Closure>& closures) {
  std::vector<std::string> texts;
  for (const Closure& closure : closures)
    texts.push_back(inventory::ToIso(closure.first) + "/" + inventory::ToIso(closure.last));
  return JoinList(texts);
}

absl::StatusOr<std::vector<Closure>> ClosuresFrom(std::string_view text) {
  std::vector<Closure> closures;
  for (const std::string& days : SplitList(text)) {
    Closure closure;
    PARC_ASSIGN(closure.first, inventory::ParseIso(days.substr(0, days.find('/'))));
    PARC_ASSIGN(closure.last, inventory::ParseIso(days.substr(days.find('/') + 1)));
    closures.push_back(closure);
  }
  return closures;
}

// An empty value takes the setting back.
absl::Status Take(std::string_view setting, const std::string& value, Planning& planning) {
  const bool set = !value.empty();
  if (setting == kCapacity) {
    planning.preparation_capacity.reset();
    if (set) planning.preparation_capacity = std::strtod(value.c_str(), nullptr);
  } else if (setting == kReserve) {
    planning.reserve_stock.reset();
    if (set) planning.reserve_stock = std::atoi(value.c_str());
  } else if (setting == kRecords) {
    planning.records_since.reset();
    if (set) {
      PARC_ASSIGN(planning.records_since, inventory::ParseIso(value));
    }
  } else if (setting == kCountry) {
    planning.country = value;
  } else if (setting == kClosures) {
    PARC_ASSIGN(planning.closures, ClosuresFrom(value));
  }
  return absl::OkStatus();
}

}  // namespace

PlanningStore::PlanningStore(Connection& db)
    : read_(db,
            "SELECT setting, value FROM planning WHERE effective_date <= ?1 AND known_from <= ?2 "
            "ORDER BY effective_date, id"),
      put_(db,
           "INSERT INTO planning(setting, value, effective_date, actor, reason, known_from) "
           "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
      targets_(db,
               "SELECT target, due_date, ratio, people FROM targets t WHERE dropped = 0 AND "
               "effective_date <= ?1 AND known_from <= ?2 AND NOT EXISTS (SELECT 1 FROM targets n "
               "WHERE n.target_key = t.target_key AND n.effective_date <= ?1 AND n.known_from <= "
               "?2 AND (n.effective_date > t.effective_date OR (n.effective_date = "
               "t.effective_date AND n.id > t.id))) ORDER BY due_date, target_key"),
      add_target_(db,
                  "INSERT INTO targets(target, target_key, due_date, ratio, people, dropped, "
                  "effective_date, actor, reason, known_from) "
                  "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)") {}

absl::StatusOr<Planning> PlanningStore::Read(const Moment& moment) {
  Planning planning;
  PARC_TRY(read_.Query([&](const Row& row) { return Take(row.Text(0), row.Text(1), planning); },
                       LastDay(moment), LastCommit(moment)));
  return planning;
}

absl::Status PlanningStore::Change(const Planning& before, const Planning& wanted,
                                   const Entry& entry) {
  const auto put = [&](std::string_view setting, const std::string& value) {
    return put_.Run(setting, value, inventory::ToIso(entry.effective), entry.actor, entry.reason,
                    entry.now);
  };
  if (before.preparation_capacity != wanted.preparation_capacity) {
    const auto& capacity = wanted.preparation_capacity;
    PARC_TRY(put(kCapacity, capacity.has_value() ? fmt::format("{}", *capacity) : ""));
  }
  if (before.reserve_stock != wanted.reserve_stock) {
    const auto& reserve = wanted.reserve_stock;
    PARC_TRY(put(kReserve, reserve.has_value() ? fmt::format("{}", *reserve) : ""));
  }
  if (before.records_since != wanted.records_since) {
    const auto& since = wanted.records_since;
    PARC_TRY(put(kRecords, since.has_value() ? inventory::ToIso(*since) : ""));
  }
  if (before.country != wanted.country) PARC_TRY(put(kCountry, wanted.country));
  if (before.closures != wanted.closures) PARC_TRY(put(kClosures, ToText(wanted.closures)));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Target>> PlanningStore::Targets(const Moment& moment) {
  std::vector<Target> targets;
  PARC_TRY(targets_.Query(
      [&](const Row& row) -> absl::Status {
        Target target;
        target.id = row.Text(0);
        PARC_ASSIGN(target.due, inventory::ParseIso(row.Text(1)));
        target.ratio = row.Real(2);
        target.people = row.Text(3);
        targets.push_back(std::move(target));
        return absl::OkStatus();
      },
      LastDay(moment), LastCommit(moment)));
  return targets;
}

absl::Status PlanningStore::AddTarget(const Target& target, bool dropped, const Entry& entry) {
  return add_target_.Run(target.id, inventory::Fold(target.id), inventory::ToIso(target.due),
                         target.ratio, target.people, dropped, inventory::ToIso(entry.effective),
                         entry.actor, entry.reason, entry.now);
}

absl::Status PlanningStore::PutTarget(const Target& target, const Entry& entry) {
  return AddTarget(target, false, entry);
}

absl::Status PlanningStore::DropTarget(const Target& target, const Entry& entry) {
  return AddTarget(target, true, entry);
}

}  // namespace parc::store
