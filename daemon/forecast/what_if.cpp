#include <algorithm>
#include <cmath>
#include <vector>

#include "daemon/forecast/forecast.h"
#include "daemon/forecast/simulation.h"
#include "daemon/forecast/summary.h"
#include "daemon/inventory/try.h"

namespace parc::forecast {
namespace {

// Standard error of a mean of paired differences.
double PairedError(const std::vector<double>& differences) {
  const double n = static_cast<double>(differences.size());
  double mean = 0, squares = 0;
  for (const double difference : differences) mean += difference / n;
  for (const double difference : differences) squares += (difference - mean) * (difference - mean);
  return std::sqrt(squares / (n - 1) / n);
}

Difference MakeDifference(double base, double changed, double error) {
  const double change = changed - base;
  return {.base = base,
          .changed = changed,
          .change = change,
          .monte_carlo_error = error,
          .real = change != 0 && std::abs(change) >= 2 * error};
}

// The median of the days on which a target is reached; kNoDay when it is beyond the horizon.
int MedianDay(std::vector<int> days, int horizon) {
  const auto middle = days.begin() + static_cast<std::ptrdiff_t>((days.size() - 1) / 2);
  std::nth_element(days.begin(), middle, days.end());
  return *middle > horizon ? kNoDay : *middle;
}

// The spread of medians over 20 interleaved parts of the paths, each with both scenarios.
double MedianError(const std::vector<int>& base, const std::vector<int>& changed, int horizon) {
  constexpr std::size_t kParts = 20;
  std::vector<double> differences;
  for (std::size_t part = 0; part < kParts; ++part) {
    std::vector<int> a, b;
    for (std::size_t path = part; path < base.size(); path += kParts) {
      a.push_back(std::min(base[path], horizon + 1));
      b.push_back(std::min(changed[path], horizon + 1));
    }
    differences.push_back(std::min(MedianDay(std::move(b), horizon + 1), horizon + 1) -
                          std::min(MedianDay(std::move(a), horizon + 1), horizon + 1));
  }
  return PairedError(differences);
}

TargetComparison Compare(const Model& model, const Target& target, std::vector<int> base,
                         std::vector<int> changed) {
  TargetComparison comparison;
  comparison.id = target.id;
  const int day = model.facts.DayOf(target.date), horizon = model.facts.horizon;
  std::vector<double> differences;
  double base_hits = 0, changed_hits = 0;
  for (std::size_t path = 0; path < base.size(); ++path) {
    const int was = base[path] <= day ? 1 : 0, is = changed[path] <= day ? 1 : 0;
    base_hits += was;
    changed_hits += is;
    differences.push_back(is - was);
  }
  const double n = static_cast<double>(base.size());
  comparison.probability =
      MakeDifference(base_hits / n, changed_hits / n, PairedError(differences));
  const int median_base = MedianDay(base, horizon), median_changed = MedianDay(changed, horizon);
  if (median_base != kNoDay) comparison.median_base = model.facts.DateOf(median_base);
  if (median_changed != kNoDay) comparison.median_changed = model.facts.DateOf(median_changed);
  if (median_base != kNoDay && median_changed != kNoDay)
    comparison.median_day =
        MakeDifference(median_base, median_changed, MedianError(base, changed, horizon));
  return comparison;
}

std::vector<int> RowOf(const Counts& reached, std::size_t row, int paths) {
  const int* const days = reached.Row(static_cast<int>(row));
  return {days, days + paths};
}

}  // namespace

absl::StatusOr<Comparison> WhatIf(const Inputs& inputs, const Scenario& changed, const Run& run) {
  PARC_TRY(Validate(inputs));
  Inputs with_change = inputs;
  with_change.scenario = changed;
  PARC_TRY(Validate(with_change));
  const Model model(inputs);
  const std::vector<Target>& targets = inputs.targets;
  const auto part = [&run](double from) {
    Run watched;
    watched.cancelled = run.cancelled;
    if (run.progress)
      watched.progress = [&run, from](double share) { run.progress(from + share / 2); };
    return watched;
  };
  Comparison comparison;
  Counts before, after;
  PARC_ASSIGN(comparison.base, ForecastWith(model, inputs.scenario, {}, part(0), &before));
  PARC_ASSIGN(comparison.changed, ForecastWith(model, changed, {}, part(0.5), &after));
  for (std::size_t t = 0; t < targets.size(); ++t)
    comparison.targets.push_back(
        Compare(model, targets[t], RowOf(before, t, inputs.paths), RowOf(after, t, inputs.paths)));
  return comparison;
}

}  // namespace parc::forecast
