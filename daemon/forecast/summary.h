#pragma once

#include "daemon/forecast/result.h"
#include "daemon/forecast/simulation.h"

// Paths as quantiles and tables.
namespace parc::forecast {

// The order statistics of `values` at kLevels; all of one kind: the smallest value v with at least
// a share p of the values <= v. `scratch` is overwritten. Values span few integers: counted, not
// sorted.
Quantiles QuantilesOf(const int* values, int count, std::vector<int>& scratch);

std::vector<Day> DaysOf(const Model& model, const Outcome& outcome);
std::vector<Month> MonthsOf(const Model& model, const Outcome& outcome);
// Most open units first; without values at risk.
std::vector<Line> LinesOf(const Model& model, const Outcome& outcome);
std::vector<TargetOutlook> TargetsOf(const Model& model, const Outcome& outcome,
                                     const std::vector<Target>& targets);
std::vector<Warning> WarningsOf(const Model& model, const Outcome& outcome,
                                const std::vector<TargetOutlook>& targets);

// A whole answer from a model that is already made, under `scenario`. `reached`, unless null, gets
// Outcome::reached.
absl::StatusOr<Result> ForecastWith(const Model& model, const Scenario& scenario,
                                    const Effort& effort, const Run& run,
                                    Counts* reached = nullptr);

// People equipped at the end of days 1 … horizon when every open line comes whole on the day given
// for it (`days`, one a line; kNoDay: never), at once handed out, nothing failing: what a
// spreadsheet says. People come and go as announced.
std::vector<double> EquippedIf(const Model& model, const std::vector<LineFacts>& lines,
                               const std::vector<int>& days);
// The day a line is last promised for; tomorrow when that has passed, 60 days from its order when
// nothing is promised.
int PromisedDay(const LineFacts& line);

}  // namespace parc::forecast
