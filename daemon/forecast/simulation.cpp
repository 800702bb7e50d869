#include "daemon/forecast/simulation.h"

#include <algorithm>

#include "absl/status/status.h"
#include "daemon/forecast/delivery_paths.h"
#include "daemon/forecast/fleet_paths.h"

namespace parc::forecast {
namespace {

std::vector<int> MonthEnds(const Facts& facts) {
  std::vector<int> ends;
  for (int day = 1; day <= facts.horizon; ++day)
    if (day == facts.horizon || facts.DateOf(day + 1).day == 1) ends.push_back(day);
  return ends;
}

void Keep(const Lanes& lanes, int* cells) {
  for (int lane = 0; lane < kLanes; ++lane) cells[lane] = static_cast<int>(lanes[lane]);
}

void Add(const Lanes& more, Lanes& sum) {
  for (int lane = 0; lane < kLanes; ++lane) sum[lane] += more[lane];
}

class Simulator {
 public:
  Simulator(const Model& model, const Scenario& scenario, const std::vector<Target>& targets,
            Detail detail)
      : targets_(targets),
        detailed_(detail == Detail::kAll),
        outcome_(Shape(model, scenario)),
        horizon_(outcome_.horizon),
        deliveries_(model, outcome_.lines, scenario.tension),
        fleet_(model, scenario),
        delivered_(static_cast<std::size_t>(horizon_) + 2) {
    const int paths = outcome_.paths;
    const int months = static_cast<int>(outcome_.month_ends.size());
    const int lines = static_cast<int>(outcome_.lines.size());
    outcome_.reached = Counts(static_cast<int>(targets.size()), paths);
    if (!detailed_) return;
    outcome_.equipped = Daily(horizon_, paths);
    outcome_.in_need = Daily(horizon_, paths);
    outcome_.delivered = Counts(months, paths);
    outcome_.attrition = Counts(months, paths);
    outcome_.line_day = Counts(lines, paths);
    line_day_.resize(static_cast<std::size_t>(lines) * kLanes);
  }

  absl::StatusOr<Outcome> Run(const forecast::Run& run) {
    for (int first = 0; first < outcome_.paths; first += kLanes) {
      if (run.cancelled && run.cancelled())
        return absl::CancelledError("the forecast was cancelled");
      Deliver(first);
      fleet_.Begin(first);
      ClearReached(first);
      for (int day = 1; day <= horizon_; ++day) {
        fleet_.Step(day, delivered_);
        NoteTargets(first, day);
        if (detailed_) KeepDay(first, day);
      }
      KeepWaiting(std::min(kLanes, outcome_.paths - first));
      if (run.progress)
        run.progress(std::min(1.0, static_cast<double>(first + kLanes) / outcome_.paths));
    }
    return std::move(outcome_);
  }

 private:
  static Outcome Shape(const Model& model, const Scenario& scenario) {
    Outcome outcome;
    outcome.paths = model.inputs.paths;
    outcome.horizon = model.facts.horizon;
    outcome.lines = OpenLines(model, scenario);
    outcome.month_ends = MonthEnds(model.facts);
    return outcome;
  }

  // What arrives on `first` and the paths beside it.
  void Deliver(int first) {
    std::fill(delivered_.begin(), delivered_.end(), Lanes{});
    std::fill(line_day_.begin(), line_day_.end(), 0);
    for (int lane = 0; lane < kLanes; ++lane)
      deliveries_.Sample(first + lane, delivered_, lane, detailed_ ? line_day_.data() : nullptr);
    const int later = horizon_ + 1;
    for (std::size_t line = 0; line * kLanes < line_day_.size(); ++line) {
      const int* const day = line_day_.data() + line * kLanes;
      int* const kept = outcome_.line_day.Row(static_cast<int>(line)) + first;
      for (int lane = 0; lane < kLanes; ++lane)
        kept[lane] = day[lane] == later ? kNoDay : day[lane];
    }
  }

  void ClearReached(int first) {
    for (std::size_t t = 0; t < targets_.size(); ++t)
      std::fill_n(outcome_.reached.Row(static_cast<int>(t)) + first, kLanes, kNoDay);
  }

  void NoteTargets(int first, int day) {
    for (std::size_t t = 0; t < targets_.size(); ++t)
      NoteReached(fleet_.equipped(), fleet_.in_need(), targets_[t].ratio, day,
                  outcome_.reached.Row(static_cast<int>(t)) + first);
  }

  void KeepDay(int first, int day) {
    outcome_.equipped.At(day - 1, first) = fleet_.equipped();
    outcome_.in_need.At(day - 1, first) = fleet_.in_need();
    if (day == 1) month_ = 0;
    Add(delivered_[static_cast<std::size_t>(day)], month_delivered_);
    Add(fleet_.lost(), month_lost_);
    if (day != outcome_.month_ends[month_]) return;
    Keep(month_delivered_, outcome_.delivered.Row(static_cast<int>(month_)) + first);
    Keep(month_lost_, outcome_.attrition.Row(static_cast<int>(month_)) + first);
    month_delivered_ = month_lost_ = {};
    ++month_;
  }

  void KeepWaiting(int paths) {
    for (int lane = 0; lane < paths; ++lane) {
      outcome_.supply_days += static_cast<double>(fleet_.waiting_for_laptops()[lane]);
      outcome_.preparation_days += static_cast<double>(fleet_.waiting_for_hands()[lane]);
    }
  }

  const std::vector<Target>& targets_;
  bool detailed_;
  Outcome outcome_;
  int horizon_;
  DeliveryPaths deliveries_;
  FleetPaths fleet_;
  // Of the paths at hand.
  std::vector<int> line_day_;     // kLanes of each line
  std::vector<Lanes> delivered_;  // by day; horizon + 1 is later
  std::size_t month_ = 0;         // the day's, and what it had so far
  Lanes month_delivered_, month_lost_;
};

}  // namespace

absl::StatusOr<Outcome> Simulate(const Model& model, const Scenario& scenario,
                                 const std::vector<Target>& targets, Detail detail,
                                 const Run& run) {
  return Simulator(model, scenario, targets, detail).Run(run);
}

std::vector<LineFacts> OpenLines(const Model& model, const Scenario& scenario) {
  Facts facts = model.facts;
  ApplyToLines(scenario, facts);
  std::erase_if(facts.lines, [](const LineFacts& line) { return line.open == 0; });
  return std::move(facts.lines);
}

void NoteReached(const Lanes& equipped, const Lanes& in_need, double ratio, int day, int* reached) {
  // A float tells apart whole numbers, but not their products with a ratio.
  const float least = static_cast<float>(ratio) - 1e-6F;
  for (int lane = 0; lane < kLanes; ++lane) {
    const int today = equipped[lane] >= least * in_need[lane] ? day : kNoDay;
    reached[lane] = std::min(reached[lane], today);
  }
}

Run Unwatched(const Run& run) {
  Run unwatched;
  unwatched.cancelled = run.cancelled;
  return unwatched;
}

double ReachedBy(const Outcome& outcome, int row, int day) {
  const int* reached = outcome.reached.Row(row);
  const auto hits =
      std::count_if(reached, reached + outcome.paths, [&](int at) { return at <= day; });
  return static_cast<double>(hits) / outcome.paths;
}

}  // namespace parc::forecast
