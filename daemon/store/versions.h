#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/inventory/civil_date.h"
#include "daemon/inventory/moment.h"
#include "daemon/store/sql.h"

// History of a table's rows by effective day and by commit time (see schema/0001_fleet.sql).
namespace parc::store {

inline constexpr std::string_view kForever = "9999-12-31";
inline constexpr std::int64_t kStillKnown = INT64_MAX;

// Of what is recorded once and never changed: the last effective day (ISO) and the last commit time
// that are seen at `moment`.
std::string LastDay(const inventory::Moment& moment);
std::int64_t LastCommit(const inventory::Moment& moment);

// A table with current rows, its twin with every version, and the columns that both have.
struct VersionedTable {
  std::string_view current;
  std::string_view versions;
  std::string_view columns;  // comma separated, `id` first
};

inline constexpr VersionedTable kLaptops = {
    "laptops", "laptop_versions",
    "id, asset_tag, asset_key, serial, serial_key, manufacturer, model, state, state_since, "
    "holder, "
    "site, order_line, receipt, purchase_date, price_micros, currency, warranty_end, tags, notes, "
    "extra, revision, end_of_life"};
inline constexpr VersionedTable kPeople = {
    "people", "person_versions",
    "id, person, person_key, name, mail, unit, population, site, tier, needs_laptop, telework, "
    "start_date, end_date, extra, revision"};

// What to select from to see `table` as of `moment`: the table itself for now, else its versions.
// `today` stands for the day when the moment names none. Holds no user text.
std::string SourceAt(const VersionedTable& table, const inventory::Moment& moment,
                     const inventory::CivilDate& today);

// Keeps the versions of one table. Used on the writer's connection only.
class Versions {
 public:
  Versions(Connection& db, const VersionedTable& table);

  // The effective day of the row's current version. NOT_FOUND when it has none.
  absl::StatusOr<inventory::CivilDate> EffectiveFrom(std::int64_t id);
  // The effective day of the row's first version, as it is known now. NOT_FOUND when it has none.
  absl::StatusOr<inventory::CivilDate> FirstDay(std::int64_t id);
  // Has the row's first version begin on `day` already, as is known from `now`. Does nothing when
  // it begins no later.
  absl::Status BeginEarlier(std::int64_t id, const inventory::CivilDate& day, std::int64_t now);
  // Call after the current row was inserted or updated: its new state is true from `effective` on,
  // and known from `now`. `effective` is not before EffectiveFrom().
  absl::Status Record(std::int64_t id, const inventory::CivilDate& effective, std::int64_t now);

 private:
  struct Newest {
    inventory::CivilDate effective_from;
    std::int64_t known_from = 0;
  };
  absl::StatusOr<std::optional<Newest>> Find(Statement& statement, std::int64_t id);

  Statement newest_;
  Statement close_;
  Statement forget_;
  Statement open_;
  Statement first_;
  Statement lead_;
  Statement forget_second_;
};

}  // namespace parc::store
