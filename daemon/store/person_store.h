#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/inventory/person.h"
#include "daemon/store/sql.h"
#include "daemon/store/versions.h"

namespace parc::store {

struct PersonRecord {
  std::int64_t row = 0;
  inventory::Person person;
  std::optional<std::int64_t> site;
};

struct SiteRecord {
  std::int64_t row = 0;
  inventory::Site site;
  std::optional<std::int64_t> parent;
};

std::string_view ToString(inventory::Telework telework);
absl::StatusOr<inventory::Telework> ParseTelework(std::string_view name);

// Columns of a person in the order that ReadPerson expects, over the aliases of PersonSource.
std::string PersonColumns();
// `people p` as of `moment`, with the site `s`.
std::string PersonSource(const inventory::Moment& moment, const inventory::CivilDate& today);
// Reads a row that begins with PersonColumns(). `equipped` and `laptops` are not filled.
absl::StatusOr<PersonRecord> ReadPerson(const Row& row);
inline constexpr int kPersonColumnCount = 16;

// Writes people and their history. Used on the writer's connection only.
class PersonStore {
 public:
  explicit PersonStore(Connection& db);

  // By the organisation's number, whatever the case. Nothing when there is none.
  absl::StatusOr<std::optional<PersonRecord>> Find(std::string_view id);
  absl::StatusOr<std::int64_t> Insert(const PersonRecord& record,
                                      const inventory::CivilDate& effective, std::int64_t now);
  absl::Status Replace(const PersonRecord& record, const inventory::CivilDate& effective,
                       std::int64_t now);
  absl::StatusOr<inventory::CivilDate> EffectiveFrom(std::int64_t row) {
    return versions_.EffectiveFrom(row);
  }
  // The first day of the person's record, and a way to have it begin earlier (Versions).
  absl::StatusOr<inventory::CivilDate> FirstDay(std::int64_t row) {
    return versions_.FirstDay(row);
  }
  absl::Status BeginEarlier(std::int64_t row, const inventory::CivilDate& day, std::int64_t now) {
    return versions_.BeginEarlier(row, day, now);
  }
  // The last day that the person is there, as recorded now; nothing when none is known.
  absl::StatusOr<std::optional<inventory::CivilDate>> LastDay(std::int64_t row);

 private:
  Connection& db_;
  Statement find_;
  Statement insert_;
  Statement update_;
  Statement last_day_;
  Versions versions_;
};

std::string SiteColumns();
// `sites s` with the parent site `sp`.
std::string SiteSource();
absl::StatusOr<SiteRecord> ReadSite(const Row& row);
inline constexpr int kSiteColumnCount = 7;

class SiteStore {
 public:
  explicit SiteStore(Connection& db);

  // By code, whatever the case, else by name when just one site has it. Nothing when there is none.
  absl::StatusOr<std::optional<SiteRecord>> Find(std::string_view code_or_name);
  absl::StatusOr<std::int64_t> Insert(const SiteRecord& record);
  absl::Status Replace(const SiteRecord& record);
  // The row of the site that `site` belongs to; nothing when it belongs to none.
  absl::StatusOr<std::optional<std::int64_t>> ParentOf(std::int64_t site);

 private:
  Connection& db_;
  Statement by_code_;
  Statement by_name_;
  Statement insert_;
  Statement update_;
  Statement parent_of_;
};

}  // namespace parc::store
