#include "daemon/fleet/change.h"

#include "daemon/fleet/change_stores.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::LaptopEvent;
using inventory::LaptopState;
using store::LaptopRecord;

Change::Change(store::Connection& db, RevokeDevices revoke_devices)
    : stores_(std::make_unique<Stores>(db, std::move(revoke_devices))) {}

Change::~Change() = default;

void Change::Begin(ChangeContext context) {
  stores_->context = std::move(context);
  stores_->effects.clear();
  stores_->undone = false;
}

const ChangeContext& Change::context() const { return stores_->context; }

store::Connection& Change::connection() { return stores_->db; }

void Change::AfterCommit(std::function<void()> effect) {
  stores_->effects.push_back(std::move(effect));
}

void Change::UndoAll() { stores_->undone = true; }

bool Change::undone() const { return stores_->undone; }

std::vector<std::function<void()>> Change::TakeEffects() {
  return std::exchange(stores_->effects, {});
}

absl::StatusOr<CivilDate> Change::Stores::Effective() const {
  const CivilDate effective = context.effective.value_or(context.today);
  if (context.today < effective) {
    return Refuse(absl::StatusCode::kInvalidArgument, "EFFECTIVE_DATE_IN_FUTURE",
                  fmt::format("{} lies in the future", inventory::ToIso(effective)),
                  "options.effective_date");
  }
  return effective;
}

absl::StatusOr<LaptopRecord> Change::Stores::Laptop(std::string_view name) {
  PARC_ASSIGN(std::optional<LaptopRecord> found, laptops.Find(name));
  if (!found.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "LAPTOP_NOT_FOUND",
                  fmt::format("no laptop has the asset tag or serial \"{}\"", name.substr(0, 64)),
                  "name");
  }
  return *std::move(found);
}

absl::StatusOr<store::PersonRecord> Change::Stores::Person(std::string_view id) {
  PARC_ASSIGN(std::optional<store::PersonRecord> found, people.Find(id));
  if (!found.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "PERSON_NOT_FOUND",
                  fmt::format("nobody has the id \"{}\"", id.substr(0, 64)), "person");
  }
  return *std::move(found);
}

absl::StatusOr<store::OrderStore::LineRecord> Change::Stores::Line(std::string_view name) {
  PARC_ASSIGN(std::optional<store::OrderStore::LineRecord> found, orders.FindLine(name));
  if (!found.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "ORDER_LINE_NOT_FOUND",
                  fmt::format("there is no order line \"{}\"; a line is named ORDER/NUMBER",
                              name.substr(0, 80)),
                  "order_line");
  }
  return *std::move(found);
}

absl::StatusOr<std::optional<std::int64_t>> Change::Stores::SiteRow(std::string_view code) {
  if (code.empty()) return std::optional<std::int64_t>();
  PARC_ASSIGN(std::optional<store::SiteRecord> found, sites.Find(code));
  if (!found.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "SITE_NOT_FOUND",
                  fmt::format("there is no site \"{}\"", code.substr(0, 64)), "site");
  }
  return std::optional<std::int64_t>(found->row);
}

absl::StatusOr<std::optional<std::int64_t>> Change::Stores::LineRow(std::string_view name) {
  if (name.empty()) return std::optional<std::int64_t>();
  PARC_ASSIGN(store::OrderStore::LineRecord line, Line(name));
  return std::optional<std::int64_t>(line.row);
}

absl::Status Change::Stores::CheckDay(const LaptopRecord& record, const CivilDate& effective) {
  PARC_ASSIGN(const CivilDate newest, laptops.EffectiveFrom(record.id));
  if (effective < newest) {
    return Refuse(
        absl::StatusCode::kFailedPrecondition, "EFFECTIVE_DATE_TOO_EARLY",
        fmt::format("{} has a later event, of {}; this one may not take effect on {}",
                    record.laptop.asset_tag, inventory::ToIso(newest), inventory::ToIso(effective)),
        "options.effective_date");
  }
  return absl::OkStatus();
}

absl::Status Change::Stores::CheckNotCrossed(const inventory::Laptop& laptop,
                                             std::optional<std::int64_t> id) {
  const auto crossed = [](std::string_view what, const std::string& value, std::string_view is,
                          const inventory::Laptop& other) {
    return Refuse(absl::StatusCode::kAlreadyExists, "LAPTOP_EXISTS",
                  fmt::format("the {} \"{}\" is the {} of laptop {} already", what, value, is,
                              other.asset_tag),
                  "laptop");
  };
  PARC_ASSIGN(std::optional<LaptopRecord> other, laptops.FindBySerial(laptop.asset_tag));
  if (other.has_value() && other->id != id)
    return crossed("asset tag", laptop.asset_tag, "serial", other->laptop);
  PARC_ASSIGN(other, laptops.FindByTag(laptop.serial));
  if (other.has_value() && other->id != id)
    return crossed("serial", laptop.serial, "asset tag", other->laptop);
  return absl::OkStatus();
}

absl::Status Change::Stores::Put(LaptopRecord& record, LaptopEvent event,
                                 std::optional<LaptopState> from,
                                 std::optional<std::int64_t> person, const CivilDate& effective) {
  PARC_TRY(laptops.Replace(record, effective, context.now));
  PARC_TRY(laptops.AddEvent({.laptop = record.id,
                             .event = event,
                             .from = from,
                             .to = record.laptop.state,
                             .person = person,
                             .effective = effective,
                             .now = context.now,
                             .actor = context.actor,
                             .reason = context.reason}));
  const LaptopState to = record.laptop.state;
  PARC_ASSIGN(record, Laptop(record.laptop.asset_tag));
  const bool gone =
      to == LaptopState::kLost || to == LaptopState::kStolen || to == LaptopState::kRetired;
  if (!gone || from == to || !revoke_devices) return absl::OkStatus();
  PARC_ASSIGN(std::function<void()> effect,
              revoke_devices(db, record.id, inventory::ToString(to), context.now));
  if (effect) effects.push_back(std::move(effect));
  return absl::OkStatus();
}

absl::Status Change::Stores::Move(LaptopRecord& record, LaptopEvent event,
                                  std::optional<std::int64_t> person) {
  PARC_ASSIGN(const CivilDate effective, Effective());
  return Move(record, event, person, effective);
}

absl::Status Change::Stores::Move(LaptopRecord& record, LaptopEvent event,
                                  std::optional<std::int64_t> person, const CivilDate& effective) {
  const LaptopState from = record.laptop.state;
  absl::StatusOr<LaptopState> to = inventory::Apply(from, event, record.holder.has_value());
  if (!to.ok()) {
    absl::Status refused = to.status();
    return WithDetail(std::move(refused), "laptop", record.laptop.asset_tag);
  }
  PARC_TRY(CheckDay(record, effective));
  if (event == LaptopEvent::kAssign && person.has_value()) {
    PARC_TRY(CheckFirstDay(*person, effective));
    PARC_TRY(CheckLastDay(*person, effective));
  }
  const std::optional<std::int64_t> former = record.holder;
  record.laptop.state = *to;
  record.laptop.state_since = effective;
  if (event == LaptopEvent::kAssign) record.holder = person;
  const bool keeps_holder = *to == LaptopState::kAssigned || *to == LaptopState::kInRepair;
  if (!keeps_holder) record.holder.reset();
  return Put(record, event, from, person.has_value() ? person : former, effective);
}

absl::Status Change::Stores::CheckUnequipped(const store::PersonRecord& person) {
  PARC_ASSIGN(const std::vector<std::string> held, laptops.AssignedTo(person.row));
  if (held.empty()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "PERSON_ALREADY_EQUIPPED",
                fmt::format("{} ({}) already holds {}; swap it, or say that this one is additional",
                            person.person.name, person.person.id, fmt::join(held, ", ")),
                "person");
}

absl::Status Change::Stores::CheckFirstDay(std::int64_t person, const CivilDate& effective) {
  PARC_ASSIGN(const CivilDate first, people.FirstDay(person));
  if (!(effective < first)) return absl::OkStatus();
  return Refuse(
      absl::StatusCode::kFailedPrecondition, "EFFECTIVE_DATE_TOO_EARLY",
      fmt::format("the record of this person begins on {}; they cannot hold a laptop on {}",
                  inventory::ToIso(first), inventory::ToIso(effective)),
      "options.effective_date");
}

absl::Status Change::Stores::CheckLastDay(std::int64_t person, const CivilDate& effective) {
  PARC_ASSIGN(const std::optional<CivilDate> last, people.LastDay(person));
  if (!last.has_value() || !(*last < effective)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "PERSON_HAS_LEFT",
                fmt::format("the last day of this person was {}; they cannot be given a laptop on "
                            "{}",
                            inventory::ToIso(*last), inventory::ToIso(effective)),
                "person");
}

absl::Status Change::Stores::CheckParent(std::int64_t site, std::optional<std::int64_t> parent) {
  constexpr int kDeepest = 32;  // sites, buildings, floors, rooms: nobody has as many
  for (int depth = 0; parent.has_value(); ++depth) {
    if (*parent == site || depth == kDeepest) {
      return Refuse(absl::StatusCode::kInvalidArgument, "BAD_PARENT",
                    *parent == site ? "a site cannot belong to itself, nor to a site below it"
                                    : "sites are nested too deeply",
                    "site.parent");
    }
    PARC_ASSIGN(parent, sites.ParentOf(*parent));
  }
  return absl::OkStatus();
}

absl::Status CheckEtag(std::string_view etag, std::int64_t revision) {
  if (etag.empty() || etag == fmt::format("{}", revision)) return absl::OkStatus();
  return Refuse(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                "somebody changed the record since you read it; read it again", "etag");
}

}  // namespace parc::fleet
