#include "daemon/store/versions.h"

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
    : effective_from_(db,
                      fmt::format("SELECT effective_from FROM {} WHERE id = ?1 AND known_to = {} "
                                  "AND effective_to = '{}'",
                                  table.versions, kStillKnown, kForever)),
      forget_(db, fmt::format("UPDATE {} SET known_to = ?2 WHERE id = ?1 AND known_to = {} "
                              "AND effective_to = '{}'",
                              table.versions, kStillKnown, kForever)),
      close_(db,
             fmt::format(
                 "INSERT INTO {0} ({1}, effective_from, effective_to, known_from, known_to) "
                 "SELECT {1}, effective_from, ?2, ?3, {2} FROM {0} WHERE id = ?1 AND known_to = ?3 "
                 "AND effective_to = '{3}' AND effective_from < ?2",
                 table.versions, table.columns, kStillKnown, kForever)),
      open_(db,
            fmt::format("INSERT INTO {0} ({1}, effective_from, effective_to, known_from, known_to) "
                        "SELECT {1}, ?2, '{4}', ?3, {3} FROM {2} WHERE id = ?1",
                        table.versions, table.columns, table.current, kStillKnown, kForever)) {}

absl::StatusOr<CivilDate> Versions::EffectiveFrom(std::int64_t id) {
  std::optional<CivilDate> found;
  PARC_TRY(effective_from_.Query(
      [&](const Row& row) -> absl::Status {
        PARC_ASSIGN(found, inventory::ParseIso(row.Text(0)));
        return absl::OkStatus();
      },
      id));
  if (!found.has_value()) return absl::NotFoundError("the row has no current version");
  return *found;
}

absl::Status Versions::Record(std::int64_t id, const CivilDate& effective, std::int64_t now) {
  const std::string day = inventory::ToIso(effective);
  PARC_TRY(forget_.Run(id, now));
  PARC_TRY(close_.Run(id, day, now));
  return open_.Run(id, day, now);
}

}  // namespace parc::store
