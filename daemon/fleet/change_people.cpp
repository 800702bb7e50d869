#include "daemon/fleet/change.h"
#include "daemon/fleet/change_stores.h"
#include "daemon/fleet/validate.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::Person;
using inventory::Site;
using store::PersonRecord;
using store::SiteRecord;

namespace {

absl::Status BadMask(std::string_view field) {
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD_MASK",
                field.empty() ? std::string("update_mask names no field")
                              : fmt::format("\"{}\" cannot be updated", field.substr(0, 64)),
                "update_mask");
}

absl::Status CopyFields(const Person& from, const FieldMask& mask, Person& to) {
  if (mask.empty()) return BadMask("");
  for (const std::string& field : mask) {
    if (field == "display_name") {
      to.name = from.name;
    } else if (field == "mail") {
      to.mail = from.mail;
    } else if (field == "organisation_unit") {
      to.unit = from.unit;
    } else if (field == "population") {
      to.population = from.population;
    } else if (field == "site") {
      to.site = from.site;
    } else if (field == "tier") {
      to.tier = from.tier;
    } else if (field == "needs_laptop") {
      to.needs_laptop = from.needs_laptop;
    } else if (field == "telework") {
      to.telework = from.telework;
    } else if (field == "start_date") {
      to.start = from.start;
    } else if (field == "end_date") {
      to.end = from.end;
    } else {
      return BadMask(field);
    }
  }
  return absl::OkStatus();
}

absl::Status CopyFields(const Site& from, const FieldMask& mask, Site& to) {
  if (mask.empty()) return BadMask("");
  for (const std::string& field : mask) {
    if (field == "display_name") {
      to.name = from.name;
    } else if (field == "department") {
      to.department = from.department;
    } else if (field == "parent") {
      to.parent = from.parent;
    } else {
      return BadMask(field);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Person> Change::CreatePerson(const Person& wanted) {
  PARC_ASSIGN(const CivilDate effective, stores_->Effective());
  PARC_TRY(CheckPerson(wanted));
  PARC_ASSIGN(std::optional<PersonRecord> other, stores_->people.Find(wanted.id));
  if (other.has_value()) {
    return Refuse(absl::StatusCode::kAlreadyExists, "PERSON_EXISTS",
                  fmt::format("{} has the id \"{}\" already", other->person.name, wanted.id),
                  "person.id");
  }
  PersonRecord record;
  record.person = wanted;
  PARC_ASSIGN(record.site, stores_->SiteRow(wanted.site));
  PARC_TRY(stores_->people.Insert(record, effective, context().now).status());
  PARC_ASSIGN(record, stores_->Person(wanted.id));
  return record.person;
}

absl::StatusOr<Person> Change::UpdatePerson(const Person& wanted, const FieldMask& mask,
                                            std::string_view etag) {
  PARC_ASSIGN(const CivilDate effective, stores_->Effective());
  PARC_ASSIGN(PersonRecord record, stores_->Person(wanted.id));
  PARC_TRY(CheckEtag(etag, record.person.revision));
  const Person before = record.person;
  PARC_TRY(CopyFields(wanted, mask, record.person));
  if (record.person == before) return before;
  PARC_TRY(CheckPerson(record.person));
  PARC_ASSIGN(record.site, stores_->SiteRow(record.person.site));
  PARC_ASSIGN(const CivilDate newest, stores_->people.EffectiveFrom(record.row));
  if (effective < newest) {
    return Refuse(
        absl::StatusCode::kFailedPrecondition, "EFFECTIVE_DATE_TOO_EARLY",
        fmt::format("the record of {} changed on {}; this change may not take effect before",
                    record.person.id, inventory::ToIso(newest)),
        "options.effective_date");
  }
  PARC_TRY(stores_->people.Replace(record, effective, context().now));
  PARC_ASSIGN(record, stores_->Person(wanted.id));
  return record.person;
}

absl::StatusOr<Site> Change::CreateSite(const Site& wanted) {
  PARC_TRY(CheckSite(wanted));
  PARC_ASSIGN(std::optional<SiteRecord> other, stores_->sites.Find(wanted.code));
  if (other.has_value()) {
    return Refuse(
        absl::StatusCode::kAlreadyExists, "SITE_EXISTS",
        fmt::format("{} has the code or name \"{}\" already", other->site.code, wanted.code),
        "site.code");
  }
  SiteRecord record{.row = 0, .site = wanted, .parent = std::nullopt};
  PARC_ASSIGN(record.parent, stores_->SiteRow(wanted.parent));
  PARC_TRY(stores_->sites.Insert(record).status());
  PARC_ASSIGN(other, stores_->sites.Find(wanted.code));
  return other->site;
}

absl::StatusOr<Site> Change::UpdateSite(const Site& wanted, const FieldMask& mask,
                                        std::string_view etag) {
  PARC_ASSIGN(std::optional<SiteRecord> record, stores_->sites.Find(wanted.code));
  if (!record.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "SITE_NOT_FOUND",
                  fmt::format("there is no site \"{}\"", wanted.code.substr(0, 64)), "name");
  }
  PARC_TRY(CheckEtag(etag, record->site.revision));
  const Site before = record->site;
  PARC_TRY(CopyFields(wanted, mask, record->site));
  if (record->site == before) return before;
  PARC_TRY(CheckSite(record->site));
  PARC_ASSIGN(record->parent, stores_->SiteRow(record->site.parent));
  PARC_TRY(stores_->CheckParent(record->row, record->parent));
  PARC_TRY(stores_->sites.Replace(*record));
  PARC_ASSIGN(record, stores_->sites.Find(before.code));
  return record->site;
}

}  // namespace parc::fleet
