#include "daemon/forecast/delivery_paths.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace parc::forecast {
namespace {

constexpr std::uint64_t kShockDice = 0x73686f63;
constexpr std::uint64_t kSupplierDice = 0x73757070;
constexpr int kMostLots = 5;

// Errors have heavier tails than the normal: one line in ten varies 1.6 times as much.
constexpr double kWideShare = 0.10;
constexpr double kWide = 1.6;
constexpr double kNarrow = 0.915;  // so that the variance is that of the fit

// The golden ratio's sequence spreads the paths' common shocks evenly, which plain dice do not.
double EvenNormal(std::uint64_t seed, int path) {
  const double start = Dice(seed, kShockDice, 0).Uniform();
  const double u = std::fmod(start + path * 0.61803398874989485, 1.0);
  return NormalQuantile(std::clamp(u, 1e-9, 1 - 1e-9));
}

// Days until a line is cancelled; the logarithm is taken only of the few that matter.
int CancellationAfter(double u, double never, double rate) {
  if (u < never) return kNoDay / 2;
  return static_cast<int>(-std::log(u) / rate);
}

int DayOfLog(double log_days, int horizon) {
  if (log_days > 8.5) return horizon + 1;
  return std::max(1, static_cast<int>(std::ceil(std::exp(static_cast<float>(log_days)) -
                                                static_cast<float>(kShift))));
}

}  // namespace

DeliveryPaths::DeliveryPaths(const Model& model, const std::vector<LineFacts>& lines,
                             double tension, int draws)
    : lines_(lines),
      seed_(model.seed),
      horizon_(model.facts.horizon),
      log_tension_(std::log(tension)),
      normals_(NormalTable()) {
  std::map<std::string, int> suppliers;
  for (const LineFacts& line : lines) {
    LineDice dice;
    const auto [at, fresh] = suppliers.emplace(line.supplier, static_cast<int>(suppliers.size()));
    if (fresh) supplier_keys_.push_back(KeyOf(line.supplier));
    dice.supplier = at->second;
    dice.earliest = std::max(0, line.ordered);
    if (line.expedited) {
      const LineState state = StateOn(line, dice.earliest);
      const int promised = state.promised == kNoDay ? 1 : state.promised;
      dice.expedited_day = std::max(dice.earliest + 1, promised);
    }
    dice_.push_back(dice);
  }
  supplier_shocks_.resize(suppliers.size());
  for (int k = 0; k < draws; ++k)
    draws_.push_back(model.delivery.Draw(seed_, static_cast<std::uint64_t>(k)));
  for (const DeliveryDraw& draw : draws_)
    never_cancelled_.push_back(std::exp(-draw.cancellation_rate * horizon_));
  model.delivery.Means(lines, draws_, seed_, means_);
}

void DeliveryPaths::Sample(int path, int* delivered, int* line_day, int* line_cancelled,
                           int stride) {
  const DeliveryDraw& draw = draws_[static_cast<std::size_t>(path) % draws_.size()];
  const double common = draw.common_sd * EvenNormal(seed_, path) + log_tension_;
  for (std::size_t s = 0; s < supplier_shocks_.size(); ++s) {
    Dice dice(seed_, kSupplierDice ^ supplier_keys_[s], static_cast<std::uint64_t>(path));
    supplier_shocks_[s] = common + draw.supplier_sd * Normal(dice.Bits());
  }
  int ignored_day = 0, ignored_cancelled = 0;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    int* day =
        line_day == nullptr ? &ignored_day : line_day + static_cast<std::ptrdiff_t>(i) * stride;
    int* cancelled = line_cancelled == nullptr
                         ? &ignored_cancelled
                         : line_cancelled + static_cast<std::ptrdiff_t>(i) * stride;
    SampleLine(i, path, supplier_shocks_[static_cast<std::size_t>(dice_[i].supplier)], delivered,
               day, cancelled);
  }
}

inline void DeliveryPaths::SampleLine(std::size_t line, int path, double shock, int* delivered,
                                      int* day, int* cancelled) const {
  const LineDice& own = dice_[line];
  const int open = lines_[line].open;
  *cancelled = 0;
  if (own.expedited_day > 0) {
    *day = own.expedited_day;
    if (*day <= horizon_) delivered[*day] += open;
    return;
  }
  const std::size_t k = static_cast<std::size_t>(path) % draws_.size();
  const DeliveryDraw& draw = draws_[k];
  Dice dice(seed_, lines_[line].key, static_cast<std::uint64_t>(path));
  const std::uint64_t bits = dice.Bits();
  const double wide = static_cast<double>(bits >> 48) * 0x1p-16 < kWideShare ? kWide : kNarrow;
  const double centre = static_cast<double>(means_[k * lines_.size() + line]) + shock +
                        wide * draw.line_sd * Normal(bits);
  const double lots_at = static_cast<double>((bits >> 32) & 0xffff) * 0x1p-16;
  const double cancelled_at = (static_cast<double>((bits >> 13) & 0x7ffff) + 0.5) * 0x1p-19;
  int lots = 1;
  while (lots < std::min(kMostLots, open) &&
         lots_at > draw.lots[static_cast<std::size_t>(lots - 1)])
    ++lots;
  const int cancelled_on =
      own.earliest + CancellationAfter(cancelled_at, never_cancelled_[k], draw.cancellation_rate);
  *day = 0;
  int left = open;
  for (int lot = lots; lot >= 1; --lot) {
    const std::uint64_t more = dice.Bits();
    const int quantity =
        lot == 1 ? left : std::max(1, left * (3 + static_cast<int>((more >> 40) & 3)) / (5 * lot));
    left -= quantity;
    const int arrival =
        own.earliest + DayOfLog(centre + wide * draw.lot_sd * Normal(more), horizon_);
    if (arrival > cancelled_on &&
        static_cast<double>((more >> 44) & 0xffff) * 0x1p-16 < draw.cancelled_share) {
      *cancelled = 1;
      continue;
    }
    *day = std::max(*day, arrival);
    if (arrival <= horizon_) delivered[arrival] += quantity;
  }
  if (*cancelled != 0 || *day > horizon_) *day = kNoDay;
}

}  // namespace parc::forecast
