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
constexpr double kPriorWithout = 2;  // ends, that the lack of a successor changes nothing
constexpr std::uint64_t kLifeDice = 0x6c696665;

constexpr int kLatestEnd = 3650;  // days by which an end of life is over; longer ones count as that

int LateDays(double late) {
  return static_cast<int>(std::min<double>(std::ceil(late), kLatestEnd));
}

}  // namespace

std::size_t LifeEnds::StretchOf(int late) {
  std::size_t stretch = 0;
  while (late > kLateness[stretch].to) ++stretch;
  return stretch;
}

// Lateness counts days without a successor as the share of ends that those have: first as whole
// days, then as what that says.
LifeEnds::LifeEnds(const Facts& facts, const Inputs& inputs, const DailyCounts& counts) {
  static_assert(kLateness.size() == kStretches);
  Learn(facts, inputs, counts, 1);
  const Without ends = EndsWithout();
  with_ = without_ = {};
  overdue_.clear();
  Learn(facts, inputs, counts, ends.Share());
}

void LifeEnds::Learn(const Facts& facts, const Inputs& inputs, const DailyCounts& counts,
                     double without) {
  // Whether a laptop lay there that could have taken the place of one that day.
  std::vector<char> successor(counts.size());
  for (std::size_t i = 1; i < counts.size(); ++i) {
    successor[i] = counts.handed_out[i] > 0 || std::max(counts.stock[i - 1], counts.stock[i]) >
                                                   inputs.preparation.reserve_stock;
  }
  const auto has_successor = [&](int day) {
    return day >= counts.first && successor[static_cast<std::size_t>(day - counts.first)] != 0;
  };
  for (const Asset& asset : inputs.assets) {
    if (!asset.end_of_life || asset.state == AssetState::kInStock) continue;
    const int planned = facts.DayOf(*asset.end_of_life);
    const bool gone = asset.state == AssetState::kRetired || asset.state == AssetState::kLost;
    if (planned > 0 || (gone && !asset.ended)) continue;
    const int ended = gone ? facts.DayOf(*asset.ended) : kNoDay;
    if (ended < planned || ended < facts.since) continue;  // failed before, or before the records
    if (planned >= facts.since) {
      Seen& seen = has_successor(planned) ? with_ : without_;
      (ended == planned ? seen.on_the_day : seen.not_on_the_day) += 1;
    }
    const int last = std::min(ended, 0);
    // Of the days before the records nobody knows what lay there.
    double late = std::max(0, std::min(facts.since, last) - planned);
    for (int day = std::max(planned, facts.since) + 1; day <= last; ++day) {
      const bool with = has_successor(day);
      late += with ? 1 : without;
      Seen& seen = with ? with_ : without_;
      const std::size_t stretch = StretchOf(LateDays(late));
      seen.days[stretch] += 1;
      if (gone && day == last) seen.ended[stretch] += 1;
    }
    if (asset.state != AssetState::kAssigned) continue;
    const std::size_t days = static_cast<std::size_t>(LateDays(late));
    if (overdue_.size() <= days) overdue_.resize(days + 1);
    overdue_[days] += 1;
  }
}

double LifeEnds::Without::Share() const {
  return std::min(1.0, (seen + kPriorWithout) / (expected + kPriorWithout));
}

// The rates while successors lie there and what the lack of one makes of them depend on each other:
// in turn, as expected values.
LifeEnds::Without LifeEnds::EndsWithout() const {
  Without ends;
  double without = 1;
  for (int round = 0; round < 4; ++round) {
    const Pooled pooled = PooledAt(without);
    ends.seen = without_.on_the_day;
    ends.expected = (kPriorEnds + pooled.on_the_day) / (2 * kPriorEnds + pooled.trials) *
                    (without_.on_the_day + without_.not_on_the_day);
    for (std::size_t i = 0; i < kStretches; ++i) {
      ends.seen += without_.ended[i];
      ends.expected += pooled.ended[i] / pooled.days[i] * without_.days[i];
    }
    without = ends.Share();
  }
  return ends;
}

LifeEnds::Pooled LifeEnds::PooledAt(double without) const {
  Pooled pooled;
  pooled.trials = with_.on_the_day + with_.not_on_the_day +
                  without * (without_.on_the_day + without_.not_on_the_day);
  pooled.on_the_day = std::min(pooled.trials, with_.on_the_day + without_.on_the_day);
  for (std::size_t i = 0; i < kStretches; ++i) {
    pooled.ended[i] = kPriorEnds + with_.ended[i] + without_.ended[i];
    pooled.days[i] = kPriorEnds / kLateness[i].rate + with_.days[i] + without * without_.days[i];
  }
  return pooled;
}

LifeEndsDraw LifeEnds::Draw(const FleetNow& now, int horizon, std::uint64_t seed,
                            std::uint64_t index) const {
  Dice dice(seed, kLifeDice, index);
  LifeEndsDraw draw;
  const Without ends = EndsWithout();
  draw.without =
      std::min(1.0, dice.Gamma(ends.seen + kPriorWithout) / (ends.expected + kPriorWithout));
  const Pooled pooled = PooledAt(draw.without);
  const double on_the_day =
      dice.Beta(kPriorEnds + pooled.on_the_day, kPriorEnds + pooled.trials - pooled.on_the_day);
  std::array<double, kStretches> rates{};
  for (std::size_t i = 0; i < kStretches; ++i)
    rates[i] = dice.Gamma(pooled.ended[i]) / pooled.days[i];
  draw.catch_up = 1 - (1 - on_the_day) * std::exp(-rates[0]);
  draw.expected.assign(static_cast<std::size_t>(horizon) + 1, 0);
  // A laptop that is `late` days late at the end of day `from` (not yet gone) goes from then on.
  const auto add = [&](int from, int late, double number) {
    for (int day = from + 1; day <= horizon && number > 1e-3; ++day) {
      const double gone = number * (1 - std::exp(-rates[StretchOf(++late)]));
      draw.expected[static_cast<std::size_t>(day)] += static_cast<float>(gone);
      number -= gone;
    }
  };
  for (std::size_t late = 0; late < overdue_.size(); ++late)
    if (overdue_[late] > 0) add(0, static_cast<int>(late), overdue_[late]);
  for (int day = 1; day <= horizon; ++day) {
    const int planned = now.ends_of_life[static_cast<std::size_t>(day)];
    if (planned == 0) continue;
    draw.expected[static_cast<std::size_t>(day)] += static_cast<float>(planned * on_the_day);
    add(day, 0, planned * (1 - on_the_day));
  }
  return draw;
}

}  // namespace parc::forecast
