#include "daemon/forecast/life_ends.h"

#include <algorithm>
#include <cmath>

namespace parc::forecast {
namespace {

struct Stretch {
  int to;       // days after the planned one, included
  double rate;  // a day, before any laptop was seen: worth half an end
};
constexpr std::array<Stretch, 5> kLateness = {
    {{14, 1 / 15.0}, {28, 1 / 20.0}, {56, 1 / 40.0}, {140, 1 / 80.0}, {kNoDay, 1 / 200.0}}};
constexpr double kPriorEnds = 0.5;
constexpr std::uint64_t kLifeDice = 0x6c696665;

}  // namespace

std::size_t LifeEnds::StretchOf(int late) {
  std::size_t stretch = 0;
  while (late > kLateness[stretch].to) ++stretch;
  return stretch;
}

LifeEnds::LifeEnds(const Facts& facts, const Inputs& inputs) {
  static_assert(kLateness.size() == kStretches);
  for (const Asset& asset : inputs.assets) {
    if (!asset.end_of_life || asset.state == AssetState::kInStock) continue;
    const int planned = facts.DayOf(*asset.end_of_life);
    const bool gone = asset.state == AssetState::kRetired || asset.state == AssetState::kLost;
    if (planned > 0 || (gone && !asset.ended)) continue;
    const int ended = gone ? facts.DayOf(*asset.ended) : kNoDay;
    if (ended < planned || ended < facts.since) continue;  // failed before, or before the records
    if (planned >= facts.since) (ended == planned ? on_the_day_ : not_on_the_day_) += 1;
    const int last = std::min(ended, 0) - planned;
    for (int late = std::max(1, facts.since - planned + 1); late <= last;) {
      const std::size_t stretch = StretchOf(late);
      const int until = std::min(last, kLateness[stretch].to);
      days_[stretch] += until - late + 1;
      late = until + 1;
    }
    if (gone && last >= 1) ended_[StretchOf(last)] += 1;
  }
}

std::vector<float> LifeEnds::ExpectedOf(const FleetNow& now, int horizon, std::uint64_t seed,
                                        std::uint64_t index) const {
  Dice dice(seed, kLifeDice, index);
  const double on_the_day = dice.Beta(0.5 + on_the_day_, 0.5 + not_on_the_day_);
  std::array<double, kStretches> rates{};
  for (std::size_t i = 0; i < kStretches; ++i)
    rates[i] = dice.Gamma(kPriorEnds + ended_[i]) / (kPriorEnds / kLateness[i].rate + days_[i]);
  std::vector<float> expected(static_cast<std::size_t>(horizon) + 1);
  // A laptop that is `late` days late at the end of day `from` (not yet gone) goes from then on.
  const auto add = [&](int from, int late, double number) {
    for (int day = from + 1; day <= horizon && number > 1e-3; ++day) {
      const double gone = number * (1 - std::exp(-rates[StretchOf(++late)]));
      expected[static_cast<std::size_t>(day)] += static_cast<float>(gone);
      number -= gone;
    }
  };
  for (std::size_t late = 0; late < now.overdue.size(); ++late)
    if (now.overdue[late] > 0) add(0, static_cast<int>(late), now.overdue[late]);
  for (int day = 1; day <= horizon; ++day) {
    const int planned = now.ends_of_life[static_cast<std::size_t>(day)];
    if (planned == 0) continue;
    expected[static_cast<std::size_t>(day)] += static_cast<float>(planned * on_the_day);
    add(day, 0, planned * (1 - on_the_day));
  }
  return expected;
}

}  // namespace parc::forecast
