#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/forecast/inputs.h"
#include "daemon/forecast/result.h"

// When will everyone be equipped, how sure is that, what to order now. Pure and deterministic: one
// build gives the same bytes for the same (facts, scenario, model version, seed, paths), whatever
// the order of rows. Generator and samplers are our own, so that vendors' libraries do not matter;
// exp, log and erfc are the C library's, and whether a compiler fuses products with sums is its
// own: another build may differ in a last bit, and so a path in a day.
// README.md has the model. Everything may be called on any thread; nothing is shared.
namespace parc::forecast {

// How a long run is watched and stopped. Both may be empty; both are called on the caller's thread,
// at least ten times a second of work.
struct Run {
  std::function<void(double share)> progress;  // 0 to 1, never falling
  std::function<bool()> cancelled;             // true: stop; the call returns CANCELLED
};

struct Effort {
  // For how many of the open lines (largest first) value_of_expediting and value_at_risk are
  // computed; each costs two simulations. 0: none.
  int line_values = 0;
};

// Refusals (INVALID_ARGUMENT, reason FORECAST_INPUT, with the field): paths or horizon out of
// range, a target ratio outside (0, 1], a negative quantity or rate, an unknown line in the
// scenario, a scenario day before as_of, a fact dated after as_of. Thin or contradictory data is no
// refusal: it has an answer and a warning.
absl::StatusOr<Result> Forecast(const Inputs& inputs, const Effort& effort = {},
                                const Run& run = {});

// --- What if ------------------------------------------------------------------------------------

// A difference between two scenarios on common random numbers.
struct Difference {
  double base = 0;
  double changed = 0;
  double change = 0;             // changed - base
  double monte_carlo_error = 0;  // one standard error of `change`, from the paired paths
  bool real = false;             // |change| >= 2 standard errors (and not zero)

  bool operator==(const Difference&) const = default;
};

struct TargetComparison {
  std::string id;
  Difference probability;
  // Of the day on which the ratio is reached; absent when one of the medians is beyond the horizon.
  std::optional<Difference> median_day;  // days after as_of
  std::optional<CivilDate> median_base;
  std::optional<CivilDate> median_changed;

  bool operator==(const TargetComparison&) const = default;
};

struct Comparison {
  Result base;
  Result changed;
  std::vector<TargetComparison> targets;
};

// `inputs` with its own scenario against the same with `changed`.
absl::StatusOr<Comparison> WhatIf(const Inputs& inputs, const Scenario& changed,
                                  const Run& run = {});

// --- What to order ------------------------------------------------------------------------------

struct Goal {
  Target target;
  double confidence = 0.9;             // (0, 1)
  std::optional<CivilDate> order_on;   // when the order would be placed; absent: as_of + 1
  std::vector<std::string> suppliers;  // empty: every supplier of the lines
  int most = 0;  // largest quantity considered; 0: four times the people in need
};

enum class BindingCause { kNone, kLeadTime, kPreparation, kQuantity };
std::string_view ToString(BindingCause cause);  // "NONE", "LEAD_TIME", "PREPARATION", "QUANTITY"

struct SupplierOption {
  std::string supplier;
  bool attainable = false;
  // The smallest additional quantity, ordered on Goal::order_on, for which P(target) >= confidence.
  // 0: nothing need be ordered. Unattainable: the smallest that gives the highest probability.
  int quantity = 0;
  // The last day on which ordering `quantity` still does; absent when unattainable or 0.
  std::optional<CivilDate> latest_order;
  double probability = 0;  // with `quantity` ordered on Goal::order_on
  double monte_carlo_error = 0;
  // Why no quantity is enough: deliveries take too long, or hand-outs per day do. kNone:
  // attainable.
  BindingCause binding = BindingCause::kNone;

  bool operator==(const SupplierOption&) const = default;
};

struct Decision {
  double probability_as_is = 0;
  std::vector<SupplierOption> options;  // attainable first, smallest quantity, latest order, name

  bool operator==(const Decision&) const = default;
};

// Bisection over quantity and order date; with common random numbers P(target) is monotone in both.
absl::StatusOr<Decision> Decide(const Inputs& inputs, const Goal& goal, const Run& run = {});

// --- How good was it ----------------------------------------------------------------------------

// `inputs` as they would have been written at the end of `day`: nothing later, open lines open
// again. People are known by their dates alone: an arrival within `announced_days` of `day` counts
// as announced (people's rows carry no day of announcement).
Inputs KnownOn(const Inputs& inputs, CivilDate day, int announced_days = 30);

struct BacktestOptions {
  int origin_every_days = 28;
  int step_days = 7;  // of the scored days within the horizon
  int horizon_days = 182;
  int paths = 500;
  // What was known at the end of a day, from the ledger's commit times; empty: KnownOn(inputs,
  // day).
  std::function<absl::StatusOr<Inputs>(CivilDate)> known_on;
};

// Scores over all (origin, day). WIS is divided by the people in need that day.
struct Scores {
  std::string method;  // "parc", "promised", "linear", "average"
  double wis = 0;
  double coverage_50 = 0;  // share of truths inside the interval; 0 for point forecasts that miss
  double coverage_80 = 0;
  double coverage_90 = 0;
  double brier = 0;  // of the events "coverage reached 90, 95, 100 % by the day"

  bool operator==(const Scores&) const = default;
};

struct Backtest {
  std::vector<CivilDate> origins;
  int scored = 0;              // (origin, day) pairs
  std::vector<Scores> scores;  // parc first, then the three habits
  // 1 - parc / habit, by habit as in `scores`; absent when the habit made no error either.
  std::vector<std::optional<double>> wis_skill;
  std::vector<std::optional<double>> brier_skill;
};

// Rolling origins over the recorded history, which ends with the last day on which an order, a
// delivery or a hand-over is recorded: the calm behind it may be that nobody keeps records.
// FAILED_PRECONDITION RECORDS_TOO_SHORT when there is no origin with 90 days of records before it
// and 28 days after it.
absl::StatusOr<Backtest> RunBacktest(const Inputs& inputs, const BacktestOptions& options = {},
                                     const Run& run = {});

}  // namespace parc::forecast
