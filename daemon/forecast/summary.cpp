#include "daemon/forecast/summary.h"

#include <algorithm>
#include <cmath>

#include "daemon/forecast/delivery_paths.h"
#include "daemon/forecast/lanes.h"

namespace parc::forecast {
namespace {

// People on a day of all paths. Coverage is a whole number, too, so that it is ranked like one.
struct People {
  static constexpr float kCoverageUnits = 10000;

  void Read(const Outcome& outcome, int row) {
    outcome.equipped.CopyRow(row, equipped);
    outcome.in_need.CopyRow(row, in_need);
    const std::size_t count = static_cast<std::size_t>(outcome.paths);
    coverage.resize(count);
    for (std::size_t path = 0; path < count; ++path) {
      // Without a branch, for the vector unit; nobody in need is full coverage.
      const int need = in_need.data()[path];
      const float held = static_cast<float>(need > 0 ? equipped.data()[path] : 1);
      coverage.data()[path] =
          static_cast<int>(held / static_cast<float>(Most(1, need)) * kCoverageUnits);
    }
  }
  Quantiles CoverageQuantiles(std::vector<int>& scratch) const {
    Quantiles quantiles = QuantilesOf(coverage.data(), static_cast<int>(coverage.size()), scratch);
    for (double& value : quantiles) value /= static_cast<double>(kCoverageUnits);
    return quantiles;
  }
  // Share of paths with equipped >= ratio x in need.
  double ShareReaching(double ratio) const {
    int hits = 0;
    for (std::size_t path = 0; path < coverage.size(); ++path) {
      const double least = ratio * in_need[path] - 1e-9;
      hits += equipped[path] >= least ? 1 : 0;
    }
    return static_cast<double>(hits) / static_cast<double>(coverage.size());
  }

  std::vector<int> equipped, in_need, coverage;
};

// Quantiles of days that may be kNoDay. `days` is overwritten.
DateQuantiles DatesOf(const Facts& facts, std::vector<int>& days, int horizon,
                      std::vector<int>& scratch) {
  DateQuantiles dates;
  int never = 0;
  for (int& day : days) {
    never += day > horizon ? 1 : 0;
    day = std::min(day, horizon + 1);
  }
  const int count = static_cast<int>(days.size());
  dates.never = static_cast<double>(never) / count;
  const Quantiles quantiles = QuantilesOf(days.data(), count, scratch);
  const auto at = [&](Level level) -> std::optional<CivilDate> {
    if (quantiles[level] > horizon) return std::nullopt;
    return facts.DateOf(static_cast<int>(quantiles[level]));
  };
  dates.p10 = at(kP10);
  dates.p25 = at(kP25);
  dates.p50 = at(kP50);
  dates.p75 = at(kP75);
  dates.p90 = at(kP90);
  return dates;
}

Line LineOf(const Model& model, const Outcome& outcome, int row, std::vector<int>& days_of,
            std::vector<int>& scratch) {
  const LineFacts& facts = outcome.lines[static_cast<std::size_t>(row)];
  const LineState state = StateOn(facts, std::max(0, facts.ordered));
  Line line;
  line.id = facts.id;
  line.supplier = facts.supplier;
  line.model = facts.model;
  line.open = facts.open;
  line.revisions = state.revisions;
  const int* days = outcome.line_day.Row(row);
  const int paths = outcome.paths;
  if (state.promised != kNoDay) {
    line.promised = model.facts.DateOf(state.promised);
    const auto late =
        std::count_if(days, days + paths, [&](int day) { return day > state.promised + 14; });
    line.late = static_cast<double>(late) / paths;
  }
  line.cancelled = static_cast<double>(std::count(days, days + paths, kCancelled)) / paths;
  days_of.assign(days, days + paths);
  line.complete = DatesOf(model.facts, days_of, outcome.horizon, scratch);
  return line;
}

}  // namespace

Quantiles QuantilesOf(const int* values, int count, std::vector<int>& scratch) {
  int base = values[0], high = values[0];
  for (int i = 1; i < count; ++i) {
    base = std::min(base, values[i]);
    high = std::max(high, values[i]);
  }
  const long long range = static_cast<long long>(high) - base + 1;
  Quantiles quantiles{};
  const auto rank = [&](double p) {
    return std::max(1, static_cast<int>(std::ceil(p * count - 1e-9)));
  };
  if (range > 8LL * count + 4096) {
    scratch.assign(values, values + count);
    std::sort(scratch.begin(), scratch.end());
    for (std::size_t i = 0; i < kLevels.size(); ++i)
      quantiles[i] = scratch[static_cast<std::size_t>(rank(kLevels[i]) - 1)];
    return quantiles;
  }
  // Bins are summed up several at a time, until one has the rank in it.
  constexpr std::size_t kAtOnce = 16;
  scratch.assign((static_cast<std::size_t>(range) / kAtOnce + 1) * kAtOnce, 0);
  int* const counts = scratch.data();
  for (int i = 0; i < count; ++i) ++counts[values[i] - base];
  const auto several = [&](std::size_t from) {
    int sum = 0;
    for (std::size_t i = 0; i < kAtOnce; ++i) sum += counts[from + i];
    return sum;
  };
  int below = 0, next = several(0);
  std::size_t at = 0;
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    for (; below + next < rank(kLevels[i]); next = several(at)) {
      below += next;
      at += kAtOnce;
    }
    int within = below;
    std::size_t bin = at;
    while (within + counts[bin] < rank(kLevels[i])) within += counts[bin++];
    quantiles[i] = base + static_cast<double>(bin);
  }
  return quantiles;
}

int PromisedDay(const LineFacts& line) {
  const LineState state = StateOn(line, std::max(0, line.ordered));
  const int promised = state.promised == kNoDay ? line.ordered + 60 : state.promised;
  return std::max({1, line.ordered + 1, promised});
}

std::vector<double> EquippedIf(const Model& model, const std::vector<LineFacts>& lines,
                               const std::vector<int>& days) {
  const int horizon = model.facts.horizon;
  std::vector<int> arriving(static_cast<std::size_t>(horizon) + 1);
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (days[i] <= horizon)
      arriving[static_cast<std::size_t>(std::max(1, days[i]))] += lines[i].open;
  int need = model.now.in_need;
  int laptops =
      model.now.equipped + std::max(0, model.now.stock - model.inputs.preparation.reserve_stock);
  std::vector<double> equipped;
  for (int day = 1; day <= horizon; ++day) {
    const std::size_t at = static_cast<std::size_t>(day);
    need += model.now.arrivals[at] - model.now.leavers_equipped[at] - model.now.leavers_other[at];
    laptops += arriving[at];
    equipped.push_back(std::max(0, std::min(need, laptops)));
  }
  return equipped;
}

std::vector<Day> DaysOf(const Model& model, const Outcome& outcome) {
  std::vector<int> promised;
  for (const LineFacts& line : outcome.lines) promised.push_back(PromisedDay(line));
  const std::vector<double> as_promised = EquippedIf(model, outcome.lines, promised);
  std::vector<Day> days;
  days.reserve(static_cast<std::size_t>(outcome.horizon));
  std::vector<int> scratch;
  People people;
  for (int row = 0; row < outcome.horizon; ++row) {
    Day day{.day = model.facts.DateOf(row + 1)};
    people.Read(outcome, row);
    day.equipped = QuantilesOf(people.equipped.data(), outcome.paths, scratch);
    day.in_need = QuantilesOf(people.in_need.data(), outcome.paths, scratch);
    day.coverage = people.CoverageQuantiles(scratch);
    day.as_promised = as_promised[static_cast<std::size_t>(row)];
    days.push_back(day);
  }
  return days;
}

std::vector<Month> MonthsOf(const Model& model, const Outcome& outcome) {
  std::vector<Month> months;
  std::vector<int> scratch;
  std::vector<int> waiting(static_cast<std::size_t>(outcome.paths));
  People people;
  for (std::size_t i = 0; i < outcome.month_ends.size(); ++i) {
    const int row = outcome.month_ends[i] - 1;
    Month month{.end = model.facts.DateOf(row + 1)};
    people.Read(outcome, row);
    month.in_need_p50 = QuantilesOf(people.in_need.data(), outcome.paths, scratch)[kP50];
    month.equipped = QuantilesOf(people.equipped.data(), outcome.paths, scratch);
    month.coverage = people.CoverageQuantiles(scratch);
    const int at = static_cast<int>(i);
    month.arrivals = QuantilesOf(outcome.delivered.Row(at), outcome.paths, scratch);
    month.attrition_p50 = QuantilesOf(outcome.attrition.Row(at), outcome.paths, scratch)[kP50];
    for (std::size_t path = 0; path < waiting.size(); ++path)
      waiting[path] = people.in_need[path] - people.equipped[path];
    month.waiting_p50 = QuantilesOf(waiting.data(), outcome.paths, scratch)[kP50];
    month.reach_90 = people.ShareReaching(0.90);
    month.reach_95 = people.ShareReaching(0.95);
    month.reach_100 = people.ShareReaching(1.00);
    months.push_back(month);
  }
  return months;
}

std::vector<Line> LinesOf(const Model& model, const Outcome& outcome) {
  std::vector<Line> lines;
  std::vector<int> days, scratch;
  for (std::size_t i = 0; i < outcome.lines.size(); ++i)
    lines.push_back(LineOf(model, outcome, static_cast<int>(i), days, scratch));
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.open > b.open; });
  return lines;
}

std::vector<TargetOutlook> TargetsOf(const Model& model, const Outcome& outcome,
                                     const std::vector<Target>& targets) {
  std::vector<TargetOutlook> outlooks;
  std::vector<int> days, scratch;
  const DailyCounts& past = model.counts;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const Target& target = targets[t];
    TargetOutlook outlook;
    outlook.id = target.id;
    outlook.date = target.date;
    outlook.ratio = target.ratio;
    const int row = static_cast<int>(t);
    const int day = model.facts.DayOf(target.date);
    const auto reached = [&](int equipped, int in_need) {
      return equipped >= target.ratio * in_need - 1e-9;
    };
    outlook.reached_now = reached(model.now.equipped, model.now.in_need);
    if (day <= 0) {
      outlook.in_the_past = true;
      const int at = day - past.first;
      const std::size_t index = static_cast<std::size_t>(std::max(0, at));
      outlook.probability = at >= 0 && reached(past.equipped[index], past.in_need[index]) ? 1 : 0;
    } else {
      const double p = ReachedBy(outcome, row, day);
      outlook.probability = p;
      outlook.monte_carlo_error = std::sqrt(p * (1 - p) / outcome.paths);
    }
    days.assign(outcome.reached.Row(row), outcome.reached.Row(row) + outcome.paths);
    outlook.reached = DatesOf(model.facts, days, outcome.horizon, scratch);
    outlooks.push_back(outlook);
  }
  return outlooks;
}

}  // namespace parc::forecast
