#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/masks.h"
#include "daemon/rpc/people_handlers.h"
#include "parc/v1/planning.pb.h"

// What a forecast assumes, and the targets it is asked about.
namespace parc::rpc {
namespace {

v1::Planning WireOf(const procurement::Planning& planning) {
  v1::Planning wire;
  if (planning.preparation_capacity) wire.set_preparation_capacity(*planning.preparation_capacity);
  if (planning.reserve_stock) wire.set_reserve_stock(*planning.reserve_stock);
  if (planning.records_since) *wire.mutable_records_since() = ToProto(*planning.records_since);
  wire.set_country(planning.country);
  for (const procurement::Closure& closure : planning.closures) {
    v1::Closure& to = *wire.add_closures();
    *to.mutable_first_date() = ToProto(closure.first);
    *to.mutable_last_date() = ToProto(closure.last);
  }
  return wire;
}

absl::StatusOr<procurement::Planning> PlanningFrom(const v1::Planning& wire) {
  procurement::Planning planning;
  if (wire.has_preparation_capacity()) planning.preparation_capacity = wire.preparation_capacity();
  if (wire.has_reserve_stock()) planning.reserve_stock = wire.reserve_stock();
  PARC_ASSIGN(planning.records_since, DateFrom(wire.records_since(), "planning.records_since"));
  planning.country = wire.country();
  for (const v1::Closure& from : wire.closures()) {
    procurement::Closure closure;
    PARC_ASSIGN(closure.first, RequiredDateFrom(from.first_date(), "planning.closures"));
    PARC_ASSIGN(closure.last, RequiredDateFrom(from.last_date(), "planning.closures"));
    planning.closures.push_back(closure);
  }
  return planning;
}

v1::Target WireOf(const procurement::Target& target) {
  v1::Target wire;
  wire.set_name(NameOf("targets", target.id));
  *wire.mutable_due_date() = ToProto(target.due);
  wire.set_ratio(target.ratio);
  wire.set_people(target.people);
  return wire;
}

absl::StatusOr<v1::Planning> GetPlanning(const Question& question,
                                         const v1::GetPlanningRequest& request) {
  PARC_ASSIGN(const inventory::Moment moment, MomentFrom(request.moment()));
  PARC_ASSIGN(const procurement::Planning planning, question.view.GetPlanning(moment));
  return WireOf(planning);
}

absl::StatusOr<v1::Planning> UpdatePlanning(Edit& edit, const v1::UpdatePlanningRequest& request) {
  PARC_ASSIGN(const procurement::Planning wanted, PlanningFrom(request.planning()));
  PARC_ASSIGN(const fleet::FieldMask mask, MaskFrom(request.update_mask()));
  PARC_ASSIGN(const procurement::Planning planning, edit.change.UpdatePlanning(wanted, mask));
  return WireOf(planning);
}

absl::StatusOr<v1::ListTargetsResponse> ListTargets(const Question& question,
                                                    const v1::ListTargetsRequest& request) {
  PARC_ASSIGN(const inventory::Moment moment, MomentFrom(request.moment()));
  PARC_ASSIGN(const auto targets, question.view.ListTargets(moment));
  v1::ListTargetsResponse response;
  for (const procurement::Target& target : targets) *response.add_targets() = WireOf(target);
  return response;
}

absl::StatusOr<v1::Target> SetTarget(Edit& edit, const v1::SetTargetRequest& request) {
  const v1::Target& wire = request.target();
  procurement::Target wanted;
  PARC_ASSIGN(wanted.id, IdFrom(wire.name(), "targets", "target.name"));
  PARC_ASSIGN(wanted.due, RequiredDateFrom(wire.due_date(), "target.due_date"));
  wanted.ratio = wire.ratio();
  wanted.people = wire.people();
  PARC_TRY(CheckTotalsFilter(edit.role(), wanted.people));
  PARC_ASSIGN(const procurement::Target target, edit.change.SetTarget(wanted));
  return WireOf(target);
}

absl::StatusOr<v1::Target> DeleteTarget(Edit& edit, const v1::DeleteTargetRequest& request) {
  PARC_ASSIGN(const std::string id, IdFrom(request.name(), "targets"));
  PARC_ASSIGN(const procurement::Target target, edit.change.DropTarget(id));
  return WireOf(target);
}

}  // namespace

void RegisterPlanning(PeopleHandlers& handlers) {
  handlers.Ask("/parc.v1.PlanningService/GetPlanning", GetPlanning);
  handlers.Ask("/parc.v1.PlanningService/ListTargets", ListTargets);
  handlers.Change("/parc.v1.PlanningService/UpdatePlanning", UpdatePlanning);
  handlers.Change("/parc.v1.PlanningService/SetTarget", SetTarget);
  handlers.Change("/parc.v1.PlanningService/DeleteTarget", DeleteTarget);
}

}  // namespace parc::rpc
