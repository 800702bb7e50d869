#include <algorithm>

#include "daemon/fleet/import_differences.h"
#include "daemon/fleet/import_rows.h"
#include "daemon/fleet/validate.h"
#include "daemon/inventory/lifecycle.h"
#include "daemon/inventory/reason.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::LaptopEvent;
using inventory::LaptopState;
using store::LaptopRecord;
using store::OrderStore;
using store::PersonRecord;
using store::SiteRecord;

namespace {

std::string Shown(const std::optional<inventory::Money>& money) {
  if (!money.has_value()) return "";
  return fmt::format("{}.{:02} {}", money->micros / 1'000'000, money->micros / 10'000 % 100,
                     money->currency);
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
  differences.Note("end_of_life", Iso(before.end_of_life), Iso(after.end_of_life));
  differences.Note("tags", fmt::format("{}", fmt::join(before.tags, ", ")),
                   fmt::format("{}", fmt::join(after.tags, ", ")));
  differences.Note("notes", before.notes, after.notes);
  if (before.extra != after.extra)
    differences.Note("extra columns", "earlier values", "new values");
  return differences;
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
  PARC_TRY(TakeDate(cells, "end_of_life", laptop.end_of_life));
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

absl::Status ImportRows::ReadPlace(const Cells& cells, LaptopRecord& wanted) {
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
  return absl::OkStatus();
}

absl::Status ImportRows::ReadHolder(const Cells& cells, LaptopRecord& wanted) {
  if (!cells.Text("holder").empty()) {
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
  return absl::OkStatus();
}

absl::StatusOr<RowResult> ImportRows::InsertLaptop(LaptopRecord wanted,
                                                   const CivilDate& effective) {
  const ChangeContext& context = stores_.context;
  if (wanted.holder.has_value())
    PARC_TRY(stores_.people.BeginEarlier(*wanted.holder, effective, context.now));
  wanted.laptop.state_since = effective;
  PARC_ASSIGN(const std::int64_t id, stores_.laptops.Insert(wanted, effective, context.now));
  PARC_TRY(stores_.laptops.AddEvent({.laptop = id,
                                     .event = LaptopEvent::kImport,
                                     .from = std::nullopt,
                                     .to = wanted.laptop.state,
                                     .person = wanted.holder,
                                     .effective = effective,
                                     .now = context.now,
                                     .actor = context.actor,
                                     .reason = context.reason}));
  return Created(wanted.laptop.asset_tag);
}

absl::Status ImportRows::MoveLaptop(const LaptopRecord& known, LaptopRecord wanted,
                                    const CivilDate& effective) {
  const std::optional<std::int64_t> holder = wanted.holder;
  const std::string holder_id = wanted.laptop.holder;
  PARC_ASSIGN(
      const LaptopEvent event,
      inventory::EventBetween(known.laptop.state, wanted.laptop.state, known.holder.has_value()));
  wanted.laptop.state = known.laptop.state;
  wanted.holder = known.holder;
  if (event == LaptopEvent::kAssign) {
    PARC_TRY(stores_.CheckDay(known, effective));
    PARC_ASSIGN(const PersonRecord person, stores_.Person(holder_id));
    PARC_TRY(stores_.CheckUnequipped(person));
    PARC_TRY(stores_.people.BeginEarlier(person.row, effective, stores_.context.now));
    return stores_.Move(wanted, event, person.row, effective);
  }
  if (holder.has_value() && holder != known.holder) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_MOVE",
                  fmt::format("{} does not give a laptop to somebody; {} does, to one that is {}",
                              inventory::ToString(event), inventory::ToString(LaptopEvent::kAssign),
                              inventory::ToString(LaptopState::kPrepared)));
  }
  return stores_.Move(wanted, event, std::nullopt, effective);
}

absl::StatusOr<RowResult> ImportRows::Laptop(const Cells& cells) {
  const std::string_view tag = cells.Text("asset_tag");
  const std::string_view serial = cells.Text("serial");
  if (tag.empty() && serial.empty())
    return cells.Bad("asset_tag", "and the serial are empty; a laptop needs one of them");
  PARC_ASSIGN(std::optional<LaptopRecord> known,
              tag.empty() ? stores_.laptops.FindBySerial(serial) : stores_.laptops.FindByTag(tag));
  LaptopRecord wanted = known.value_or(LaptopRecord{});
  if (!known.has_value()) {
    wanted.laptop.asset_tag = std::string(tag.empty() ? serial : tag);
    if (!cells.Text("holder").empty()) wanted.laptop.state = LaptopState::kAssigned;
  }
  PARC_TRY(ReadLaptopCells(cells, wanted.laptop));
  PARC_TRY(CheckLaptop(wanted.laptop));
  PARC_ASSIGN(std::optional<LaptopRecord> same_serial,
              stores_.laptops.FindBySerial(wanted.laptop.serial));
  if (same_serial.has_value() && (!known.has_value() || same_serial->id != known->id)) {
    return cells.Bad("serial",
                     fmt::format("belongs to laptop {} already", same_serial->laptop.asset_tag));
  }
  if (!known.has_value()) {
    PARC_TRY(stores_.CheckNotCrossed(wanted.laptop, std::nullopt));
  } else if (wanted.laptop.serial != known->laptop.serial) {
    PARC_TRY(stores_.CheckNotCrossed(wanted.laptop, known->id));
  }
  PARC_TRY(ReadPlace(cells, wanted));
  PARC_TRY(ReadHolder(cells, wanted));
  const CivilDate today = stores_.context.today;
  PARC_ASSIGN(const std::optional<CivilDate> stated, cells.Date("effective"));
  const CivilDate effective = stated.value_or(today);
  if (today < effective) return cells.Bad("effective", "lies in the future");
  if (!known.has_value()) return InsertLaptop(std::move(wanted), effective);

  const Differences differences = Compare(known->laptop, wanted.laptop);
  if (known->laptop.state != wanted.laptop.state || known->holder != wanted.holder) {
    PARC_TRY(MoveLaptop(*known, std::move(wanted), effective));
  } else if (!differences.empty()) {
    PARC_ASSIGN(const CivilDate newest, stores_.laptops.EffectiveFrom(known->id));
    PARC_TRY(stores_.Put(wanted, LaptopEvent::kImport, known->laptop.state, known->holder,
                         std::max(newest, effective)));
  }
  return Changed(known->laptop.asset_tag, differences);
}

}  // namespace parc::fleet
