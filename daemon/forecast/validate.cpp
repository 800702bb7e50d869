#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "daemon/forecast/facts.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::forecast {
namespace {

absl::Status Wrong(std::string_view field, std::string_view message) {
  return Refuse(absl::StatusCode::kInvalidArgument, "FORECAST_INPUT",
                fmt::format("{}: {}", field, message), field);
}

// `days` of what is on record: none of them after as_of.
absl::Status Known(const Inputs& inputs, const CivilDate& day, std::string_view field) {
  if (day <= inputs.as_of) return absl::OkStatus();
  return Wrong(field, fmt::format("{} is after {}, the last day that is known", ToIso(day),
                                  ToIso(inputs.as_of)));
}

absl::Status ValidateLine(const Inputs& inputs, const OrderLine& line) {
  const std::string name = fmt::format("lines[{}]", line.id);
  if (line.quantity < 0) return Wrong(name + ".quantity", "is negative");
  for (const Promise& promise : line.promises) {
    // A planned order is promised for when it will have been placed.
    if (line.ordered <= inputs.as_of)
      PARC_TRY(Known(inputs, promise.announced, name + ".promises"));
  }
  for (const Shipment& shipment : line.shipments)
    PARC_TRY(Known(inputs, shipment.announced, name + ".shipments"));
  for (const Delivery& delivery : line.deliveries) {
    if (delivery.quantity < 0) return Wrong(name + ".deliveries", "a quantity is negative");
    PARC_TRY(Known(inputs, delivery.day, name + ".deliveries"));
  }
  for (const Cancellation& cancellation : line.cancellations) {
    if (cancellation.quantity < 0) return Wrong(name + ".cancellations", "a quantity is negative");
    PARC_TRY(Known(inputs, cancellation.day, name + ".cancellations"));
  }
  return absl::OkStatus();
}

absl::Status ValidateScenarioLines(const Inputs& inputs) {
  std::set<std::string_view> ids;
  for (const OrderLine& line : inputs.lines) ids.insert(line.id);
  for (const std::string& id : inputs.scenario.cancelled_lines)
    if (!ids.contains(id)) return Wrong("scenario.cancelled_lines", id + " is no order line");
  for (const std::string& id : inputs.scenario.expedited_lines)
    if (!ids.contains(id)) return Wrong("scenario.expedited_lines", id + " is no order line");
  return absl::OkStatus();
}

absl::Status ValidateScenario(const Inputs& inputs) {
  const Scenario& scenario = inputs.scenario;
  PARC_TRY(ValidateScenarioLines(inputs));
  for (const AddedOrder& added : scenario.added) {
    if (added.quantity < 0) return Wrong("scenario.added", "a quantity is negative");
    if (added.ordered < inputs.as_of)
      return Wrong("scenario.added", fmt::format("{} is in the past", ToIso(added.ordered)));
  }
  for (const CapacityChange& change : scenario.capacity) {
    if (!(change.per_day >= 0 && change.per_day <= 1e6))
      return Wrong("scenario.capacity", "must be between 0 and 1,000,000 a day");
    if (change.to < change.from) return Wrong("scenario.capacity", "ends before it begins");
  }
  if (scenario.attrition_per_year &&
      !(*scenario.attrition_per_year >= 0 && *scenario.attrition_per_year <= 10))
    return Wrong("scenario.attrition_per_year", "must be between 0 and 10");
  if (!(scenario.tension > 0 && scenario.tension <= 100))
    return Wrong("scenario.tension", "must be above 0 and at most 100");
  for (const auto* heads : {&scenario.hires, &scenario.leavers}) {
    for (const Headcount& head : *heads) {
      if (head.people < 0) return Wrong("scenario", "a number of people is negative");
      if (head.day <= inputs.as_of)
        return Wrong("scenario", fmt::format("{} is not in the future", ToIso(head.day)));
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateTargets(const Inputs& inputs) {
  for (const Target& target : inputs.targets) {
    if (!(target.ratio > 0 && target.ratio <= 1))
      return Wrong("targets.ratio", "must be above 0 and at most 1");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Validate(const Inputs& inputs) {
  if (inputs.paths < 50 || inputs.paths > 200000)
    return Wrong("paths", "must be between 50 and 200,000");
  if (inputs.horizon_days < 1 || inputs.horizon_days > kLongestHorizon)
    return Wrong("horizon_days", fmt::format("must be between 1 and {}", kLongestHorizon));
  const Preparation& preparation = inputs.preparation;
  if (preparation.capacity_per_day &&
      !(*preparation.capacity_per_day >= 0 && *preparation.capacity_per_day <= 1e6))
    return Wrong("preparation.capacity_per_day", "must be between 0 and 1,000,000");
  if (preparation.reserve_stock < 0) return Wrong("preparation.reserve_stock", "is negative");
  if (inputs.records_since && *inputs.records_since > inputs.as_of)
    return Wrong("records_since", "is after the last day that is known");
  for (const OrderLine& line : inputs.lines) PARC_TRY(ValidateLine(inputs, line));
  for (const Asset& asset : inputs.assets) {
    if (asset.received) PARC_TRY(Known(inputs, *asset.received, "assets.received"));
    if (asset.ended) PARC_TRY(Known(inputs, *asset.ended, "assets.ended"));
  }
  for (const Assignment& assignment : inputs.assignments)
    PARC_TRY(Known(inputs, assignment.from, "assignments.from"));
  PARC_TRY(ValidateTargets(inputs));
  return ValidateScenario(inputs);
}

}  // namespace parc::forecast
