#include "daemon/store/person_store.h"

#include "daemon/inventory/fold.h"
#include "daemon/inventory/try.h"
#include "daemon/store/text_codec.h"
#include "fmt/format.h"

namespace parc::store {

using inventory::CivilDate;
using inventory::Person;
using inventory::Telework;

std::string_view ToString(Telework telework) {
  switch (telework) {
    case Telework::kNotRequested:
      return "NOT_REQUESTED";
    case Telework::kRequested:
      return "REQUESTED";
    case Telework::kApproved:
      return "APPROVED";
  }
  return "NOT_REQUESTED";
}

absl::StatusOr<Telework> ParseTelework(std::string_view name) {
  for (const Telework telework :
       {Telework::kNotRequested, Telework::kRequested, Telework::kApproved}) {
    if (ToString(telework) == name) return telework;
  }
  return absl::InvalidArgumentError(fmt::format("{} is no telework state", name));
}

std::string PersonColumns() {
  return "p.id, p.person, p.name, p.mail, p.unit, p.population, p.site, s.code, p.tier, "
         "p.needs_laptop, "
         "p.telework, p.start_date, p.end_date, p.extra, p.revision, p.person_key";
}

std::string PersonSource(const inventory::Moment& moment, const CivilDate& today) {
  return fmt::format("{} p LEFT JOIN sites s ON s.id = p.site", SourceAt(kPeople, moment, today));
}

absl::StatusOr<PersonRecord> ReadPerson(const Row& row) {
  PersonRecord record;
  Person& person = record.person;
  record.row = row.Int(0);
  person.id = row.Text(1);
  person.name = row.Text(2);
  person.mail = row.Text(3);
  person.unit = row.Text(4);
  person.population = row.Text(5);
  record.site = row.OptInt(6);
  person.site = row.OptText(7).value_or("");
  person.tier = static_cast<int>(row.Int(8));
  person.needs_laptop = row.Bool(9);
  PARC_ASSIGN(person.telework, ParseTelework(row.Text(10)));
  PARC_ASSIGN(person.start, OptDate(row, 11));
  PARC_ASSIGN(person.end, OptDate(row, 12));
  person.extra = SplitMap(row.Text(13));
  person.revision = row.Int(14);
  return record;
}

PersonStore::PersonStore(Connection& db)
    : db_(db),
      find_(db, fmt::format("SELECT {} FROM {} WHERE p.person_key = ?1", PersonColumns(),
                            PersonSource({}, {}))),
      insert_(db,
              "INSERT INTO people(person, person_key, name, mail, unit, population, site, tier, "
              "needs_laptop, "
              "telework, start_date, end_date, extra, revision) "
              "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 1)"),
      update_(db,
              "UPDATE people SET name = ?2, mail = ?3, unit = ?4, population = ?5, site = ?6, tier "
              "= ?7, "
              "needs_laptop = ?8, telework = ?9, start_date = ?10, end_date = ?11, extra = ?12, "
              "revision = revision + 1 WHERE id = ?1"),
      last_day_(db, "SELECT end_date FROM people WHERE id = ?1"),
      versions_(db, kPeople) {}

absl::StatusOr<std::optional<PersonRecord>> PersonStore::Find(std::string_view id) {
  std::optional<PersonRecord> found;
  PARC_TRY(find_.Query(
      [&](const Row& row) -> absl::Status {
        PARC_ASSIGN(found, ReadPerson(row));
        return absl::OkStatus();
      },
      inventory::Fold(id)));
  return found;
}

absl::StatusOr<std::optional<CivilDate>> PersonStore::LastDay(std::int64_t row) {
  std::optional<CivilDate> day;
  PARC_TRY(last_day_.Query(
      [&](const Row& found) -> absl::Status {
        PARC_ASSIGN(day, OptDate(found, 0));
        return absl::OkStatus();
      },
      row));
  return day;
}

absl::StatusOr<std::int64_t> PersonStore::Insert(const PersonRecord& record,
                                                 const CivilDate& effective, std::int64_t now) {
  const Person& person = record.person;
  PARC_TRY(insert_.Run(person.id, inventory::Fold(person.id), person.name, person.mail, person.unit,
                       person.population, record.site, person.tier, person.needs_laptop,
                       ToString(person.telework), OptIso(person.start), OptIso(person.end),
                       JoinMap(person.extra)));
  const std::int64_t row = db_.last_insert_id();
  PARC_TRY(versions_.Record(row, effective, now));
  return row;
}

absl::Status PersonStore::Replace(const PersonRecord& record, const CivilDate& effective,
                                  std::int64_t now) {
  const Person& person = record.person;
  PARC_TRY(update_.Run(record.row, person.name, person.mail, person.unit, person.population,
                       record.site, person.tier, person.needs_laptop, ToString(person.telework),
                       OptIso(person.start), OptIso(person.end), JoinMap(person.extra)));
  return versions_.Record(record.row, effective, now);
}

std::string SiteColumns() {
  return "s.id, s.code, s.name, s.department, s.parent, sp.code, s.revision";
}

std::string SiteSource() { return "sites s LEFT JOIN sites sp ON sp.id = s.parent"; }

absl::StatusOr<SiteRecord> ReadSite(const Row& row) {
  SiteRecord record;
  record.row = row.Int(0);
  record.site.code = row.Text(1);
  record.site.name = row.Text(2);
  record.site.department = row.Text(3);
  record.parent = row.OptInt(4);
  record.site.parent = row.OptText(5).value_or("");
  record.site.revision = row.Int(6);
  return record;
}

SiteStore::SiteStore(Connection& db)
    : db_(db),
      by_code_(db,
               fmt::format("SELECT {} FROM {} WHERE s.code_key = ?1", SiteColumns(), SiteSource())),
      by_name_(db, fmt::format("SELECT {} FROM {} WHERE fold(s.name) = ?1", SiteColumns(),
                               SiteSource())),
      insert_(db,
              "INSERT INTO sites(code, code_key, name, department, parent, revision) VALUES(?1, "
              "?2, ?3, ?4, ?5, 1)"),
      update_(db,
              "UPDATE sites SET name = ?2, department = ?3, parent = ?4, revision = revision + 1 "
              "WHERE id = ?1"),
      parent_of_(db, "SELECT parent FROM sites WHERE id = ?1") {}

absl::StatusOr<std::optional<SiteRecord>> SiteStore::Find(std::string_view code_or_name) {
  std::vector<SiteRecord> found;
  const auto read = [&](const Row& row) -> absl::Status {
    PARC_ASSIGN(SiteRecord record, ReadSite(row));
    found.push_back(std::move(record));
    return absl::OkStatus();
  };
  const std::string key = inventory::Fold(code_or_name);
  PARC_TRY(by_code_.Query(read, key));
  if (found.empty()) PARC_TRY(by_name_.Query(read, key));
  if (found.size() != 1) return std::optional<SiteRecord>();
  return std::optional<SiteRecord>(std::move(found.front()));
}

absl::StatusOr<std::int64_t> SiteStore::Insert(const SiteRecord& record) {
  PARC_TRY(insert_.Run(record.site.code, inventory::Fold(record.site.code), record.site.name,
                       record.site.department, record.parent));
  return db_.last_insert_id();
}

absl::StatusOr<std::optional<std::int64_t>> SiteStore::ParentOf(std::int64_t site) {
  std::optional<std::int64_t> parent;
  PARC_TRY(parent_of_.Query(
      [&](const Row& row) {
        parent = row.OptInt(0);
        return absl::OkStatus();
      },
      site));
  return parent;
}

absl::Status SiteStore::Replace(const SiteRecord& record) {
  return update_.Run(record.row, record.site.name, record.site.department, record.parent);
}

}  // namespace parc::store
