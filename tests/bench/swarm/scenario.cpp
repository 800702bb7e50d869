#include "tests/bench/swarm/scenario.h"

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

}  // namespace parc::swarm
