#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "daemon/forecast/dice.h"
#include "daemon/forecast/history.h"

// When laptops go whose planned life ends: on the day, or some time after it. README.md, "Fleet".
namespace parc::forecast {

class LifeEnds {
 public:
  LifeEnds(const Facts& facts, const Inputs& inputs);

  // The expected number of laptops held at as_of that go on each day 1 … `horizon` (index 0 is
  // unused) because their life ends, under draw `index` of what is not known.
  std::vector<float> ExpectedOf(const FleetNow& now, int horizon, std::uint64_t seed,
                                std::uint64_t index) const;

 private:
  static constexpr std::size_t kStretches = 5;  // of lateness, each with a rate of its own

  static std::size_t StretchOf(int late);

  double on_the_day_ = 0, not_on_the_day_ = 0;
  std::array<double, kStretches> ended_{}, days_{};
};

}  // namespace parc::forecast
