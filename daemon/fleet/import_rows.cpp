#include "daemon/fleet/import_rows.h"

#include <algorithm>

#include "daemon/fleet/validate.h"
#include "daemon/inventory/fold.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::LaptopEvent;
using inventory::LaptopState;
using inventory::Telework;
using store::LaptopRecord;
using store::OrderStore;
using store::PersonRecord;
using store::SiteRecord;

namespace {

// Gathers what changes, as "tier: 3 → 1; site: A → B".
class Differences {
 public:
  void Note(std::string_view field, const std::string& before, const std::string& after) {
    if (before != after)
      notes_.push_back(fmt::format("{}: {} → {}", field, Shown(before), Shown(after)));
  }
  bool empty() const { return notes_.empty(); }
  std::string Text() const { return fmt::format("{}", fmt::join(notes_, "; ")); }

 private:
  static std::string Shown(const std::string& value) { return value.empty() ? "–" : value; }

  std::vector<std::string> notes_;
};

std::string Iso(const std::optional<CivilDate>& date) {
  return date.has_value() ? inventory::ToIso(*date) : "";
}

std::string Shown(const std::optional<inventory::Money>& money) {
  if (!money.has_value()) return "";
  return fmt::format("{}.{:02} {}", money->micros / 1'000'000, money->micros / 10'000 % 100,
                     money->currency);
}

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

std::vector<std::string> TagsFrom(std::string_view text) {
  std::vector<std::string> tags;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(",; \n\t");
    if (end != 0) tags.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

RowResult Created(std::string key) {
  return {.line = 0, .outcome = RowOutcome::kCreated, .key = std::move(key), .message = {}};
}

RowResult Changed(std::string key, const Differences& differences) {
  return {.line = 0,
          .outcome = differences.empty() ? RowOutcome::kUnchanged : RowOutcome::kUpdated,
          .key = std::move(key),
          .message = differences.Text()};
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

Differences Compare(const inventory::Laptop& before, const inventory::Laptop& after) {
  Differences differences;
  differences.Note("serial", before.serial, after.serial);
  differences.Note("manufacturer", before.manufacturer, after.manufacturer);
  differences.Note("model", before.model, after.model);
  differences.Note("state", std::string(inventory::ToString(before.state)),
                   std::string(inventory::ToString(after.state)));
  differences.Note("holder", before.holder, after.holder);
  differences.Note("site", before.site, after.site);
  differences.Note("order_line", before.order_line, after.order_line);
  differences.Note("purchase_date", Iso(before.purchase_date), Iso(after.purchase_date));
  differences.Note("price", Shown(before.price), Shown(after.price));
  differences.Note("warranty_end", Iso(before.warranty_end), Iso(after.warranty_end));
  differences.Note("tags", fmt::format("{}", fmt::join(before.tags, ", ")),
                   fmt::format("{}", fmt::join(after.tags, ", ")));
  differences.Note("notes", before.notes, after.notes);
  if (before.extra != after.extra)
    differences.Note("extra columns", "earlier values", "new values");
  return differences;
}

// Sets `target` from a cell when the file has its column.
void TakeText(const Cells& cells, std::string_view field, std::string& target) {
  if (cells.Has(field)) target = std::string(cells.Text(field));
}

absl::Status TakeDate(const Cells& cells, std::string_view field,
                      std::optional<CivilDate>& target) {
  if (!cells.Has(field)) return absl::OkStatus();
  PARC_ASSIGN(target, cells.Date(field));
  return absl::OkStatus();
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

// Fills `laptop` from the row, without the holder and the site.
absl::Status ReadLaptopCells(const Cells& cells, inventory::Laptop& laptop) {
  TakeText(cells, "serial", laptop.serial);
  TakeText(cells, "manufacturer", laptop.manufacturer);
  TakeText(cells, "model", laptop.model);
  TakeText(cells, "notes", laptop.notes);
  if (cells.Has("tags")) laptop.tags = TagsFrom(cells.Text("tags"));
  PARC_TRY(TakeDate(cells, "purchase_date", laptop.purchase_date));
  PARC_TRY(TakeDate(cells, "warranty_end", laptop.warranty_end));
  if (cells.Has("price")) {
    PARC_ASSIGN(laptop.price, cells.Amount("price", "currency"));
  }
  if (const std::string_view word = cells.Text("state"); !word.empty()) {
    const std::optional<LaptopState> state = StateFromWord(word);
    if (!state.has_value())
      return cells.Bad("state",
                       "is no state of a laptop (En stock, En préparation, Prêt, Attribué …)");
    laptop.state = *state;
  }
  cells.TakeExtra(laptop.extra);
  return absl::OkStatus();
}

bool MayHaveHolder(LaptopState state) {
  return state == LaptopState::kAssigned || state == LaptopState::kInRepair;
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
  if (known.has_value() && wanted.parent == known->row)
    return cells.Bad("parent", "is the site itself");
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

absl::StatusOr<RowResult> ImportRows::Laptop(const Cells& cells) {
  const std::string_view tag = cells.Text("asset_tag");
  const std::string_view serial = cells.Text("serial");
  if (tag.empty() && serial.empty())
    return cells.Bad("asset_tag", "and the serial are empty; a laptop needs one of them");
  PARC_ASSIGN(std::optional<LaptopRecord> known,
              tag.empty() ? stores_.laptops.FindBySerial(serial) : stores_.laptops.FindByTag(tag));
  LaptopRecord wanted = known.value_or(LaptopRecord{});
  if (!known.has_value()) wanted.laptop.asset_tag = std::string(tag.empty() ? serial : tag);
  const bool states_holder = !cells.Text("holder").empty();
  if (!known.has_value() && states_holder) wanted.laptop.state = LaptopState::kAssigned;
  PARC_TRY(ReadLaptopCells(cells, wanted.laptop));
  PARC_TRY(CheckLaptop(wanted.laptop));
  PARC_ASSIGN(std::optional<LaptopRecord> same_serial,
              stores_.laptops.FindBySerial(wanted.laptop.serial));
  if (same_serial.has_value() && (!known.has_value() || same_serial->id != known->id)) {
    return cells.Bad("serial",
                     fmt::format("belongs to laptop {} already", same_serial->laptop.asset_tag));
  }
  if (cells.Has("site")) {
    PARC_ASSIGN(std::optional<SiteRecord> site, stores_.sites.Find(cells.Text("site")));
    if (!site.has_value() && !cells.Text("site").empty())
      return cells.Bad("site", "is no known site");
    wanted.site = site.has_value() ? std::optional(site->row) : std::nullopt;
    wanted.laptop.site = site.has_value() ? site->site.code : "";
  }
  if (cells.Has("order_line") && !cells.Text("order_line").empty()) {
    PARC_ASSIGN(std::optional<OrderStore::LineRecord> line,
                stores_.orders.FindLine(cells.Text("order_line")));
    if (!line.has_value()) return cells.Bad("order_line", "is no known order line (ORDER/NUMBER)");
    wanted.order_line = line->row;
    wanted.laptop.order_line = fmt::format("{}/{}", line->reference, line->line.line);
  }
  if (states_holder) {
    PARC_ASSIGN(std::optional<PersonRecord> holder, stores_.people.Find(cells.Text("holder")));
    if (!holder.has_value()) return cells.Bad("holder", "is nobody's id");
    if (!MayHaveHolder(wanted.laptop.state))
      return cells.Bad("holder", "is named, but the laptop is not assigned");
    wanted.holder = holder->row;
    wanted.laptop.holder = holder->person.id;
    wanted.laptop.holder_name = holder->person.name;
  } else if (!MayHaveHolder(wanted.laptop.state)) {
    wanted.holder.reset();
    wanted.laptop.holder.clear();
  }
  if (wanted.laptop.state == LaptopState::kAssigned && !wanted.holder.has_value()) {
    return cells.Bad("holder", "is empty, but the laptop is assigned");
  }
  const CivilDate today = stores_.context.today;
  PARC_ASSIGN(const std::optional<CivilDate> stated, cells.Date("effective"));
  if (stated.has_value() && today < *stated) return cells.Bad("effective", "lies in the future");

  if (!known.has_value()) {
    const CivilDate effective = stated.value_or(today);
    wanted.laptop.state_since = effective;
    PARC_ASSIGN(const std::int64_t id,
                stores_.laptops.Insert(wanted, effective, stores_.context.now));
    PARC_TRY(stores_.laptops.AddEvent({.laptop = id,
                                       .event = LaptopEvent::kImport,
                                       .from = std::nullopt,
                                       .to = wanted.laptop.state,
                                       .person = wanted.holder,
                                       .effective = effective,
                                       .now = stores_.context.now,
                                       .actor = stores_.context.actor,
                                       .reason = stores_.context.reason}));
    return Created(wanted.laptop.asset_tag);
  }
  const Differences differences = Compare(known->laptop, wanted.laptop);
  if (!differences.empty()) {
    const bool moved = known->laptop.state != wanted.laptop.state || known->holder != wanted.holder;
    PARC_ASSIGN(const CivilDate newest, stores_.laptops.EffectiveFrom(known->id));
    const CivilDate effective =
        moved ? stated.value_or(today) : std::max(newest, stated.value_or(today));
    PARC_TRY(stores_.CheckDay(*known, effective));
    if (moved) wanted.laptop.state_since = effective;
    PARC_TRY(stores_.Put(wanted, LaptopEvent::kImport, known->laptop.state,
                         wanted.holder.has_value() ? wanted.holder : known->holder, effective));
  }
  return Changed(known->laptop.asset_tag, differences);
}

}  // namespace parc::fleet
