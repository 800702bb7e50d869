#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "daemon/forecast/model.h"

// The three ways in which procurement forecasts today; what Parc is measured against.
namespace parc::forecast {

inline constexpr std::array<std::string_view, 3> kHabits = {"promised", "linear", "average"};

// People equipped at the end of days 1 … horizon, by habit as in kHabits:
// - promised: every line comes on the day last promised (tomorrow when that has passed);
// - linear: people equipped grow as laptops were delivered over the last 180 days of records;
// - average: every line comes after the average lead time of delivered lines (tomorrow when that
//   has passed).
// None lets a laptop fail, and nobody is equipped who is not in need.
std::array<std::vector<double>, 3> HabitForecasts(const Model& model);

}  // namespace parc::forecast
