#include <algorithm>
#include <array>

#include "daemon/forecast/forecast.h"
#include "daemon/forecast/habits.h"
#include "daemon/forecast/scores.h"
#include "daemon/forecast/simulation.h"
#include "daemon/forecast/summary.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::forecast {
namespace {

constexpr int kRecordsBefore = 90;
constexpr int kDaysAfter = 28;
constexpr std::array<double, 3> kRatios = {0.90, 0.95, 1.00};
constexpr std::size_t kMethods = 1 + kHabits.size();  // Parc first

// Sums of scores by method.
struct Tally {
  std::array<Scores, kMethods> sums;
  int days = 0;
  int events = 0;

  void AddDay(std::size_t method, const Quantiles& quantiles, double truth, double in_need) {
    Scores& sum = sums[method];
    sum.wis += WeightedIntervalScore(quantiles, truth) / std::max(1.0, in_need);
    sum.coverage_50 += Inside(quantiles, kP25, kP75, truth) ? 1 : 0;
    sum.coverage_80 += Inside(quantiles, kP10, kP90, truth) ? 1 : 0;
    sum.coverage_90 += Inside(quantiles, kP05, kP95, truth) ? 1 : 0;
  }
  void AddEvent(std::size_t method, double probability, bool happened) {
    const double error = probability - (happened ? 1 : 0);
    sums[method].brier += error * error;
  }
};

// What really happened after an origin: entry i is day i + 1.
struct Truth {
  std::vector<int> equipped, in_need;

  bool Reached(double ratio, int by) const {
    for (std::size_t i = 0; i < std::min(equipped.size(), static_cast<std::size_t>(by)); ++i)
      if (equipped[i] >= ratio * in_need[i] - 1e-9) return true;
    return false;
  }
};

bool ReachedByHabit(const std::vector<double>& equipped, const std::vector<double>& in_need,
                    double ratio, int by) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(by); ++i)
    if (equipped[i] >= ratio * in_need[i] - 1e-9) return true;
  return false;
}

void Score(const Model& model, const Outcome& outcome, const Truth& truth, int step, Tally& tally) {
  const auto habits = HabitForecasts(model);
  std::vector<double> in_need;
  int need = model.now.in_need;
  for (int day = 1; day <= outcome.horizon; ++day) {
    const std::size_t at = static_cast<std::size_t>(day);
    need += model.now.arrivals[at] - model.now.leavers_equipped[at] - model.now.leavers_other[at];
    in_need.push_back(need);
  }
  std::vector<int> paths, scratch;
  const int last = std::min(outcome.horizon, static_cast<int>(truth.equipped.size()));
  for (int day = step; day <= last; day += step) {
    const std::size_t at = static_cast<std::size_t>(day - 1);
    const double equipped = truth.equipped[at], people = truth.in_need[at];
    outcome.equipped.CopyRow(day - 1, paths);
    tally.AddDay(0, QuantilesOf(paths.data(), outcome.paths, scratch), equipped, people);
    for (std::size_t h = 0; h < habits.size(); ++h)
      tally.AddDay(h + 1, PointForecast(habits[h][at]), equipped, people);
    tally.days += 1;
    for (std::size_t r = 0; r < kRatios.size(); ++r) {
      const bool happened = truth.Reached(kRatios[r], day);
      tally.AddEvent(0, ReachedBy(outcome, static_cast<int>(r), day), happened);
      for (std::size_t h = 0; h < habits.size(); ++h)
        tally.AddEvent(h + 1, ReachedByHabit(habits[h], in_need, kRatios[r], day) ? 1 : 0,
                       happened);
      tally.events += 1;
    }
  }
}

// The last day, not after as_of, on which something was ordered, announced, delivered, cancelled or
// changed hands. A fleet of which nothing is recorded any more looks like one in which nothing
// happens: days behind it are not scored.
CivilDate LastRecord(const Inputs& inputs, CivilDate since) {
  CivilDate last = since;
  const auto note = [&](const std::optional<CivilDate>& day) {
    if (day.has_value() && *day <= inputs.as_of) last = std::max(last, *day);
  };
  for (const OrderLine& line : inputs.lines) {
    note(line.ordered);
    for (const Promise& promise : line.promises) note(promise.announced);
    for (const Shipment& shipment : line.shipments) note(shipment.announced);
    for (const Delivery& delivery : line.deliveries) note(delivery.day);
    for (const Cancellation& cancellation : line.cancellations) note(cancellation.day);
  }
  for (const Asset& asset : inputs.assets) {
    note(asset.received);
    note(asset.ended);
  }
  for (const Assignment& assignment : inputs.assignments) {
    note(assignment.from);
    note(assignment.to);
  }
  return last;
}

// `end`: the last day of which there is a truth.
Truth TruthAfter(const Model& model, int origin, int end) {
  Truth truth;
  for (int day = origin + 1; day <= end; ++day) {
    const std::size_t at = static_cast<std::size_t>(day - model.counts.first);
    truth.equipped.push_back(model.counts.equipped[at]);
    truth.in_need.push_back(model.counts.in_need[at]);
  }
  return truth;
}

Backtest Summarise(std::vector<CivilDate> origins, const Tally& tally) {
  Backtest backtest;
  backtest.origins = std::move(origins);
  backtest.scored = tally.days;
  for (std::size_t method = 0; method < kMethods; ++method) {
    Scores scores = tally.sums[method];
    scores.method = method == 0 ? "parc" : std::string(kHabits[method - 1]);
    const double days = std::max(1, tally.days), events = std::max(1, tally.events);
    scores.wis /= days;
    scores.coverage_50 /= days;
    scores.coverage_80 /= days;
    scores.coverage_90 /= days;
    scores.brier /= events;
    backtest.scores.push_back(scores);
  }
  const auto skill = [](double own, double habit) {
    return habit > 0 ? std::optional(1 - own / habit) : std::nullopt;
  };
  for (std::size_t method = 1; method < kMethods; ++method) {
    backtest.wis_skill.push_back(skill(backtest.scores[0].wis, backtest.scores[method].wis));
    backtest.brier_skill.push_back(skill(backtest.scores[0].brier, backtest.scores[method].brier));
  }
  return backtest;
}

absl::Status ValidateOptions(const BacktestOptions& options) {
  if (options.origin_every_days >= 1 && options.step_days >= 1 && options.horizon_days >= 1 &&
      options.horizon_days <= kLongestHorizon)
    return absl::OkStatus();
  return Refuse(absl::StatusCode::kInvalidArgument, "FORECAST_INPUT",
                "backtest: origins, steps and horizon are counted in days, from 1", "backtest");
}

}  // namespace

absl::StatusOr<Backtest> RunBacktest(const Inputs& inputs, const BacktestOptions& options,
                                     const Run& run) {
  PARC_TRY(Validate(inputs));
  PARC_TRY(ValidateOptions(options));
  const Model whole(inputs);
  const CivilDate last_record = LastRecord(inputs, whole.facts.DateOf(whole.facts.since));
  const int last = whole.facts.DayOf(last_record);
  std::vector<int> days;
  for (int day = last - kDaysAfter; day >= whole.facts.since + kRecordsBefore;
       day -= options.origin_every_days)
    days.push_back(day);
  std::reverse(days.begin(), days.end());
  if (days.empty()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "RECORDS_TOO_SHORT",
                  fmt::format("no day has {} days of records before it and {} days after it; the "
                              "last record is of {}",
                              kRecordsBefore, kDaysAfter, inventory::ToIso(last_record)));
  }
  std::vector<Target> targets;
  for (const double ratio : kRatios) targets.push_back({{}, inputs.as_of, ratio});
  std::vector<CivilDate> origins;
  Tally tally;
  for (const int day : days) {
    const CivilDate origin = whole.facts.DateOf(day);
    Inputs known;
    if (options.known_on) {
      PARC_ASSIGN(known, options.known_on(origin));
    } else {
      known = KnownOn(inputs, origin);
    }
    known.horizon_days = options.horizon_days;
    known.paths = options.paths;
    known.targets.clear();
    PARC_TRY(Validate(known));
    const Model model(known);
    PARC_ASSIGN(const Outcome outcome, Simulate(model, {}, targets, Detail::kAll, Unwatched(run)));
    Score(model, outcome, TruthAfter(whole, day, std::min(last, day + options.horizon_days)),
          options.step_days, tally);
    origins.push_back(origin);
    if (run.progress)
      run.progress(static_cast<double>(origins.size()) / static_cast<double>(days.size()));
  }
  return Summarise(std::move(origins), tally);
}

}  // namespace parc::forecast
