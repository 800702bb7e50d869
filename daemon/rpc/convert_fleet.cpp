#include "daemon/rpc/convert_fleet.h"

#include "daemon/inventory/lifecycle.h"
#include "daemon/inventory/reason.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/status_details.h"
#include "fmt/format.h"

namespace parc::rpc {
namespace {

parc::v1::Coverage ToProto(const fleet::Coverage& coverage) {
  parc::v1::Coverage wire;
  wire.set_population(coverage.population);
  wire.set_needed(coverage.needed);
  wire.set_equipped(coverage.equipped);
  wire.set_ready(coverage.ready);
  wire.set_waiting(coverage.needed - coverage.equipped);
  return wire;
}

parc::v1::Stock StockOf(const fleet::Status& status) {
  const auto in = [&](inventory::LaptopState state) {
    const auto found = status.by_state.find(std::string(inventory::ToString(state)));
    return found == status.by_state.end() ? 0 : found->second;
  };
  const auto judged = [&](const char* verdict) {
    const auto found = status.by_verdict.find(verdict);
    return found == status.by_verdict.end() ? 0 : found->second;
  };
  using inventory::LaptopState;
  parc::v1::Stock wire;
  wire.set_in_stock(in(LaptopState::kInStock));
  wire.set_preparing(in(LaptopState::kPreparing));
  wire.set_prepared(in(LaptopState::kPrepared));
  wire.set_assigned(in(LaptopState::kAssigned));
  wire.set_returned(in(LaptopState::kReturned));
  wire.set_in_repair(in(LaptopState::kInRepair));
  wire.set_lost(in(LaptopState::kLost));
  wire.set_stolen(in(LaptopState::kStolen));
  wire.set_retired(in(LaptopState::kRetired));
  wire.set_on_order(status.on_order);
  wire.set_ready(judged("READY"));
  wire.set_degraded(judged("DEGRADED"));
  wire.set_not_ready(judged("NOT_READY"));
  wire.set_unknown(judged("UNKNOWN"));
  wire.set_stale(judged("STALE"));
  return wire;
}

parc::v1::RowOutcome ToProto(fleet::RowOutcome outcome) {
  switch (outcome) {
    case fleet::RowOutcome::kCreated:
      return parc::v1::ROW_OUTCOME_CREATED;
    case fleet::RowOutcome::kUpdated:
      return parc::v1::ROW_OUTCOME_UPDATED;
    case fleet::RowOutcome::kUnchanged:
      return parc::v1::ROW_OUTCOME_UNCHANGED;
    case fleet::RowOutcome::kRefused:
      return parc::v1::ROW_OUTCOME_REFUSED;
  }
  return parc::v1::ROW_OUTCOME_UNSPECIFIED;
}

}  // namespace

parc::v1::GetStatusResponse ToProto(const fleet::Status& status) {
  parc::v1::GetStatusResponse wire;
  for (const fleet::Coverage& row : status.coverage) *wire.add_coverage() = ToProto(row);
  *wire.mutable_total() = ToProto(status.total);
  *wire.mutable_stock() = StockOf(status);
  for (const fleet::Alert& alert : status.alerts) {
    auto* to = wire.add_alerts();
    to->set_reason(alert.reason);
    to->set_message_en(alert.message_en);
    to->set_message_fr(alert.message_fr);
    to->set_count(alert.count);
  }
  *wire.mutable_as_of_date() = ToProto(status.as_of);
  return wire;
}

parc::v1::Field ToProto(const inventory::Field& field) {
  parc::v1::Field wire;
  wire.set_resource(std::string(inventory::ToString(field.resource)));
  wire.set_name(std::string(field.name));
  wire.set_kind(std::string(inventory::ToString(field.kind)));
  wire.set_description(std::string(field.description));
  for (const std::string_view value : inventory::EnumValues(field.id)) {
    wire.add_values(std::string(value));
  }
  return wire;
}

absl::StatusOr<fleet::ImportKind> ImportKindFrom(parc::v1::ImportKind kind) {
  switch (kind) {
    case parc::v1::IMPORT_KIND_SITES:
      return fleet::ImportKind::kSites;
    case parc::v1::IMPORT_KIND_PEOPLE:
      return fleet::ImportKind::kPeople;
    case parc::v1::IMPORT_KIND_LAPTOPS:
      return fleet::ImportKind::kLaptops;
    case parc::v1::IMPORT_KIND_ORDERS:
      return fleet::ImportKind::kOrders;
    case parc::v1::IMPORT_KIND_RECEIPTS:
      return fleet::ImportKind::kReceipts;
    case parc::v1::IMPORT_KIND_WORLD:
      return fleet::ImportKind::kWorld;
    default:
      return Refuse(
          absl::StatusCode::kInvalidArgument, "BAD_KIND",
          "header.kind: say what the file holds: sites, people, laptops, orders, receipts or a "
          "world",
          "header.kind");
  }
}

absl::StatusOr<fleet::Encoding> EncodingFrom(std::string_view encoding) {
  if (encoding.empty() || encoding == "auto") return fleet::Encoding::kAuto;
  if (encoding == "utf-8") return fleet::Encoding::kUtf8;
  if (encoding == "windows-1252") return fleet::Encoding::kWindows1252;
  return Refuse(
      absl::StatusCode::kInvalidArgument, "BAD_ENCODING",
      fmt::format("header.encoding: \"{}\" is none of auto, utf-8, windows-1252", Shown(encoding)),
      "header.encoding");
}

parc::v1::ImportFileResponse ToProto(const fleet::ImportResult& result) {
  parc::v1::ImportFileResponse wire;
  for (const fleet::RowResult& row : result.rows) {
    auto* to = wire.add_rows();
    to->set_line(row.line);
    to->set_outcome(ToProto(row.outcome));
    to->set_key(Shown(row.key));
    to->set_message(Shown(row.message, 256));
    to->set_file(row.file);
  }
  wire.set_rows_left_off(result.rows_left_off);
  wire.set_created(result.created);
  wire.set_updated(result.updated);
  wire.set_unchanged(result.unchanged);
  wire.set_refused(result.refused);
  wire.set_applied(result.applied);
  wire.set_dialect(Shown(result.dialect, 512));
  return wire;
}

}  // namespace parc::rpc
