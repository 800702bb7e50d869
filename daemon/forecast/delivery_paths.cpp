#include "daemon/forecast/delivery_paths.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

namespace parc::forecast {
namespace {

constexpr std::uint64_t kShockDice = 0x73686f63;
constexpr std::uint64_t kTempoDice = 0x74656d70;
constexpr std::uint64_t kSupplierDice = 0x73757070;

// The golden ratio's sequence spreads the paths' common shocks evenly, which plain dice do not.
double EvenNormal(std::uint64_t seed, int path) {
  const double start = Dice(seed, kShockDice, 0).Uniform();
  const double u = std::fmod(start + path * 0.61803398874989485, 1.0);
  return NormalQuantile(std::clamp(u, 1e-9, 1 - 1e-9));
}

// Days until a line is cancelled that is late in `late` days; the logarithm is taken only of the
// few that matter.
int CancellationAfter(double u, double never, int late, const std::array<double, 2>& rates) {
  if (u < never) return kNoDay / 2;
  const double hazard = -std::log(u);
  const double before = rates[0] * late;
  return static_cast<int>(hazard < before ? hazard / rates[0]
                                          : late + (hazard - before) / rates[1]);
}

}  // namespace

DeliveryPaths::DeliveryPaths(const Model& model, const std::vector<LineFacts>& lines,
                             double tension)
    : lines_(lines),
      seed_(model.seed),
      horizon_(model.facts.horizon),
      draws_(model.delivery_draws),
      log_tension_(std::log(tension)),
      errors_(model.delivery.error_quantiles()),
      normals_(NormalTable()) {
  std::map<std::string, int> suppliers;
  for (const LineFacts& line : lines) {
    LineDice dice;
    const auto [at, fresh] = suppliers.emplace(line.supplier, static_cast<int>(suppliers.size()));
    if (fresh) supplier_keys_.push_back(KeyOf(line.supplier));
    dice.supplier = at->second;
    dice.earliest = std::max(0, line.ordered);
    dice.late_in = std::max(0, LateFrom(line) - dice.earliest);
    if (line.expedited) {
      const LineState state = StateOn(line, dice.earliest);
      const int promised = state.promised == kNoDay ? 1 : state.promised;
      dice.expedited_day = std::max(dice.earliest + 1, promised);
    }
    dice.lots = model.delivery.LotsOf(line.open);
    dice_.push_back(dice);
  }
  supplier_shocks_.resize(suppliers.size());
  progress_.resize(static_cast<std::size_t>(horizon_) + 2);
  day_of_.resize(2 * static_cast<std::size_t>(horizon_) + 2);
  for (const DeliveryDraw& draw : draws_)
    never_cancelled_.push_back(
        std::exp(-std::max(draw.cancellation_rate[0], draw.cancellation_rate[1]) * horizon_));
  model.delivery.Means(lines, draws_, seed_, means_);
}

void DeliveryPaths::Sample(int path, int* delivered, int* line_day, int* line_cancelled,
                           int stride) {
  const DeliveryDraw& draw = draws_[static_cast<std::size_t>(path) % draws_.size()];
  SetTempo(path, draw);
  for (std::size_t s = 0; s < supplier_shocks_.size(); ++s) {
    Dice dice(seed_, kSupplierDice ^ supplier_keys_[s], static_cast<std::uint64_t>(path));
    supplier_shocks_[s] = log_tension_ + draw.supplier_sd * Normal(dice.Bits());
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

// The tempo of the future, step by step, from that of the last block, whose middle lies 14 days
// back, to that of the first step, whose middle lies 7 days ahead.
void DeliveryPaths::SetTempo(int path, const DeliveryDraw& draw) {
  static const double kFirst = std::exp(-(kTempoDays + kTempoStep) / 2.0 / kTempoMemory);
  static const double kNext = std::exp(-kTempoStep / kTempoMemory);
  Dice dice(seed_, kTempoDice, static_cast<std::uint64_t>(path));
  double tempo = kFirst * draw.tempo +
                 draw.tempo_sd * std::sqrt(1 - kFirst * kFirst) * EvenNormal(seed_, path);
  const double innovation = draw.tempo_sd * std::sqrt(1 - kNext * kNext);
  float progress = 0;
  progress_[0] = 0;
  for (int day = 0; day < horizon_;) {
    const float speed = std::exp(static_cast<float>(-tempo));
    const int end = std::min(horizon_, day + kTempoStep);
    const float before = progress;
    for (int k = 1; day < end; ++k)
      progress_[static_cast<std::size_t>(++day)] = progress =
          before + speed * static_cast<float>(k);
    tempo = kNext * tempo + innovation * Normal(dice.Bits());
  }
  progress_.back() = std::numeric_limits<float>::infinity();  // ends every search
  std::int32_t day = 0;
  for (std::size_t k = 0; k < day_of_.size(); ++k) {
    while (progress_[static_cast<std::size_t>(day)] < static_cast<float>(k)) ++day;
    day_of_[k] = day;
  }
}

// The day on which exp(log_days) - kShift days of progress are done that begin at the end of day
// `from`; beyond the horizon, horizon + 1.
int DeliveryPaths::ArrivalOf(int from, double log_days) const {
  if (log_days > 9 || from >= horizon_) return horizon_ + 1;
  const float done =
      progress_[static_cast<std::size_t>(from)] +
      std::max(0.0F, std::exp(static_cast<float>(log_days)) - static_cast<float>(kShift));
  const std::size_t k = std::min(static_cast<std::size_t>(done), day_of_.size() - 1);
  std::size_t day = static_cast<std::size_t>(day_of_[k]);
  while (progress_[day] < done) ++day;
  return std::max(from + 1, static_cast<int>(day));
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
  const double centre = static_cast<double>(means_[k * lines_.size() + line]) + shock +
                        draw.line_sd * static_cast<double>(errors_[bits & (kNormalTable - 1)]);
  const float lots_at = static_cast<float>((bits >> 32) & 0xffff) * 0x1p-16F;
  const double cancelled_at = (static_cast<double>((bits >> 13) & 0x7ffff) + 0.5) * 0x1p-19;
  int lots = 1;
  const int most = std::min(static_cast<int>(kMostLots), open);
  while (lots < most && lots_at > own.lots[static_cast<std::size_t>(lots - 1)]) ++lots;
  const int cancelled_on = own.earliest + CancellationAfter(cancelled_at, never_cancelled_[k],
                                                            own.late_in, draw.cancellation_rate);
  *day = 0;
  int left = open;
  for (int lot = lots; lot >= 1; --lot) {
    const std::uint64_t more = dice.Bits();
    const int quantity =
        lot == 1 ? left : std::max(1, left * (3 + static_cast<int>((more >> 40) & 3)) / (5 * lot));
    left -= quantity;
    const double log_days = centre + draw.lot_sd * Normal(more);
    const int arrival = ArrivalOf(own.earliest, log_days);
    // A planned order waits in ordinary days for its cancellation, so that placing it later can
    // never make it come sooner.
    const int waited = own.earliest > 0
                           ? own.earliest + static_cast<int>(std::exp(std::min(log_days, 12.0)))
                           : arrival;
    if (waited > cancelled_on &&
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
