#pragma once

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/model.h"

// The Monte Carlo simulation: deliveries by line, then the fleet day by day, path by path.
namespace parc::forecast {

// A matrix of counts, one row a day (or month, line, target), one column a path.
class Counts {
 public:
  Counts() = default;
  Counts(int rows, int paths)
      : paths_(static_cast<std::size_t>(paths)),
        cells_(static_cast<std::size_t>(rows) * static_cast<std::size_t>(paths)) {}

  int* Row(int row) { return cells_.data() + static_cast<std::size_t>(row) * paths_; }
  const int* Row(int row) const { return cells_.data() + static_cast<std::size_t>(row) * paths_; }
  int paths() const { return static_cast<int>(paths_); }

 private:
  std::size_t paths_ = 0;
  std::vector<int> cells_;
};

struct Outcome {
  int paths = 0;
  int horizon = 0;
  std::vector<LineFacts> lines;  // the open ones, under the scenario
  std::vector<int> month_ends;   // days; the last is the horizon
  Counts equipped, in_need;      // row d - 1 for day d
  Counts delivered, attrition;   // by month
  Counts line_day;               // day of the last unit; kNoDay: never
  Counts line_cancelled;         // 1 when some of it was cancelled
  Counts reached;                // by target: first day; kNoDay: never
  double supply_days = 0;        // person-days of waiting with no laptop to hand out, and
  double preparation_days = 0;   // with laptops lying there
};

// Only what a target needs: no `line_*`, no monthly counts. For sweeps.
enum class Detail { kAll, kTargets };

// CANCELLED when `run` says so. `targets` replace those of the inputs.
absl::StatusOr<Outcome> Simulate(const Model& model, const Scenario& scenario,
                                 const std::vector<Target>& targets, Detail detail,
                                 const Run& run = {});

// The share of paths that reach `target` by its day, simulated to that day and no further.
absl::StatusOr<double> ProbabilityOf(const Model& model, const Scenario& scenario,
                                     const Target& target, const Run& run);

// `run` without its progress: for one simulation of many.
Run Unwatched(const Run& run);

// Share of paths that reach target `row` by `day`.
double ReachedBy(const Outcome& outcome, int row, int day);

}  // namespace parc::forecast
