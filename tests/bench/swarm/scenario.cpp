#include "tests/bench/swarm/scenario.h"

#include <algorithm>
#include <cmath>

namespace parc::swarm {

std::optional<Scenario> ParseScenario(std::string_view name) {
  if (name == "steady") return Scenario::kSteady;
  if (name == "monday") return Scenario::kMonday;
  if (name == "outage") return Scenario::kOutage;
  if (name == "tethered") return Scenario::kTethered;
  if (name == "clones") return Scenario::kClones;
  return std::nullopt;
}

std::int64_t FirstContact(const Shape& shape, Dice& dice) {
  if (shape.scenario != Scenario::kMonday) {
    return static_cast<std::int64_t>(dice.Share() * static_cast<double>(shape.interval));
  }
  const double sum = dice.Share() + dice.Share() + dice.Share();
  return static_cast<std::int64_t>(sum / 3 * static_cast<double>(shape.window));
}

bool IsReachable(const Shape& shape, std::int64_t time) {
  return shape.scenario != Scenario::kOutage || time < shape.outage_begin ||
         time >= shape.outage_end;
}

int ChangesBefore(const Shape& shape, Dice& dice) {
  if (shape.scenario != Scenario::kMonday) return 0;
  return 1 + static_cast<int>(dice.Below(4));
}

Link LinkOf(const Shape& shape, std::uint32_t number) {
  if (shape.scenario != Scenario::kTethered || number % 3 != 0) return {};
  return {.round_trip_micros = 300'000, .bytes_per_second = 16'000};
}

bool IsCloned(const Shape& shape, std::uint32_t number) {
  return shape.scenario == Scenario::kClones && number % 50 == 0;
}

std::optional<Comeback> ComebackOf(const Shape& shape, double speed,
                                   const std::vector<std::uint32_t>& contacts) {
  const auto second = [&](std::int64_t time) {
    const auto clock = std::llround(static_cast<double>(time) / 1e6 / speed);
    return std::min(contacts.size(), static_cast<std::size_t>(clock));
  };
  const auto mean = [&](std::size_t from, std::size_t to) {
    double sum = 0;
    for (std::size_t i = from; i < to; ++i) sum += contacts[i];
    return sum / static_cast<double>(std::max<std::size_t>(1, to - from));
  };
  const auto window = static_cast<std::size_t>(std::max(1.0, std::round(10 / speed)));
  const auto busiest = [&](std::size_t from, std::size_t to) {
    double most = 0;
    for (; from + window <= to; ++from) most = std::max(most, mean(from, from + window));
    return most;
  };
  const std::size_t begin = second(shape.outage_begin), end = second(shape.outage_end);
  if (shape.scenario != Scenario::kOutage || begin == 0 || end >= contacts.size())
    return std::nullopt;
  const std::size_t half = second(shape.outage_end + shape.interval / 2);
  return Comeback{.steady = mean(0, begin),
                  .peak = busiest(end, half),
                  .echo = busiest(half, second(shape.outage_end + shape.interval * 3 / 2))};
}

}  // namespace parc::swarm
