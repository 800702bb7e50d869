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
  // Whether a laptop lay there that could have taken the place of one that day; and, more than
  // people waited for one, at the day's beginning or its end.
  std::vector<char> any(counts.size()), spare(counts.size());
  const int reserve = inputs.preparation.reserve_stock;
  const auto left = [&](std::size_t i) {
    return counts.stock[i] - std::max(0, counts.in_need[i] - counts.equipped[i]);
  };
  for (std::size_t i = 1; i < counts.size(); ++i) {
    any[i] = counts.handed_out[i] > 0 || std::max(counts.stock[i - 1], counts.stock[i]) > reserve;
    spare[i] = std::max(left(i - 1), left(i)) > reserve;
  }
  const auto learn = [&](const std::vector<char>& successor) {
    const Without ends = Learn(facts, inputs, counts, successor, 1).EndsWithout();
    return Learn(facts, inputs, counts, successor, ends.Share());
  };
  any_ = learn(any);
  waiting_first_ = learn(spare);
  waiting_first_share_ =
      1 / (1 + std::exp(std::min(500.0, any_.LogLikelihood() - waiting_first_.LogLikelihood())));
}

LifeEnds::Practice LifeEnds::Learn(const Facts& facts, const Inputs& inputs,
                                   const DailyCounts& counts, const std::vector<char>& successor,
                                   double without) {
  Practice practice;
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
      Seen& seen = has_successor(planned) ? practice.with : practice.without;
      (ended == planned ? seen.on_the_day : seen.not_on_the_day) += 1;
    }
    const int last = std::min(ended, 0);
    // Of the days before the records nobody knows what lay there.
    double late = std::max(0, std::min(facts.since, last) - planned);
    for (int day = std::max(planned, facts.since) + 1; day <= last; ++day) {
      const bool with = has_successor(day);
      late += with ? 1 : without;
      Seen& seen = with ? practice.with : practice.without;
      const std::size_t stretch = StretchOf(LateDays(late));
      seen.days[stretch] += 1;
      if (gone && day == last) seen.ended[stretch] += 1;
    }
    if (asset.state != AssetState::kAssigned) continue;
    const std::size_t days = static_cast<std::size_t>(LateDays(late));
    if (practice.overdue.size() <= days) practice.overdue.resize(days + 1);
    practice.overdue[days] += 1;
  }
  return practice;
}

double LifeEnds::Without::Share() const {
  return std::min(1.0, (seen + kPriorWithout) / (expected + kPriorWithout));
}

// The rates while successors lie there and what the lack of one makes of them depend on each other:
// in turn, as expected values.
LifeEnds::Without LifeEnds::Practice::EndsWithout() const {
  Without ends;
  double share = 1;
  for (int round = 0; round < 4; ++round) {
    const Pooled pooled = PooledAt(share);
    ends.seen = without.on_the_day;
    ends.expected = pooled.OnTheDay() * (without.on_the_day + without.not_on_the_day);
    for (std::size_t i = 0; i < kStretches; ++i) {
      ends.seen += without.ended[i];
      ends.expected += pooled.ended[i] / pooled.days[i] * without.days[i];
    }
    share = ends.Share();
  }
  return ends;
}

LifeEnds::Pooled LifeEnds::Practice::PooledAt(double share) const {
  Pooled pooled;
  pooled.trials =
      with.on_the_day + with.not_on_the_day + share * (without.on_the_day + without.not_on_the_day);
  pooled.on_the_day = std::min(pooled.trials, with.on_the_day + without.on_the_day);
  for (std::size_t i = 0; i < kStretches; ++i) {
    pooled.ended[i] = kPriorEnds + with.ended[i] + without.ended[i];
    pooled.days[i] = kPriorEnds / kLateness[i].rate + with.days[i] + share * without.days[i];
  }
  return pooled;
}

double LifeEnds::Pooled::OnTheDay() const {
  return (kPriorEnds + on_the_day) / (2 * kPriorEnds + trials);
}

// Of the ends that were seen, at the expected rates: binomial on the day, Poisson after it.
double LifeEnds::Practice::LogLikelihood() const {
  const double share = EndsWithout().Share();
  const Pooled pooled = PooledAt(share);
  const auto of = [&](const Seen& seen, double part) {
    const double on_the_day = std::clamp(part * pooled.OnTheDay(), 1e-6, 1 - 1e-6);
    double sum =
        seen.on_the_day * std::log(on_the_day) + seen.not_on_the_day * std::log1p(-on_the_day);
    for (std::size_t i = 0; i < kStretches; ++i) {
      const double rate = part * pooled.ended[i] / pooled.days[i];
      sum += seen.ended[i] * std::log(rate) - seen.days[i] * rate;
    }
    return sum;
  };
  return of(with, 1) + of(without, share);
}

LifeEndsDraw LifeEnds::Draw(const FleetNow& now, int horizon, std::uint64_t seed,
                            std::uint64_t index) const {
  Dice dice(seed, kLifeDice, index);
  LifeEndsDraw draw;
  draw.waiting_first = dice.Uniform() < waiting_first_share_;
  const Practice& practice = draw.waiting_first ? waiting_first_ : any_;
  const Without ends = practice.EndsWithout();
  draw.without =
      std::min(1.0, dice.Gamma(ends.seen + kPriorWithout) / (ends.expected + kPriorWithout));
  const Pooled pooled = practice.PooledAt(draw.without);
  const double on_the_day =
      dice.Beta(kPriorEnds + pooled.on_the_day, kPriorEnds + pooled.trials - pooled.on_the_day);
  std::array<double, kStretches> rates{};
  for (std::size_t i = 0; i < kStretches; ++i)
    rates[i] = dice.Gamma(pooled.ended[i]) / pooled.days[i];
  draw.catch_up = 1 - (1 - on_the_day) * std::exp(-rates[0]);
  draw.expected.assign(static_cast<std::size_t>(horizon) + 1, 0);
  std::array<double, kStretches> gone_a_day{};
  for (std::size_t i = 0; i < kStretches; ++i) gone_a_day[i] = 1 - std::exp(-rates[i]);
  // A laptop that is `late` days late at the end of day `from` (not yet gone) goes from then on.
  const auto add = [&](int from, int late, double number) {
    for (int day = from + 1; day <= horizon && number > 1e-3; ++day) {
      const double gone = number * gone_a_day[StretchOf(++late)];
      draw.expected[static_cast<std::size_t>(day)] += static_cast<float>(gone);
      number -= gone;
    }
  };
  for (std::size_t late = 0; late < practice.overdue.size(); ++late)
    if (practice.overdue[late] > 0) add(0, static_cast<int>(late), practice.overdue[late]);
  for (int day = 1; day <= horizon; ++day) {
    const int planned = now.ends_of_life[static_cast<std::size_t>(day)];
    if (planned == 0) continue;
    draw.expected[static_cast<std::size_t>(day)] += static_cast<float>(planned * on_the_day);
    add(day, 0, planned * (1 - on_the_day));
  }
  return draw;
}

}  // namespace parc::forecast
