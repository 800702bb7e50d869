#include "tests/forecast/world_orders.h"

#include <algorithm>
#include <cmath>

namespace parc::forecast::testing {
namespace {

constexpr int kEnd = 800;  // no world looks further

struct Supplier {
  double lead = 60;
  double optimism = 0.8;
  double frankness = 0.7;  // chance that a review leads to a new promise
  double spread = 0.25;
  bool silent = false;
  bool hit = true;  // by the crisis
};

struct Market {
  std::vector<Supplier> suppliers;
  double crisis = 1;
  int crisis_from = 0, crisis_to = 0;
  // Days of work done on a day.
  double Speed(const Supplier& supplier, int day) const {
    if (!supplier.hit || day < crisis_from) return 1;
    if (day < crisis_to) return 1 / crisis;
    const double since = (day - crisis_to) / 40.0;  // it eases
    return 1 / (1 + (crisis - 1) * std::exp(-since));
  }
};

Market MakeMarket(const Family& family, Dice& dice) {
  Market market;
  const int count = std::max(1, static_cast<int>(Within(dice, family.suppliers)));
  for (int i = 0; i < count; ++i) {
    Supplier supplier;
    supplier.lead = Within(dice, family.lead_days);
    supplier.optimism = Within(dice, family.optimism);
    supplier.frankness = 0.4 + 0.6 * dice.Uniform();
    supplier.spread = 0.1 + 0.35 * dice.Uniform();
    supplier.silent = dice.Uniform() < family.silent;
    supplier.hit = dice.Uniform() < 0.8;
    market.suppliers.push_back(supplier);
  }
  market.crisis = Within(dice, family.crisis);
  const int middle = static_cast<int>(family.crisis_middle + 60 * dice.Normal());
  const int half = 30 + static_cast<int>(50 * dice.Uniform());
  market.crisis_from = middle - half;
  market.crisis_to = middle + half;
  return market;
}

// The day on which `work` days of undisturbed work, begun on `day`, are done.
int Finish(const Market& market, const Supplier& supplier, int day, double work) {
  while (work > 0 && day < kEnd) work -= market.Speed(supplier, day++);
  return day;
}

// When a lot arrives that is ordered on `day`.
int Arrival(const Family& family, const Market& market, const Supplier& supplier, Dice& dice,
            int day) {
  const double lead = supplier.lead;
  switch (family.law) {
    case Law::kContainers: {
      const int ready = Finish(market, supplier, day, lead * (0.3 + 0.4 * dice.Uniform()));
      const int every = 28;
      return (ready + 2000) / every * every - 2000 + every +
             static_cast<int>(lead * 0.25 + 6 * dice.Uniform());
    }
    case Law::kHeavyTail: {
      const double weibull = std::pow(dice.Exponential(), 1 / 1.3);
      return Finish(market, supplier, day, 3 + lead * weibull);
    }
    case Law::kStages:
      break;
  }
  const double shape = 1 / (supplier.spread * supplier.spread);
  int at = Finish(market, supplier, day, 2 + 4 * dice.Exponential());
  at = Finish(market, supplier, at, lead * 0.7 * dice.Gamma(shape) / shape);
  return at + 2 + static_cast<int>(lead * 0.3 * (0.5 + dice.Uniform()));
}

void Deliver(const Family& family, const Market& market, Dice& dice, WorldLine& line) {
  const Supplier& supplier = market.suppliers[static_cast<std::size_t>(line.supplier)];
  const int lots = dice.Uniform() < family.split ? 2 + static_cast<int>(3 * dice.Uniform()) : 1;
  const int held_up =
      dice.Uniform() < family.stuck ? 60 + static_cast<int>(140 * dice.Uniform()) : 0;
  int at = Arrival(family, market, supplier, dice, line.ordered) + held_up;
  int left = line.quantity;
  for (int lot = lots; lot >= 1 && left > 0; --lot) {
    const int units = lot == 1 ? left : std::max(1, left / lot);
    line.deliveries.push_back({at, units});
    left -= units;
    at += 3 + static_cast<int>(0.3 * supplier.lead * dice.Exponential());
  }
}

// A first promise, then reviews: whoever is not silent says sooner or later that it will be later.
void Promise(const Market& market, Dice& dice, WorldLine& line) {
  const Supplier& supplier = market.suppliers[static_cast<std::size_t>(line.supplier)];
  const double first = supplier.lead * supplier.optimism * std::exp(0.12 * dice.Normal());
  int promised = line.ordered + std::max(4, static_cast<int>(first));
  line.promises.push_back({line.ordered, promised});
  if (supplier.silent) return;
  const int last = line.deliveries.back().day;
  for (int day = line.ordered + 10; day < last; day += 8 + static_cast<int>(20 * dice.Uniform())) {
    const bool due = day > promised - 7;
    if (!due && dice.Uniform() > 0.25) continue;
    if (dice.Uniform() > supplier.frankness) continue;
    const double left =
        (last - day) * std::min(1.1, supplier.optimism + 0.15) * std::exp(0.25 * dice.Normal());
    const int next = day + std::max(5, static_cast<int>(left));
    if (std::abs(next - promised) < 6) continue;
    promised = next;
    line.promises.push_back({day, promised});
  }
}

void Cancel(double share, Dice& dice, WorldLine& line) {
  const int promised = line.promises.front().value;
  const int last = line.deliveries.back().day;
  // Often because it is late, sometimes for no reason that anybody could see.
  const double chance = last > promised + 60 ? 3 * share : 0.6 * share;
  if (dice.Uniform() > chance) return;
  const int from = dice.Uniform() < 0.6 ? std::max(line.ordered, promised) : line.ordered;
  const int day = from + 1 + static_cast<int>(40 * dice.Exponential());
  if (day >= last) return;
  line.cancelled_on = day;
  std::vector<WorldLine::Event> kept;
  for (const auto& delivery : line.deliveries) {
    if (delivery.day < day)
      kept.push_back(delivery);
    else
      line.cancelled += delivery.value;
  }
  line.deliveries = kept;
}

}  // namespace

std::vector<WorldLine> MakeLines(const Family& family, Dice& dice, int units, int first, int last) {
  const Market market = MakeMarket(family, dice);
  const double years = (last - first) / 365.0;
  const int count = std::max(2, dice.Poisson(Within(dice, family.lines_per_year) * years));
  std::vector<WorldLine> lines;
  double sum = 0;
  std::vector<double> sizes;
  for (int i = 0; i < count; ++i) sum += sizes.emplace_back(std::exp(0.7 * dice.Normal()));
  const double share_cancelled = Within(dice, family.cancelled);
  for (int i = 0; i < count; ++i) {
    WorldLine line;
    line.supplier = static_cast<int>(dice.Uniform() * static_cast<double>(market.suppliers.size()));
    line.model = static_cast<int>(3 * dice.Uniform());
    // A programme grows: many orders are recent, some are still to be placed.
    const int from = dice.Uniform() < family.recent ? -130 : first;
    line.ordered = from + static_cast<int>((last - from) * dice.Uniform());
    line.quantity = std::max(1, static_cast<int>(units * sizes[static_cast<std::size_t>(i)] / sum));
    Deliver(family, market, dice, line);
    Promise(market, dice, line);
    Cancel(share_cancelled, dice, line);
    lines.push_back(line);
  }
  return lines;
}

}  // namespace parc::forecast::testing
