#include "daemon/store/versions.h"

#include <algorithm>
#include <optional>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::store {

using inventory::CivilDate;

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
                        table.versions, table.columns, table.current, kStillKnown, kForever)) {}

absl::StatusOr<std::optional<Versions::Newest>> Versions::Find(std::int64_t id) {
  std::optional<Newest> found;
  PARC_TRY(newest_.Query(
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
  PARC_ASSIGN(const std::optional<Newest> newest, Find(id));
  if (!newest.has_value()) return absl::NotFoundError("the row has no current version");
  return newest->effective_from;
}

absl::Status Versions::Record(std::int64_t id, const CivilDate& effective, std::int64_t now) {
  PARC_ASSIGN(const std::optional<Newest> newest, Find(id));
  // A clock that was set back does not change the order in which things became known.
  const std::int64_t known = newest.has_value() ? std::max(now, newest->known_from) : now;
  const std::string day = inventory::ToIso(effective);
  PARC_TRY(close_.Run(id, day, known));
  PARC_TRY(forget_.Run(id, known));
  return open_.Run(id, day, known);
}

}  // namespace parc::store
