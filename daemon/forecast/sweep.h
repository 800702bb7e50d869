#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/lanes.h"
#include "daemon/forecast/model.h"

// How likely a target is under many scenarios that differ from each other by few lines: what all
// other lines bring is thrown once.
namespace parc::forecast {

class Sweep {
 public:
  // Keeps a reference to `model`. A target beyond the horizon counts as one at its end.
  Sweep(const Model& model, const Scenario& base, const Target& target);

  // The share of paths that reach the target by its day: to the last path what Simulate() finds.
  // CANCELLED when `run` says so.
  absl::StatusOr<double> Probability(const Scenario& scenario, const Run& run);

 private:
  const Model& model_;
  Target target_;
  int last_;  // day
  double tension_;
  std::vector<LineFacts> lines_;  // open under the base
  // What they bring: of kLanes paths after the other, by day 0 to horizon + 1. Empty when that
  // were more than kMostKept.
  std::vector<Lanes> delivered_;
};

}  // namespace parc::forecast
