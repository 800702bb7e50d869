#include <algorithm>
#include <set>

#include "daemon/fleet/change.h"
#include "daemon/fleet/change_stores.h"
#include "daemon/fleet/validate.h"
#include "daemon/inventory/identity.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::Laptop;
using inventory::LaptopEvent;
using inventory::LaptopState;
using store::LaptopRecord;

namespace {

// Events with a verb of their own, or that only Parc itself writes.
bool HasItsOwnVerb(LaptopEvent event) {
  switch (event) {
    case LaptopEvent::kReceive:
    case LaptopEvent::kImport:
    case LaptopEvent::kAssign:
    case LaptopEvent::kReturn:
    case LaptopEvent::kUpdate:
    case LaptopEvent::kCorrect:
      return true;
    default:
      return false;
  }
}

void TidyTags(Laptop& laptop) {
  std::sort(laptop.tags.begin(), laptop.tags.end());
  laptop.tags.erase(std::unique(laptop.tags.begin(), laptop.tags.end()), laptop.tags.end());
}

absl::Status Exists(std::string_view what, std::string_view value, const Laptop& other) {
  return Refuse(absl::StatusCode::kAlreadyExists, "LAPTOP_EXISTS",
                fmt::format("laptop {} has the {} \"{}\" already", other.asset_tag, what, value),
                "laptop");
}

// Copies the named fields of `from` into `to`. INVALID_ARGUMENT BAD_FIELD_MASK.
absl::Status CopyFields(const Laptop& from, const FieldMask& mask, Laptop& to) {
  if (mask.empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD_MASK",
                  "update_mask names no field", "update_mask");
  }
  for (const std::string& field : mask) {
    if (field == "serial") {
      to.serial = from.serial;
    } else if (field == "manufacturer") {
      to.manufacturer = from.manufacturer;
    } else if (field == "model") {
      to.model = from.model;
    } else if (field == "site") {
      to.site = from.site;
    } else if (field == "order_line") {
      to.order_line = from.order_line;
    } else if (field == "purchase_date") {
      to.purchase_date = from.purchase_date;
    } else if (field == "price") {
      to.price = from.price;
    } else if (field == "warranty_end_date") {
      to.warranty_end = from.warranty_end;
    } else if (field == "end_of_life_date") {
      to.end_of_life = from.end_of_life;
    } else if (field == "tags") {
      to.tags = from.tags;
    } else if (field == "notes") {
      to.notes = from.notes;
    } else {
      return Refuse(
          absl::StatusCode::kInvalidArgument, "BAD_FIELD_MASK",
          fmt::format("\"{}\" cannot be updated; state and holder change through their verbs",
                      field.substr(0, 64)),
          "update_mask");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Laptop> Change::CreateLaptop(const Laptop& wanted) {
  PARC_ASSIGN(const CivilDate effective, stores_->Effective());
  PARC_TRY(CheckLaptop(wanted));
  LaptopRecord record;
  record.laptop = wanted;
  TidyTags(record.laptop);
  PARC_ASSIGN(std::optional<LaptopRecord> other, stores_->laptops.FindByTag(wanted.asset_tag));
  if (other.has_value()) return Exists("asset tag", wanted.asset_tag, other->laptop);
  PARC_ASSIGN(other, stores_->laptops.FindBySerial(wanted.serial));
  if (other.has_value()) return Exists("serial", wanted.serial, other->laptop);
  PARC_TRY(stores_->CheckNotCrossed(wanted, std::nullopt));
  PARC_ASSIGN(record.site, stores_->SiteRow(wanted.site));
  PARC_ASSIGN(record.order_line, stores_->LineRow(wanted.order_line));
  const bool needs_holder = wanted.state == LaptopState::kAssigned;
  if (needs_holder == wanted.holder.empty() && wanted.state != LaptopState::kInRepair) {
    return Refuse(
        absl::StatusCode::kInvalidArgument, "BAD_HOLDER",
        needs_holder ? "an assigned laptop needs a holder" : "only an assigned laptop has a holder",
        "laptop.holder");
  }
  if (!wanted.holder.empty()) {
    PARC_ASSIGN(store::PersonRecord holder, stores_->Person(wanted.holder));
    record.holder = holder.row;
    PARC_TRY(stores_->CheckFirstDay(holder.row, effective));
  }
  record.laptop.state_since = effective;
  PARC_ASSIGN(record.id, stores_->laptops.Insert(record, effective, context().now));
  const LaptopEvent event =
      wanted.state == LaptopState::kInStock ? LaptopEvent::kReceive : LaptopEvent::kImport;
  PARC_TRY(stores_->laptops.AddEvent({.laptop = record.id,
                                      .event = event,
                                      .from = std::nullopt,
                                      .to = wanted.state,
                                      .person = record.holder,
                                      .effective = effective,
                                      .now = context().now,
                                      .actor = context().actor,
                                      .reason = context().reason}));
  PARC_ASSIGN(record, stores_->Laptop(wanted.asset_tag));
  return record.laptop;
}

absl::StatusOr<Laptop> Change::UpdateLaptop(const Laptop& wanted, const FieldMask& mask,
                                            std::string_view etag) {
  PARC_ASSIGN(const CivilDate effective, stores_->Effective());
  PARC_ASSIGN(LaptopRecord record, stores_->Laptop(wanted.asset_tag));
  PARC_TRY(CheckEtag(etag, record.laptop.revision));
  const Laptop before = record.laptop;
  PARC_TRY(CopyFields(wanted, mask, record.laptop));
  TidyTags(record.laptop);
  if (record.laptop == before) return before;
  PARC_TRY(CheckLaptop(record.laptop));
  PARC_ASSIGN(std::optional<LaptopRecord> other,
              stores_->laptops.FindBySerial(record.laptop.serial));
  if (other.has_value() && other->id != record.id)
    return Exists("serial", record.laptop.serial, other->laptop);
  // Records that were crossed before this was refused may still be changed otherwise.
  if (record.laptop.serial != before.serial)
    PARC_TRY(stores_->CheckNotCrossed(record.laptop, record.id));
  PARC_ASSIGN(record.site, stores_->SiteRow(record.laptop.site));
  PARC_ASSIGN(record.order_line, stores_->LineRow(record.laptop.order_line));
  PARC_TRY(stores_->CheckDay(record, effective));
  PARC_TRY(
      stores_->Put(record, LaptopEvent::kUpdate, record.laptop.state, record.holder, effective));
  return record.laptop;
}

absl::StatusOr<Laptop> Change::AssignLaptop(std::string_view name, std::string_view person,
                                            bool additional, std::string_view etag) {
  PARC_ASSIGN(LaptopRecord record, stores_->Laptop(name));
  PARC_TRY(CheckEtag(etag, record.laptop.revision));
  PARC_ASSIGN(store::PersonRecord holder, stores_->Person(person));
  if (!additional) PARC_TRY(stores_->CheckUnequipped(holder));
  PARC_TRY(stores_->Move(record, LaptopEvent::kAssign, holder.row));
  return record.laptop;
}

absl::StatusOr<Laptop> Change::ReturnLaptop(std::string_view name, std::string_view etag) {
  PARC_ASSIGN(LaptopRecord record, stores_->Laptop(name));
  PARC_TRY(CheckEtag(etag, record.laptop.revision));
  PARC_TRY(stores_->Move(record, LaptopEvent::kReturn, std::nullopt));
  return record.laptop;
}

absl::StatusOr<Change::Swapped> Change::SwapLaptop(std::string_view name,
                                                   std::string_view replacement,
                                                   std::string_view etag) {
  PARC_ASSIGN(LaptopRecord old_one, stores_->Laptop(name));
  PARC_TRY(CheckEtag(etag, old_one.laptop.revision));
  PARC_ASSIGN(LaptopRecord new_one, stores_->Laptop(replacement));
  if (old_one.id == new_one.id) {
    return Refuse(absl::StatusCode::kInvalidArgument, "SAME_LAPTOP",
                  "a laptop cannot be swapped for itself", "replacement");
  }
  const std::optional<std::int64_t> holder = old_one.holder;
  PARC_TRY(stores_->Move(old_one, LaptopEvent::kReturn, std::nullopt));
  PARC_TRY(stores_->Move(new_one, LaptopEvent::kAssign, holder));
  return Swapped{old_one.laptop, new_one.laptop};
}

absl::StatusOr<Laptop> Change::MoveLaptop(std::string_view name, LaptopEvent event,
                                          std::string_view etag) {
  if (HasItsOwnVerb(event)) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_EVENT",
                  fmt::format("{} is no move of this verb", inventory::ToString(event)), "event");
  }
  PARC_ASSIGN(LaptopRecord record, stores_->Laptop(name));
  PARC_TRY(CheckEtag(etag, record.laptop.revision));
  PARC_TRY(stores_->Move(record, event, std::nullopt));
  return record.laptop;
}

}  // namespace parc::fleet
