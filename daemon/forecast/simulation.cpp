#include "daemon/forecast/simulation.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/status/status.h"
#include "daemon/forecast/delivery_paths.h"
#include "daemon/forecast/fleet_paths.h"

namespace parc::forecast {
namespace {

constexpr int kTile = 32;  // paths whose days are turned into rows at a time, in the nearest cache

std::vector<int> MonthEnds(const Facts& facts) {
  std::vector<int> ends;
  for (int day = 1; day <= facts.horizon; ++day)
    if (day == facts.horizon || facts.DateOf(day + 1).day == 1) ends.push_back(day);
  return ends;
}

std::vector<int> MonthOfDay(const std::vector<int>& ends, int horizon) {
  std::vector<int> months(static_cast<std::size_t>(horizon) + 1);
  for (int day = 1, month = 0; day <= horizon; ++day) {
    months[static_cast<std::size_t>(day)] = month;
    if (day == ends[static_cast<std::size_t>(month)]) ++month;
  }
  return months;
}

// The rows of a tile's paths, day by day, into the columns of the outcome.
void Transpose(const std::vector<int>& tile, int horizon, int first, int paths, Counts& counts) {
  for (int day = 0; day < horizon; ++day) {
    int* row = counts.Row(day) + first;
    for (int path = 0; path < paths; ++path)
      row[path] = tile[static_cast<std::size_t>(path) * static_cast<std::size_t>(horizon) +
                       static_cast<std::size_t>(day)];
  }
}

// First day on which equipped >= ratio x in need.
int FirstReached(const int* equipped, const int* in_need, int horizon, double ratio) {
  for (int day = 0; day < horizon; ++day)
    if (equipped[day] >= ratio * in_need[day] - 1e-9) return day + 1;
  return kNoDay;
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
        months_(MonthOfDay(outcome_.month_ends, horizon_)) {
    const int paths = outcome_.paths;
    const int months = static_cast<int>(outcome_.month_ends.size());
    const int lines = static_cast<int>(outcome_.lines.size());
    outcome_.reached = Counts(static_cast<int>(targets.size()), paths);
    if (!detailed_) return;
    outcome_.equipped = Counts(horizon_, paths);
    outcome_.in_need = Counts(horizon_, paths);
    outcome_.delivered = Counts(months, paths);
    outcome_.attrition = Counts(months, paths);
    outcome_.line_day = Counts(lines, paths);
    outcome_.line_cancelled = Counts(lines, paths);
  }

  absl::StatusOr<Outcome> Run(const forecast::Run& run) {
    last_ = horizon_;
    Reserve(kTile);
    for (int first = 0; first < outcome_.paths; first += kTile) {
      if (run.cancelled && run.cancelled())
        return absl::CancelledError("the forecast was cancelled");
      const int count = std::min(kTile, outcome_.paths - first);
      for (int i = 0; i < count; ++i) RunPath(first + i, i);
      if (detailed_) {
        Transpose(equipped_, horizon_, first, count, outcome_.equipped);
        Transpose(in_need_, horizon_, first, count, outcome_.in_need);
      }
      if (run.progress) run.progress(static_cast<double>(first + count) / outcome_.paths);
    }
    outcome_.supply_days = static_cast<double>(record_.supply_days);
    outcome_.preparation_days = static_cast<double>(record_.preparation_days);
    return std::move(outcome_);
  }

  absl::StatusOr<double> Reaching(int last, const forecast::Run& run) {
    last_ = std::clamp(last, 1, horizon_);
    Reserve(1);
    int reaching = 0;
    for (int path = 0; path < outcome_.paths; ++path) {
      if (path % kTile == 0 && run.cancelled && run.cancelled())
        return absl::CancelledError("the forecast was cancelled");
      RunPath(path, 0);
      reaching += outcome_.reached.Row(0)[path] <= last_ ? 1 : 0;
    }
    return static_cast<double>(reaching) / outcome_.paths;
  }

 private:
  void Reserve(int tile) {
    const std::size_t cells = static_cast<std::size_t>(tile) * static_cast<std::size_t>(horizon_);
    equipped_.resize(cells);
    in_need_.resize(cells);
    delivered_.resize(static_cast<std::size_t>(horizon_) + 1);
    attrition_.resize(outcome_.month_ends.size());
  }

  static Outcome Shape(const Model& model, const Scenario& scenario) {
    Outcome outcome;
    outcome.paths = model.inputs.paths;
    outcome.horizon = model.facts.horizon;
    Facts facts = model.facts;
    ApplyToLines(scenario, facts);
    for (LineFacts& line : facts.lines)
      if (line.open > 0) outcome.lines.push_back(std::move(line));
    outcome.month_ends = MonthEnds(model.facts);
    return outcome;
  }

  void RunPath(int path, int in_tile) {
    const int paths = outcome_.paths;
    std::fill(delivered_.begin(), delivered_.end(), 0);
    std::fill(attrition_.begin(), attrition_.end(), 0);
    const bool lines = detailed_ && !outcome_.lines.empty();
    deliveries_.Sample(path, delivered_.data(), lines ? outcome_.line_day.Row(0) + path : nullptr,
                       lines ? outcome_.line_cancelled.Row(0) + path : nullptr, paths);
    const std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(in_tile) * horizon_;
    record_.equipped = equipped_.data() + offset;
    record_.in_need = in_need_.data() + offset;
    record_.attrition = detailed_ ? attrition_.data() : nullptr;
    fleet_.Run(path, last_, delivered_.data(), months_.data(), record_);
    for (std::size_t t = 0; t < targets_.size(); ++t) {
      outcome_.reached.Row(static_cast<int>(t))[path] =
          FirstReached(record_.equipped, record_.in_need, last_, targets_[t].ratio);
    }
    if (detailed_) KeepMonths(path);
  }

  void KeepMonths(int path) {
    for (std::size_t month = 0; month < attrition_.size(); ++month)
      outcome_.attrition.Row(static_cast<int>(month))[path] = attrition_[month];
    for (std::size_t day = 1; day < delivered_.size(); ++day) {
      if (delivered_[day] != 0) outcome_.delivered.Row(months_[day])[path] += delivered_[day];
    }
  }

  const std::vector<Target>& targets_;
  bool detailed_;
  Outcome outcome_;
  int horizon_;
  int last_ = 0;  // day to which paths are run
  DeliveryPaths deliveries_;
  FleetPaths fleet_;
  std::vector<int> months_;
  FleetRecord record_;
  std::vector<int> equipped_, in_need_, delivered_, attrition_;  // of the tile, of the path
};

}  // namespace

absl::StatusOr<Outcome> Simulate(const Model& model, const Scenario& scenario,
                                 const std::vector<Target>& targets, Detail detail,
                                 const Run& run) {
  return Simulator(model, scenario, targets, detail).Run(run);
}

absl::StatusOr<double> ProbabilityOf(const Model& model, const Scenario& scenario,
                                     const Target& target, const Run& run) {
  const std::vector<Target> targets = {target};
  return Simulator(model, scenario, targets, Detail::kTargets)
      .Reaching(model.facts.DayOf(target.date), run);
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
