#include "daemon/forecast/delivery_paths.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace parc::forecast {
namespace {

constexpr std::uint64_t kShockDice = 0x73686f63;
constexpr std::uint64_t kTempoDice = 0x74656d70;
constexpr std::uint64_t kSupplierDice = 0x73757070;

constexpr float kProgressUnit = 2;  // of the table that finds the step of a progress

// The golden ratio's sequence spreads the paths' common shocks evenly, which plain dice do not.
double EvenNormal(std::uint64_t seed, int path) {
  const double start = Dice(seed, kShockDice, 0).Uniform();
  const double u = std::fmod(start + path * 0.61803398874989485, 1.0);
  return NormalQuantile(std::clamp(u, 1e-9, 1 - 1e-9));
}

// Quantiles of the exponential distribution in even steps.
const std::array<float, kNormalTable>& ExponentialTable() {
  static const std::array<float, kNormalTable> table = [] {
    std::array<float, kNormalTable> quantiles{};
    for (std::size_t i = 0; i < kNormalTable; ++i)
      quantiles[i] = static_cast<float>(-std::log((static_cast<double>(i) + 0.5) / kNormalTable));
    return quantiles;
  }();
  return table;
}

}  // namespace

DeliveryPaths::DeliveryPaths(const Model& model, const std::vector<LineFacts>& lines,
                             double tension)
    : seed_(model.seed),
      horizon_(model.facts.horizon),
      draws_(model.delivery_draws),
      log_tension_(std::clamp(static_cast<float>(std::log(tension)), -40.0F, 40.0F)),
      errors_(model.delivery.error_quantiles()),
      normals_(NormalTable()),
      exponentials_(ExponentialTable()) {
  std::map<std::string, int> suppliers;
  for (const LineFacts& line : lines) {
    LineDice dice;
    dice.key = line.key;
    dice.open = line.open;
    const auto [at, fresh] = suppliers.emplace(line.supplier, static_cast<int>(suppliers.size()));
    if (fresh) supplier_keys_.push_back(KeyOf(line.supplier));
    dice.supplier = at->second;
    dice.earliest = std::max(0, line.ordered);
    dice.late_in = static_cast<float>(std::max(0, LateFrom(line) - dice.earliest));
    if (line.expedited) {
      const LineState state = StateOn(line, dice.earliest);
      const int promised = state.promised == kNoDay ? 1 : state.promised;
      const int day = std::min(std::max(dice.earliest + 1, promised), horizon_ + 1);
      expedited_.push_back({lines_.size(), day, line.open});
      dice.open = 0;
    }
    // No more lots than units; none of what is expedited.
    const LotShares shares = model.delivery.LotsOf(line.open);
    dice.lots_before.fill(1);
    for (int lot = 0; lot < std::min(dice.open, static_cast<int>(kMostLots)); ++lot)
      dice.lots_before[static_cast<std::size_t>(lot)] =
          lot == 0 ? 0 : shares[static_cast<std::size_t>(lot) - 1];
    lines_.push_back(dice);
  }
  supplier_shocks_.resize(suppliers.size());
  steps_.resize(static_cast<std::size_t>((horizon_ + kTempoStep - 1) / kTempoStep) + 1);
  step_of_.resize(2 * static_cast<std::size_t>(static_cast<float>(horizon_) / kProgressUnit) + 2);
  states_.resize(lines.size());
  const std::size_t most_lots = (lines.size() + 1) * kMostLots;
  for (std::vector<float>* of_lot : {&lots_.log_days, &lots_.days}) of_lot->resize(most_lots);
  for (std::vector<int>* of_lot : {&lots_.line, &lots_.number, &lots_.units})
    of_lot->resize(most_lots);
  lots_.bits.resize(most_lots);
  model.delivery.Means(lines, draws_, seed_, means_);
}

// The tempo of the future, step by step, from that of the last block, whose middle lies 14 days
// back, to that of the first step, whose middle lies 7 days ahead.
void DeliveryPaths::SetTempo(int path, const DeliveryDraw& draw) {
  static const double kFirst = std::exp(-(kTempoDays + kTempoStep) / 2.0 / kTempoMemory);
  static const double kNext = std::exp(-kTempoStep / kTempoMemory);
  Dice dice(seed_, kTempoDice, static_cast<std::uint64_t>(path));
  float tempo =
      static_cast<float>(kFirst * draw.tempo +
                         draw.tempo_sd * std::sqrt(1 - kFirst * kFirst) * EvenNormal(seed_, path));
  const float kept = static_cast<float>(kNext);
  const float innovation = static_cast<float>(draw.tempo_sd * std::sqrt(1 - kNext * kNext));
  float done = 0;
  std::size_t unit = 0;
  for (std::size_t step = 0; step < steps_.size(); ++step) {
    const float slowness = Exp(std::clamp(tempo, -20.0F, 20.0F));
    steps_[step] = {done, slowness};
    done += static_cast<float>(kTempoStep) / slowness;
    const std::size_t end =
        std::min(step_of_.size(), static_cast<std::size_t>(done / kProgressUnit) + 1);
    for (; unit < end; ++unit) step_of_.data()[unit] = static_cast<std::uint8_t>(step);
    tempo = kept * tempo + innovation * Normal(dice.Bits());
  }
  const std::uint8_t last = static_cast<std::uint8_t>(steps_.size() - 1);
  std::fill(step_of_.begin() + static_cast<std::ptrdiff_t>(unit), step_of_.end(), last);
}

float DeliveryPaths::ProgressAt(int day) const {
  const int step = std::min(day / kTempoStep, static_cast<int>(steps_.size()) - 1);
  const Step& at = steps_[static_cast<std::size_t>(step)];
  return at.done + static_cast<float>(day - step * kTempoStep) / at.slowness;
}

// The first day by whose end so much progress is done; beyond the horizon, any day beyond it.
inline int DeliveryPaths::DayOf(float progress) const {
  const Step* const steps = steps_.data();
  if (progress > steps[steps_.size() - 1].done) return horizon_ + 1;
  const std::size_t unit =
      std::min(static_cast<std::size_t>(progress / kProgressUnit), step_of_.size() - 1);
  std::size_t step = step_of_.data()[unit];
  step += steps[step + 1].done < progress ? 1 : 0;  // seldom more than one: spares a branch
  while (steps[step + 1].done < progress) ++step;
  const float days = (progress - steps[step].done) * steps[step].slowness;
  const int whole = static_cast<int>(days);
  const int begun = days > static_cast<float>(whole) ? 1 : 0;
  return std::min(horizon_ + 1, kTempoStep * static_cast<int>(step) + whole + begun);
}

// What each line has on a path: its error, when it is cancelled and in how many lots it comes.
// Plain pointers here and below: checked access to vectors would cost a third of these loops.
void DeliveryPaths::DrawLines(int path, const DeliveryDraw& draw) {
  const std::size_t k = static_cast<std::size_t>(path) % draws_.size();
  const float* const means = means_.data() + k * lines_.size();
  const float* const shocks = supplier_shocks_.data();
  const float* const errors = errors_.data();
  const float* const exponentials = exponentials_.data();
  const float line_sd = static_cast<float>(draw.line_sd);
  const float rate_before = static_cast<float>(draw.cancellation_rate[0]);
  const std::array<float, 2> days_to_cancel = {
      static_cast<float>(1 / std::max(1e-9, draw.cancellation_rate[0])),
      static_cast<float>(1 / std::max(1e-9, draw.cancellation_rate[1]))};
  const Dice of_path = Dice::OfIndex(seed_, static_cast<std::uint64_t>(path));
  LineOnPath* const states = states_.data();
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const LineDice& line = lines_.data()[i];
    LineOnPath& state = states[i];
    state.dice = of_path.For(line.key);
    const std::uint64_t bits = state.dice.Bits();
    state.centre = means[i] + shocks[line.supplier] + line_sd * errors[bits & (kNormalTable - 1)];
    // At one rate until the line is late, and another from then on.
    const float hazard = exponentials[(bits >> 16) & (kNormalTable - 1)];
    const float early = hazard * days_to_cancel[0];
    const float late = line.late_in + (hazard - line.late_in * rate_before) * days_to_cancel[1];
    state.cancelled_on = static_cast<float>(line.earliest) + (early < line.late_in ? early : late);
    const float lots_at = static_cast<float>((bits >> 32) & 0xffff) * 0x1p-16F;
    std::uint32_t lots = 0;
    for (const float share : line.lots_before) lots += lots_at >= share ? 1 : 0;
    state.lots = lots;
    state.units_a_lot = (static_cast<std::uint64_t>(line.open) << 32) / std::max(1U, lots) + 1;
    state.last_day = state.cancelled = 0;
  }
}

// The lots of all lines, one after the other, without a branch that dice decide; how many.
std::size_t DeliveryPaths::DrawLots(const DeliveryDraw& draw) {
  int* const line_of = lots_.line.data();
  int* const number = lots_.number.data();
  std::size_t count = 0;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    // Always room for the most; the next line overwrites what this one does not have.
    for (int lot = 0; lot < static_cast<int>(kMostLots); ++lot) {
      line_of[count + static_cast<std::size_t>(lot)] = static_cast<int>(i);
      number[count + static_cast<std::size_t>(lot)] = lot;
    }
    count += states_.data()[i].lots;
  }
  const LineOnPath* const states = states_.data();
  const float* const normals = normals_.data();
  float* const log_days = lots_.log_days.data();
  std::uint32_t* const lot_bits = lots_.bits.data();
  int* const units = lots_.units.data();
  const float lot_sd = static_cast<float>(draw.lot_sd);
  for (std::size_t n = 0; n < count; ++n) {
    const LineOnPath& state = states[line_of[n]];
    const std::uint64_t bits = state.dice.At(static_cast<std::uint64_t>(number[n]));
    log_days[n] = std::min(12.0F, state.centre + lot_sd * normals[bits & (kNormalTable - 1)]);
    lot_bits[n] = static_cast<std::uint32_t>(bits >> 44) & 0xffff;
    const std::uint64_t before = state.units_a_lot * static_cast<std::uint64_t>(number[n]);
    const std::uint64_t after = before + state.units_a_lot;
    units[n] = static_cast<int>(after >> 32) - static_cast<int>(before >> 32);
  }
  float* const days = lots_.days.data();
  for (std::size_t n = 0; n < count; ++n) days[n] = Exp(log_days[n]);
  return count;
}

// Puts the lots where they arrive, or not at all.
void DeliveryPaths::PlaceLots(std::size_t lots, const DeliveryDraw& draw,
                              std::vector<Lanes>& delivered, int lane) {
  const LineDice* const lines = lines_.data();
  LineOnPath* const states = states_.data();
  const int* const line_of = lots_.line.data();
  const int* const units = lots_.units.data();
  const float* const waits = lots_.days.data();
  const std::uint32_t* const bits = lots_.bits.data();
  Lanes* const by_day = delivered.data();
  const float cancelled_share = static_cast<float>(draw.cancelled_share) * 0x1p16F;
  for (std::size_t n = 0; n < lots; ++n) {
    LineOnPath& state = states[line_of[n]];
    const int earliest = lines[line_of[n]].earliest;
    const float progress = std::max(0.0F, waits[n] - static_cast<float>(kShift));
    int arrival = 0;
    float waited = 0;
    if (earliest > 0) {
      arrival = std::max(earliest + 1, DayOf(progress + ProgressAt(earliest)));
      // A planned order waits in ordinary days for its cancellation, so that placing it later can
      // never make it come sooner.
      waited = static_cast<float>(earliest) + waits[n];
    } else {
      arrival = std::max(1, DayOf(progress));
      waited = static_cast<float>(arrival);
    }
    if (waited > state.cancelled_on && static_cast<float>(bits[n]) < cancelled_share) {
      state.cancelled = 1;
      continue;
    }
    state.last_day = std::max(state.last_day, arrival);
    by_day[arrival][lane] += static_cast<float>(units[n]);
  }
}

void DeliveryPaths::Sample(int path, std::vector<Lanes>& delivered, int lane, int* line_day) {
  const DeliveryDraw& draw = draws_[static_cast<std::size_t>(path) % draws_.size()];
  SetTempo(path, draw);
  for (std::size_t s = 0; s < supplier_shocks_.size(); ++s) {
    Dice dice(seed_, kSupplierDice ^ supplier_keys_[s], static_cast<std::uint64_t>(path));
    supplier_shocks_[s] = log_tension_ + static_cast<float>(draw.supplier_sd) * Normal(dice.Bits());
  }
  DrawLines(path, draw);
  PlaceLots(DrawLots(draw), draw, delivered, lane);
  for (const Expedited& line : expedited_) {
    states_[line.at].last_day = line.day;
    delivered[static_cast<std::size_t>(line.day)][lane] += static_cast<float>(line.units);
  }
  if (line_day == nullptr) return;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const LineOnPath& state = states_[i];
    const int day = state.last_day > horizon_ ? kNoDay : state.last_day;
    line_day[i * kLanes + static_cast<std::size_t>(lane)] = state.cancelled != 0 ? kCancelled : day;
  }
}

}  // namespace parc::forecast
