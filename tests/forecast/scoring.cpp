#include "tests/forecast/scoring.h"

#include <algorithm>
#include <cassert>
#include <functional>

#include "daemon/forecast/dice.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/habits.h"
#include "daemon/forecast/scores.h"

namespace parc::forecast::testing {
namespace {

bool Happened(const Target& target, int last, const std::function<bool(int, double)>& reached) {
  for (int day = 1; day <= last; ++day)
    if (reached(day, target.ratio)) return true;
  return false;
}

double Square(double x) { return x * x; }

void ScoreTargets(const World& world, const Model& model, const Result& result,
                  const std::array<std::vector<double>, 3>& habits, WorldScore& score) {
  const std::vector<Target>& targets = world.known.targets;
  std::vector<double> need;
  double in_need = model.now.in_need;
  for (int day = 1; day <= model.facts.horizon; ++day) {
    const std::size_t at = static_cast<std::size_t>(day);
    in_need +=
        model.now.arrivals[at] - model.now.leavers_equipped[at] - model.now.leavers_other[at];
    need.push_back(in_need);
  }
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const int last = model.facts.DayOf(targets[t].date);
    const auto at = [](int day) { return static_cast<std::size_t>(day - 1); };
    const double truth = Happened(targets[t], last, [&](int day, double ratio) {
      return world.equipped[at(day)] >= ratio * world.in_need[at(day)] - 1e-9;
    });
    const double share = 1.0 / static_cast<double>(targets.size());
    score.brier[0] += share * Square(result.targets[t].probability - truth);
    for (std::size_t h = 0; h < habits.size(); ++h) {
      const double said = Happened(targets[t], last, [&](int day, double ratio) {
        return habits[h][at(day)] >= ratio * need[at(day)] - 1e-9;
      });
      score.brier[h + 1] += share * Square(said - truth);
    }
  }
}

// value(sample) over resampled worlds.
Figure Resample(const std::vector<WorldScore>& scores,
                const std::function<double(const std::vector<const WorldScore*>&)>& value) {
  std::vector<const WorldScore*> sample;
  for (const WorldScore& score : scores) sample.push_back(&score);
  Figure figure{.value = value(sample)};
  std::vector<double> values;
  Dice dice(1, 2, 3);
  for (int round = 0; round < 400; ++round) {
    for (const WorldScore*& one : sample)
      one = &scores[static_cast<std::size_t>(dice.Uniform() * static_cast<double>(scores.size()))];
    values.push_back(value(sample));
  }
  std::sort(values.begin(), values.end());
  figure.low = values[20];
  figure.high = values[379];
  return figure;
}

}  // namespace

WorldScore ScoreWorld(const World& world, int paths) {
  Inputs inputs = world.known;
  inputs.paths = paths;
  const Model model(inputs);
  const absl::StatusOr<Result> result = Forecast(inputs);
  assert(result.ok());
  const auto habits = HabitForecasts(model);
  WorldScore score;
  const int days = static_cast<int>(world.equipped.size()) / 7;
  for (int k = 1; k <= days; ++k) {
    const std::size_t at = static_cast<std::size_t>(7 * k - 1);
    const double truth = world.equipped[at], need = std::max(1, world.in_need[at]);
    const Quantiles& quantiles = result->days[at].equipped;
    score.wis[0] += WeightedIntervalScore(quantiles, truth) / need / days;
    for (std::size_t h = 0; h < habits.size(); ++h)
      score.wis[h + 1] += WeightedIntervalScore(PointForecast(habits[h][at]), truth) / need / days;
    const double one = 1.0 / days;
    score.coverage_50 += Inside(quantiles, kP25, kP75, truth) ? one : 0;
    score.coverage_80 += Inside(quantiles, kP10, kP90, truth) ? one : 0;
    score.coverage_90 += Inside(quantiles, kP05, kP95, truth) ? one : 0;
  }
  ScoreTargets(world, model, *result, habits, score);
  return score;
}

Table Tabulate(const std::vector<WorldScore>& scores) {
  using Sample = std::vector<const WorldScore*>;
  const auto skill = [](auto field, std::size_t habit) {
    return [field, habit](const Sample& sample) {
      double own = 0, other = 0;
      for (const WorldScore* score : sample) {
        own += (score->*field)[0];
        other += (score->*field)[habit];
      }
      return other > 0 ? 1 - own / other : 0;
    };
  };
  const auto mean = [](auto field) {
    return [field](const Sample& sample) {
      double sum = 0;
      for (const WorldScore* score : sample) sum += score->*field;
      return sum / static_cast<double>(sample.size());
    };
  };
  Table table;
  for (std::size_t h = 0; h < 3; ++h) {
    table.wis_skill[h] = Resample(scores, skill(&WorldScore::wis, h + 1));
    table.brier_skill[h] = Resample(scores, skill(&WorldScore::brier, h + 1));
  }
  table.coverage_50 = Resample(scores, mean(&WorldScore::coverage_50));
  table.coverage_80 = Resample(scores, mean(&WorldScore::coverage_80));
  table.coverage_90 = Resample(scores, mean(&WorldScore::coverage_90));
  for (const WorldScore& score : scores)
    table.wis += score.wis[0] / static_cast<double>(scores.size());
  return table;
}

}  // namespace parc::forecast::testing
