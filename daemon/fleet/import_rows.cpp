#include "daemon/fleet/import_rows.h"

#include <algorithm>

#include "daemon/fleet/import_differences.h"
#include "daemon/fleet/validate.h"
#include "daemon/inventory/fold.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::Telework;
using store::PersonRecord;
using store::SiteRecord;

namespace {

std::optional<Telework> TeleworkFromWord(std::string_view word) {
  const std::string folded = inventory::Fold(word);
  for (const std::string_view name :
       {"non demande", "not requested", "not_requested", "non", "no"}) {
    if (folded == name) return Telework::kNotRequested;
  }
  for (const std::string_view name : {"demande", "requested"}) {
    if (folded == name) return Telework::kRequested;
  }
  for (const std::string_view name : {"accorde", "approved", "oui", "yes"}) {
    if (folded == name) return Telework::kApproved;
  }
  return std::nullopt;
}

Differences Compare(const inventory::Person& before, const inventory::Person& after) {
  Differences differences;
  differences.Note("name", before.name, after.name);
  differences.Note("mail", before.mail, after.mail);
  differences.Note("unit", before.unit, after.unit);
  differences.Note("population", before.population, after.population);
  differences.Note("site", before.site, after.site);
  differences.Note("tier", fmt::format("{}", before.tier), fmt::format("{}", after.tier));
  differences.Note("needs_laptop", before.needs_laptop ? "true" : "false",
                   after.needs_laptop ? "true" : "false");
  differences.Note("telework", std::string(store::ToString(before.telework)),
                   std::string(store::ToString(after.telework)));
  differences.Note("start", Iso(before.start), Iso(after.start));
  differences.Note("end", Iso(before.end), Iso(after.end));
  if (before.extra != after.extra)
    differences.Note("extra columns", "earlier values", "new values");
  return differences;
}

// Fills `person` from the row; fields whose column is missing stay as they are.
absl::Status ReadPersonCells(const Cells& cells, inventory::Person& person) {
  person.id = std::string(cells.Text("id"));
  TakeText(cells, "name", person.name);
  const std::string_view first_name = cells.Text("first_name");
  if (!first_name.empty()) person.name = fmt::format("{} {}", first_name, person.name);
  TakeText(cells, "mail", person.mail);
  TakeText(cells, "unit", person.unit);
  TakeText(cells, "population", person.population);
  PARC_ASSIGN(const std::optional<int> tier, cells.Whole("tier"));
  if (tier.has_value()) person.tier = *tier;
  PARC_ASSIGN(const std::optional<bool> needs, cells.YesNo("needs_laptop"));
  if (needs.has_value()) person.needs_laptop = *needs;
  if (const std::string_view word = cells.Text("telework"); !word.empty()) {
    const std::optional<Telework> telework = TeleworkFromWord(word);
    if (!telework.has_value())
      return cells.Bad("telework", "is none of Non demandé, Demandé, Accordé");
    person.telework = *telework;
  }
  PARC_TRY(TakeDate(cells, "start", person.start));
  PARC_TRY(TakeDate(cells, "end", person.end));
  cells.TakeExtra(person.extra);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RowResult> ImportRows::Apply(ImportKind kind, const Cells& cells) {
  switch (kind) {
    case ImportKind::kSites:
      return Site(cells);
    case ImportKind::kPeople:
      return Person(cells);
    case ImportKind::kLaptops:
      return Laptop(cells);
    case ImportKind::kOrders:
      return OrderLine(cells);
    case ImportKind::kReceipts:
      return ReceivedLaptop(cells);
    case ImportKind::kWorld:
      break;  // has files of its own (world.h)
  }
  return absl::InternalError("unknown kind of import");
}

absl::StatusOr<RowResult> ImportRows::Site(const Cells& cells) {
  PARC_ASSIGN(std::optional<SiteRecord> known, stores_.sites.Find(cells.Text("code")));
  SiteRecord wanted = known.value_or(SiteRecord{});
  wanted.site.code = known.has_value() ? known->site.code : std::string(cells.Text("code"));
  TakeText(cells, "name", wanted.site.name);
  TakeText(cells, "department", wanted.site.department);
  TakeText(cells, "parent", wanted.site.parent);
  PARC_TRY(CheckSite(wanted.site));
  PARC_ASSIGN(wanted.parent, stores_.SiteRow(wanted.site.parent));
  if (known.has_value()) PARC_TRY(stores_.CheckParent(known->row, wanted.parent));
  if (!known.has_value()) {
    PARC_TRY(stores_.sites.Insert(wanted).status());
    return Created(wanted.site.code);
  }
  Differences differences;
  differences.Note("name", known->site.name, wanted.site.name);
  differences.Note("department", known->site.department, wanted.site.department);
  differences.Note("parent", known->site.parent, wanted.site.parent);
  if (!differences.empty()) PARC_TRY(stores_.sites.Replace(wanted));
  return Changed(wanted.site.code, differences);
}

absl::StatusOr<RowResult> ImportRows::Person(const Cells& cells) {
  PARC_ASSIGN(std::optional<PersonRecord> known, stores_.people.Find(cells.Text("id")));
  PersonRecord wanted = known.value_or(PersonRecord{});
  PARC_TRY(ReadPersonCells(cells, wanted.person));
  if (cells.Has("site")) {
    PARC_ASSIGN(std::optional<SiteRecord> site, stores_.sites.Find(cells.Text("site")));
    if (!site.has_value() && !cells.Text("site").empty())
      return cells.Bad("site", "is no known site");
    wanted.site = site.has_value() ? std::optional(site->row) : std::nullopt;
    wanted.person.site = site.has_value() ? site->site.code : "";
  }
  PARC_TRY(CheckPerson(wanted.person));
  const CivilDate today = stores_.context.today;
  PARC_ASSIGN(std::optional<CivilDate> stated, cells.Date("effective"));
  if (!known.has_value()) {
    const CivilDate effective = stated.value_or(wanted.person.start.value_or(today));
    PARC_TRY(
        stores_.people.Insert(wanted, std::min(effective, today), stores_.context.now).status());
    return Created(wanted.person.id);
  }
  const Differences differences = Compare(known->person, wanted.person);
  if (!differences.empty()) {
    PARC_ASSIGN(const CivilDate newest, stores_.people.EffectiveFrom(known->row));
    PARC_TRY(stores_.people.Replace(
        wanted, std::max(newest, std::min(stated.value_or(today), today)), stores_.context.now));
  }
  return Changed(known->person.id, differences);
}

}  // namespace parc::fleet
