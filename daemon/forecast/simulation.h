#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/lanes.h"
#include "daemon/forecast/model.h"

// The Monte Carlo simulation: deliveries by line, then the fleet day by day, path by path.
namespace parc::forecast {

// A matrix of counts, one row a month (or line, target), one column a path; with room for a
// last group of kLanes paths that is not full. Cells begin with any value.
class Counts {
 public:
  Counts() = default;
  Counts(int rows, int paths)
      : stride_(static_cast<std::size_t>((paths + kLanes - 1) / kLanes * kLanes)),
        cells_(std::make_unique_for_overwrite<int[]>(static_cast<std::size_t>(rows) * stride_)) {}

  int* Row(int row) { return cells_.get() + static_cast<std::size_t>(row) * stride_; }
  const int* Row(int row) const { return cells_.get() + static_cast<std::size_t>(row) * stride_; }
  int stride() const { return static_cast<int>(stride_); }

 private:
  std::size_t stride_ = 0;
  std::unique_ptr<int[]> cells_;
};

// Whole numbers by day and path, in the order in which they are made: kLanes paths after the other,
// each day by day.
class Daily {
 public:
  Daily() = default;
  Daily(int days, int paths)
      : days_(static_cast<std::size_t>(days)),
        tiles_(static_cast<std::size_t>((paths + kLanes - 1) / kLanes)),
        cells_(std::make_unique_for_overwrite<Lanes[]>(days_ * tiles_)) {}

  // Of day `row` + 1, on path `first` and those beside it.
  Lanes& At(int row, int first) {
    return cells_[static_cast<std::size_t>(first / kLanes) * days_ + static_cast<std::size_t>(row)];
  }
  // Day `row` + 1 of all paths, and any value for those that the last group lacks.
  void CopyRow(int row, std::vector<int>& values) const {
    values.resize(tiles_ * kLanes);
    int* to = values.data();
    for (std::size_t tile = 0; tile < tiles_; ++tile, to += kLanes) {
      const Lanes& lanes = cells_[tile * days_ + static_cast<std::size_t>(row)];
      for (int lane = 0; lane < kLanes; ++lane) to[lane] = static_cast<int>(lanes[lane]);
    }
  }

 private:
  std::size_t days_ = 0, tiles_ = 0;
  std::unique_ptr<Lanes[]> cells_;
};

struct Outcome {
  int paths = 0;
  int horizon = 0;
  std::vector<LineFacts> lines;  // the open ones, under the scenario
  std::vector<int> month_ends;   // days; the last is the horizon
  Daily equipped, in_need;
  Counts delivered, attrition;  // by month
  Counts line_day;              // day of the last unit; kNoDay: later; kCancelled: not all came
  Counts reached;               // by target: first day; kNoDay: never
  double supply_days = 0;       // person-days of waiting with no laptop to hand out, and
  double preparation_days = 0;  // with laptops lying there
};

// Only what a target needs: no `line_*`, no monthly counts. For sweeps.
enum class Detail { kAll, kTargets };

// CANCELLED when `run` says so. `targets` replace those of the inputs.
absl::StatusOr<Outcome> Simulate(const Model& model, const Scenario& scenario,
                                 const std::vector<Target>& targets, Detail detail,
                                 const Run& run = {});

// The lines with open units, under `scenario`.
std::vector<LineFacts> OpenLines(const Model& model, const Scenario& scenario);

// Puts `day` into `reached` on the paths that are at least at `ratio` and were not on a day before.
void NoteReached(const Lanes& equipped, const Lanes& in_need, double ratio, int day, int* reached);

// `run` without its progress: for one simulation of many.
Run Unwatched(const Run& run);

// Share of paths that reach target `row` by `day`.
double ReachedBy(const Outcome& outcome, int row, int day);

}  // namespace parc::forecast
