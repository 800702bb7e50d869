#include "daemon/forecast/scores.h"

#include <algorithm>
#include <cmath>

namespace parc::forecast {

double WeightedIntervalScore(const Quantiles& quantiles, double truth) {
  struct Interval {
    Level low, high;
    double alpha;
  };
  constexpr Interval kIntervals[] = {{kP25, kP75, 0.5}, {kP10, kP90, 0.2}, {kP05, kP95, 0.1}};
  double sum = 0.5 * std::abs(truth - quantiles[kP50]);
  for (const auto& [low, high, alpha] : kIntervals) {
    const double below = std::max(0.0, quantiles[low] - truth);
    const double above = std::max(0.0, truth - quantiles[high]);
    sum += alpha / 2 * (quantiles[high] - quantiles[low]) + below + above;
  }
  return sum / (std::size(kIntervals) + 0.5);
}

Quantiles PointForecast(double value) {
  Quantiles quantiles;
  quantiles.fill(value);
  return quantiles;
}

bool Inside(const Quantiles& quantiles, Level low, Level high, double truth) {
  return quantiles[low] <= truth && truth <= quantiles[high];
}

}  // namespace parc::forecast
