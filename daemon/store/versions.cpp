#include "daemon/store/versions.h"

#include <algorithm>
#include <optional>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::store {

using inventory::CivilDate;

std::string LastDay(const inventory::Moment& moment) {
  return moment.as_of.has_value() ? inventory::ToIso(*moment.as_of) : std::string(kForever);
}

std::int64_t LastCommit(const inventory::Moment& moment) {
  return moment.known_at.value_or(kStillKnown);
}

std::string SourceAt(const VersionedTable& table, const inventory::Moment& moment,
                     const CivilDate& today) {
  if (moment.IsNow()) return std::string(table.current);
  const std::string day = inventory::ToIso(moment.as_of.value_or(today));
  const std::int64_t known = moment.known_at.value_or(kStillKnown - 1);
  return fmt::format(
      "(SELECT {0} FROM {1} WHERE known_from <= {2} AND {2} < known_to "
      "AND effective_from <= '{3}' AND '{3}' < effective_to)",
      table.columns, table.versions, known, day);
}

Versions::Versions(Connection& db, const VersionedTable& table)
    : newest_(db, fmt::format("SELECT effective_from, known_from FROM {} WHERE id = ?1 AND "
                              "known_to = {} AND effective_to = '{}'",
                              table.versions, kStillKnown, kForever)),
      close_(
          db,
          fmt::format(
              "INSERT INTO {0} ({1}, effective_from, effective_to, known_from, known_to) "
              "SELECT {1}, effective_from, ?2, ?3, {2} FROM {0} WHERE id = ?1 AND known_to = {2} "
              "AND effective_to = '{3}' AND effective_from < ?2",
              table.versions, table.columns, kStillKnown, kForever)),
      forget_(db, fmt::format("UPDATE {} SET known_to = ?2 WHERE id = ?1 AND known_to = {} "
                              "AND effective_to = '{}'",
                              table.versions, kStillKnown, kForever)),
      open_(db,
            fmt::format("INSERT INTO {0} ({1}, effective_from, effective_to, known_from, known_to) "
                        "SELECT {1}, ?2, '{4}', ?3, {3} FROM {2} WHERE id = ?1",
                        table.versions, table.columns, table.current, kStillKnown, kForever)),
      first_(db, fmt::format("SELECT effective_from, known_from FROM {} WHERE id = ?1 AND "
                             "known_to = {} ORDER BY effective_from LIMIT 1",
                             table.versions, kStillKnown)),
      lead_(db,
            fmt::format("INSERT INTO {0} ({1}, effective_from, effective_to, known_from, known_to) "
                        "SELECT {1}, ?2, effective_to, ?3, {2} FROM {0} WHERE id = ?1 AND "
                        "known_to = {2} ORDER BY effective_from LIMIT 1",
                        table.versions, table.columns, kStillKnown)),
      forget_second_(db, fmt::format("UPDATE {0} SET known_to = ?3 WHERE version = (SELECT version "
                                     "FROM {0} WHERE id = ?1 AND known_to = {1} AND "
                                     "effective_from > ?2 ORDER BY effective_from LIMIT 1)",
                                     table.versions, kStillKnown)) {}

absl::StatusOr<std::optional<Versions::Newest>> Versions::Find(Statement& statement,
                                                               std::int64_t id) {
  std::optional<Newest> found;
  PARC_TRY(statement.Query(
      [&](const Row& row) -> absl::Status {
        found.emplace();
        PARC_ASSIGN(found->effective_from, inventory::ParseIso(row.Text(0)));
        found->known_from = row.Int(1);
        return absl::OkStatus();
      },
      id));
  return found;
}

absl::StatusOr<CivilDate> Versions::EffectiveFrom(std::int64_t id) {
  PARC_ASSIGN(const std::optional<Newest> newest, Find(newest_, id));
  if (!newest.has_value()) return absl::NotFoundError("the row has no current version");
  return newest->effective_from;
}

absl::StatusOr<CivilDate> Versions::FirstDay(std::int64_t id) {
  PARC_ASSIGN(const std::optional<Newest> first, Find(first_, id));
  if (!first.has_value()) return absl::NotFoundError("the row has no version");
  return first->effective_from;
}

absl::Status Versions::BeginEarlier(std::int64_t id, const CivilDate& day, std::int64_t now) {
  PARC_ASSIGN(const std::optional<Newest> first, Find(first_, id));
  if (!first.has_value()) return absl::NotFoundError("the row has no version");
  if (!(day < first->effective_from)) return absl::OkStatus();
  const std::int64_t known = std::max(now, first->known_from);
  const std::string iso = inventory::ToIso(day);
  PARC_TRY(lead_.Run(id, iso, known));
  return forget_second_.Run(id, iso, known);
}

absl::Status Versions::Record(std::int64_t id, const CivilDate& effective, std::int64_t now) {
  PARC_ASSIGN(const std::optional<Newest> newest, Find(newest_, id));
  // A clock that was set back does not change the order in which things became known.
  const std::int64_t known = newest.has_value() ? std::max(now, newest->known_from) : now;
  const std::string day = inventory::ToIso(effective);
  PARC_TRY(close_.Run(id, day, known));
  PARC_TRY(forget_.Run(id, known));
  return open_.Run(id, day, known);
}

}  // namespace parc::store
