#include "daemon/forecast/error_shape.h"

#include <algorithm>
#include <cmath>

namespace parc::forecast {
namespace {

constexpr double kLow = -5;  // the lower end of the first bin
constexpr double kWidth = 0.1;
constexpr double kBandwidth = 0.35;  // each error seen is spread by so much
constexpr double kPriorWeight = 30;  // lines
// One line in ten varies 1.6 times as much as the others.
constexpr double kWideShare = 0.10;
constexpr double kWide = 1.6;
constexpr double kNarrow = 0.915;  // so that the variance is 1

double Middle(std::size_t bin) { return kLow + (static_cast<double>(bin) + 0.5) * kWidth; }

std::size_t BinOf(double z, std::size_t bins) {
  const double at = std::floor((z - kLow) / kWidth);
  return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(bins - 1)));
}

}  // namespace

ErrorShape::ErrorShape() {
  for (std::size_t i = 0; i < kBins; ++i) {
    const double z = Middle(i);
    seen_[i] = kPriorWeight * kWidth *
               (kWideShare / kWide * NormalDensity(z / kWide) +
                (1 - kWideShare) / kNarrow * NormalDensity(z / kNarrow));
  }
}

void ErrorShape::Add(double z, bool at_least, double weight) {
  if (at_least) {
    at_least_[BinOf(z, kBins)] += weight;
    return;
  }
  z = std::clamp(z, Middle(0), Middle(kBins - 1));
  const std::size_t first = BinOf(z - 3 * kBandwidth, kBins);
  const std::size_t last = BinOf(z + 3 * kBandwidth, kBins);
  double all = 0;
  for (std::size_t i = first; i <= last; ++i) all += NormalDensity((Middle(i) - z) / kBandwidth);
  for (std::size_t i = first; i <= last; ++i)
    seen_[i] += weight * NormalDensity((Middle(i) - z) / kBandwidth) / all;
}

// What is at least so large lies where what is larger lies (self-consistency; Efron 1967).
std::array<float, kNormalTable> ErrorShape::Quantiles() const {
  Bins mass = seen_;
  for (int round = 0; round < 10; ++round) {
    Bins above{};  // mass of this bin and those above
    double sum = 0;
    for (std::size_t i = kBins; i-- > 0;) above[i] = sum += mass[i];
    double given = 0;
    for (std::size_t i = 0; i < kBins; ++i) {
      given += at_least_[i] / above[i];
      mass[i] = seen_[i] + mass[i] * given;
    }
  }
  double all = 0;
  for (const double part : mass) all += part;
  std::array<float, kNormalTable> quantiles;
  std::size_t bin = 0;
  double below = 0;
  for (std::size_t i = 0; i < kNormalTable; ++i) {
    const double wanted = (static_cast<double>(i) + 0.5) / kNormalTable * all;
    while (bin + 1 < kBins && below + mass[bin] < wanted) below += mass[bin++];
    const double part = std::clamp((wanted - below) / mass[bin], 0.0, 1.0);
    quantiles[i] = static_cast<float>(kLow + (static_cast<double>(bin) + part) * kWidth);
  }
  return quantiles;
}

}  // namespace parc::forecast
