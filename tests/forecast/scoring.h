#pragma once

#include <array>
#include <string>
#include <vector>

#include "daemon/forecast/result.h"
#include "tests/forecast/worlds.h"

// How good forecasts of worlds are, against three habits.
namespace parc::forecast::testing {

inline constexpr std::size_t kMethods = 4;  // Parc, promised, linear, average

// One world: the mean over its days 7, 14, … 364.
struct WorldScore {
  std::array<double, kMethods> wis{};    // divided by the people in need
  std::array<double, kMethods> brier{};  // of the targets
  double coverage_50 = 0, coverage_80 = 0, coverage_90 = 0;
};

WorldScore ScoreWorld(const World& world, int paths);

// Means over worlds, with intervals (5 to 95 %) by resampling worlds.
struct Figure {
  double value = 0, low = 0, high = 0;
};
struct Table {
  std::array<Figure, 3> wis_skill;  // against each habit
  std::array<Figure, 3> brier_skill;
  Figure coverage_50, coverage_80, coverage_90;
  double wis = 0;
};
Table Tabulate(const std::vector<WorldScore>& scores);

}  // namespace parc::forecast::testing
