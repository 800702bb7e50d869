#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/fleet/view.h"
#include "daemon/forecast/inputs.h"
#include "daemon/inventory/moment.h"

namespace parc::fleet {

// All that a forecast knows of `moment`, from one snapshot: what was true at the end of its day, by
// what had been stored by its time.
//
// `people`: a filter over people, the population that the forecast is about; empty: everybody.
// Laptops that others hold are left out; stock and orders are everybody's. People who had left stay
// in, with their dates.
//
// Targets are those that concern this population: whose own filter is `people`, or empty.
// Lines are named "REFERENCE/1"; a planned order whose day has passed is expected for the next day.
// `scenario`, `measured_coverage_80`, `seed`, `paths` and `horizon_days` are for the caller.
// INVALID_ARGUMENT BAD_FILTER.
absl::StatusOr<forecast::Inputs> ForecastInputs(View& view, std::string_view people,
                                                const inventory::Moment& moment);

}  // namespace parc::fleet
