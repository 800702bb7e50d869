#include <algorithm>

#include "daemon/filter/parse.h"
#include "daemon/fleet/change.h"
#include "daemon/fleet/change_stores.h"
#include "daemon/fleet/validate.h"
#include "daemon/inventory/fold.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::CivilDate;
using procurement::Planning;
using procurement::Target;

namespace {

absl::Status CopyField(const Planning& from, std::string_view field, Planning& to) {
  if (field == "preparation_capacity") {
    to.preparation_capacity = from.preparation_capacity;
  } else if (field == "reserve_stock") {
    to.reserve_stock = from.reserve_stock;
  } else if (field == "records_since") {
    to.records_since = from.records_since;
  } else if (field == "country") {
    to.country = from.country;
  } else if (field == "closures") {
    to.closures = from.closures;
  } else {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD_MASK",
                  fmt::format("\"{}\" is nothing that a forecast assumes", field.substr(0, 64)),
                  "update_mask");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Planning> Change::UpdatePlanning(const Planning& planning, const FieldMask& mask) {
  PARC_ASSIGN(const CivilDate effective, stores_->Effective());
  if (mask.empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD_MASK",
                  "update_mask names no field", "update_mask");
  }
  const inventory::Moment now{.as_of = effective, .known_at = {}};
  PARC_ASSIGN(const Planning before, stores_->planning.Read(now));
  Planning wanted = before;
  for (const std::string& field : mask) PARC_TRY(CopyField(planning, field, wanted));
  PARC_TRY(CheckPlanning(wanted, context().today));
  PARC_TRY(stores_->planning.Change(before, wanted,
                                    {.effective = effective,
                                     .actor = context().actor,
                                     .reason = context().reason,
                                     .now = context().now}));
  return wanted;
}

absl::StatusOr<Target> Change::SetTarget(const Target& target) {
  PARC_ASSIGN(const CivilDate effective, stores_->Effective());
  PARC_TRY(CheckTarget(target));
  PARC_TRY(stores_->planning.PutTarget(target, {.effective = effective,
                                                .actor = context().actor,
                                                .reason = context().reason,
                                                .now = context().now}));
  return target;
}

absl::StatusOr<Target> Change::DropTarget(std::string_view id) {
  PARC_ASSIGN(const CivilDate effective, stores_->Effective());
  PARC_ASSIGN(const std::vector<Target> targets,
              stores_->planning.Targets({.as_of = effective, .known_at = {}}));
  const std::string key = inventory::Fold(id);
  const auto found = std::find_if(targets.begin(), targets.end(), [&](const Target& target) {
    return inventory::Fold(target.id) == key;
  });
  if (found == targets.end()) {
    return Refuse(absl::StatusCode::kNotFound, "TARGET_NOT_FOUND",
                  fmt::format("there is no target \"{}\"", id.substr(0, 64)), "name");
  }
  PARC_TRY(stores_->planning.DropTarget(*found, {.effective = effective,
                                                 .actor = context().actor,
                                                 .reason = context().reason,
                                                 .now = context().now}));
  return *found;
}

}  // namespace parc::fleet
