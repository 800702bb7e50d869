#include "daemon/forecast/habits.h"

#include <algorithm>
#include <cmath>

#include "daemon/forecast/summary.h"

namespace parc::forecast {
namespace {

constexpr int kLinearDays = 180;
constexpr double kLeadTimeWithoutPast = 60;

double AverageLeadTime(const Facts& facts) {
  double days = 0, units = 0;
  for (const LineFacts& line : facts.lines) {
    for (const Units& delivery : line.deliveries) {
      days += static_cast<double>(delivery.day - line.ordered) * delivery.quantity;
      units += delivery.quantity;
    }
  }
  return units > 0 ? days / units : kLeadTimeWithoutPast;
}

std::vector<double> Linear(const Model& model) {
  const int window = std::clamp(-model.facts.since, 30, kLinearDays);
  double units = 0;
  for (const LineFacts& line : model.facts.lines)
    for (const Units& delivery : line.deliveries)
      units += delivery.day > -window ? delivery.quantity : 0;
  int in_need = model.now.in_need;
  std::vector<double> equipped;
  for (int day = 1; day <= model.facts.horizon; ++day) {
    const std::size_t at = static_cast<std::size_t>(day);
    in_need +=
        model.now.arrivals[at] - model.now.leavers_equipped[at] - model.now.leavers_other[at];
    const double grown = model.now.equipped + std::floor(units / window * day);
    equipped.push_back(std::clamp(grown, 0.0, static_cast<double>(std::max(0, in_need))));
  }
  return equipped;
}

}  // namespace

std::array<std::vector<double>, 3> HabitForecasts(const Model& model) {
  std::vector<LineFacts> open;
  for (const LineFacts& line : model.facts.lines)
    if (line.open > 0) open.push_back(line);
  const int lead = static_cast<int>(std::lround(AverageLeadTime(model.facts)));
  std::vector<int> promised, average;
  for (const LineFacts& line : open) {
    promised.push_back(PromisedDay(line));
    average.push_back(std::max(1, line.ordered + lead));
  }
  return {EquippedIf(model, open, promised), Linear(model), EquippedIf(model, open, average)};
}

}  // namespace parc::forecast
