#include "daemon/forecast/delivery_paths.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <string>

namespace parc::forecast {
namespace {

constexpr std::uint64_t kShockDice = 0x73686f63;
constexpr std::uint64_t kTempoDice = 0x74656d70;
constexpr std::uint64_t kSupplierDice = 0x73757070;

// The table of days by progress + kShift has 16 entries an octave, which are found by the bits of a
// float: exponent and first four digits. Between two of them the day is a straight line.
constexpr int kDigitsLeft = 19;
constexpr int kFirstEntry = std::bit_cast<int>(static_cast<float>(kShift)) >> kDigitsLeft;
constexpr float kLongestLog = 12;  // log days; 160,000 of them
constexpr std::size_t kAtOnce = 8;

// 1 / lots, times 2^32, rounded up.
constexpr std::array<std::uint64_t, kMostLots + 1> kPartOf = [] {
  std::array<std::uint64_t, kMostLots + 1> parts{};
  for (std::uint64_t lots = 1; lots <= kMostLots; ++lots)
    parts[lots] = ((std::uint64_t{1} << 32) + lots - 1) / lots;
  return parts;
}();

// How many of `limits`, 16 bits each, are at most `value`. REQUIRES: value < 2^15, limits <= 2^15.
int CountAtMost(std::uint64_t value, const std::array<std::uint64_t, kMostLots / 4>& limits) {
  constexpr std::uint64_t kEach = 0x0001000100010001;
  // The highest bit of each is lost when it is less than its limit.
  const std::uint64_t values = value * kEach | kEach << 15;
  std::uint64_t counts = 0;
  for (const std::uint64_t four : limits) counts += ((values - four) >> 15) & kEach;
  return static_cast<int>(counts * kEach >> 48);
}

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
    const LotShares shares = model.delivery.LotsOf(line.open);
    for (std::size_t lot = 0; lot < kMostLots; ++lot) {
      const bool enough = static_cast<int>(lot) + 1 < dice.open;  // no more lots than units
      const float least = enough ? std::ceil(shares[lot] * 32768) : 32768;
      dice.more_lots[lot / 4] |= static_cast<std::uint64_t>(least) << (lot % 4 * 16);
    }
    if (dice.earliest > 0) planned_.push_back(lines_.size());
    lines_.push_back(dice);
  }
  supplier_shocks_.resize(suppliers.size());
  const std::size_t steps = static_cast<std::size_t>((horizon_ + kTempoStep - 1) / kTempoStep) + 1;
  slowness_.resize(steps);
  done_.resize(steps);
  const int entries = (std::bit_cast<int>(std::exp(kLongestLog)) >> kDigitsLeft) - kFirstEntry;
  for (int j = 0; j < entries + 2 * static_cast<int>(kAtOnce); ++j)
    progress_.push_back(std::bit_cast<float>((kFirstEntry + j) << kDigitsLeft) -
                        static_cast<float>(kShift));
  day_of_.resize(progress_.size());
  states_.resize(lines.size());
  const std::size_t most_lots = (lines.size() + 1) * kMostLots + kLotsAtOnce;
  line_of_lot_.resize(most_lots);
  number_of_lot_.resize(most_lots);
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
  for (float& slowness : slowness_) {
    slowness = std::clamp(tempo, -20.0F, 20.0F);
    tempo = kept * tempo + innovation * Normal(dice.Bits());
  }
  float* const slowness = slowness_.data();
  for (std::size_t step = 0; step < slowness_.size(); ++step) slowness[step] = Exp(slowness[step]);
  float done = 0;
  for (std::size_t step = 0; step < slowness_.size(); ++step) {
    done_[step] = done;
    done += static_cast<float>(kTempoStep) / slowness[step];
  }
  SetDays();
}

// Each step fills its entries and a few more, which the next one overwrites: loops without a branch
// that dice decide.
void DeliveryPaths::SetDays() {
  const float* const progress = progress_.data();
  float* const days = day_of_.data();
  const std::size_t entries = progress_.size() - 2 * kAtOnce;
  const float horizon = static_cast<float>(horizon_);
  std::size_t at = 0;
  for (std::size_t step = 0; step < slowness_.size(); ++step) {
    const bool last = step + 1 == slowness_.size();
    const float begin = static_cast<float>(kTempoStep * static_cast<int>(step));
    const float done = done_[step], slowness = slowness_[step];
    const float end = last ? done + (horizon - begin) / slowness : done_[step + 1];
    std::size_t within = kAtOnce;
    while (within == kAtOnce && at < entries) {
      int counted = 0;
      for (std::size_t i = 0; i < kAtOnce; ++i) {
        days[at + i] = begin + (progress[at + i] - done) * slowness;
        counted += progress[at + i] <= end ? 1 : 0;
      }
      within = static_cast<std::size_t>(counted);
      at += within;
    }
  }
  beyond_ = static_cast<int>(at);
  const std::size_t last = slowness_.size() - 1;
  const float since = static_cast<float>(kTempoStep * static_cast<int>(last));
  days[at] = std::min(since + (progress[at] - done_[last]) * slowness_[last], 1e6F);
  days[at + 1] = days[at];
}

float DeliveryPaths::ProgressAt(int day) const {
  const std::size_t step =
      std::min(static_cast<std::size_t>(day / kTempoStep), slowness_.size() - 1);
  return done_[step] +
         static_cast<float>(day - kTempoStep * static_cast<int>(step)) / slowness_[step];
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
    const std::uint64_t bits = state.dice.Start();
    state.centre = means[i] + shocks[line.supplier] + line_sd * errors[bits & (kNormalTable - 1)];
    // At one rate until the line is late, and another from then on.
    const float hazard = exponentials[(bits >> 16) & (kNormalTable - 1)];
    const float before = std::min(hazard, line.late_in * rate_before);
    state.cancelled_on = static_cast<float>(line.earliest) + before * days_to_cancel[0] +
                         (hazard - before) * days_to_cancel[1];
    const int lots = (line.open > 0 ? 1 : 0) + CountAtMost((bits >> 32) & 0x7fff, line.more_lots);
    state.lots = lots;
    state.units_a_lot =
        static_cast<std::uint64_t>(line.open) * kPartOf[static_cast<std::size_t>(lots)];
  }
}

// The lots of all lines, one after the other, without a branch that dice decide; how many.
std::size_t DeliveryPaths::NumberLots() {
  int* const line_of = line_of_lot_.data();
  int* const number = number_of_lot_.data();
  std::size_t count = 0;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    // Always room for the most; the next line overwrites what this one does not have.
    for (int lot = 0; lot < static_cast<int>(kMostLots); ++lot) {
      line_of[count + static_cast<std::size_t>(lot)] = static_cast<int>(i);
      number[count + static_cast<std::size_t>(lot)] = lot;
    }
    count += static_cast<std::size_t>(states_.data()[i].lots);
  }
  return count;
}

// Lots `first` to `first` + `count`. Of `lots_`, entries beyond `count` are left from others.
void DeliveryPaths::DrawLots(std::size_t first, std::size_t count, const DeliveryDraw& draw) {
  const LineOnPath* const states = states_.data();
  const int* const line_of = line_of_lot_.data() + first;
  const int* const number = number_of_lot_.data() + first;
  const float* const normals = normals_.data();
  const float lot_sd = static_cast<float>(draw.lot_sd);
  Lots& lots = lots_;
  for (std::size_t n = 0; n < count; ++n) {
    const LineOnPath& state = states[line_of[n]];
    const std::uint64_t at = static_cast<std::uint64_t>(number[n]);
    const std::uint64_t bits = state.dice.At(at);
    lots.log_days[n] = state.centre + lot_sd * normals[bits & (kNormalTable - 1)];
    lots.luck[n] = static_cast<int>(bits >> 44) & 0xffff;
    const std::uint64_t before = state.units_a_lot * at;
    const std::uint64_t after = before + state.units_a_lot;
    lots.whole_units[n] = static_cast<int>(after >> 32) - static_cast<int>(before >> 32);
    lots.begun[n] = state.begun;
    lots.cancelled_on[n] = state.cancelled_on;
    lots.earliest[n] = state.earliest;
  }
  const int beyond = beyond_, late = horizon_ + 1;
  for (std::size_t n = 0; n < kLotsAtOnce; ++n) {
    const float days = Exp(Most(-80.0F, Least(kLongestLog, lots.log_days[n])));
    const float progress = Most(static_cast<float>(kShift), days) + lots.begun[n];
    const int bits = std::bit_cast<int>(progress);
    lots.days[n] = days;
    lots.entry[n] = Least(beyond, (bits >> kDigitsLeft) - kFirstEntry);
    lots.past_entry[n] =
        static_cast<float>(bits & ((1 << kDigitsLeft) - 1)) * (1.0F / (1 << kDigitsLeft));
  }
  const float* const day_of = day_of_.data();
  for (std::size_t n = 0; n < count; ++n) {
    const float* const at = day_of + lots.entry[n];
    lots.day[n] = at[0] + lots.past_entry[n] * (at[1] - at[0]);
  }
  const float cancelled_share = static_cast<float>(draw.cancelled_share) * 0x1p16F;
  for (std::size_t n = 0; n < kLotsAtOnce; ++n) {
    const int earliest = lots.earliest[n];
    const int arrival = Most(earliest + 1, Least(late, WholeUp(lots.day[n])));
    // A planned order waits in ordinary days for its cancellation, so that placing it later can
    // never make it come sooner.
    const float if_planned = static_cast<float>(earliest) + lots.days[n];
    const float if_placed = static_cast<float>(arrival);
    const float waited = earliest > 0 ? if_planned : if_placed;
    // All bits, or none.
    const int ended = waited > lots.cancelled_on[n] ? -1 : 0;
    const int taken = static_cast<float>(lots.luck[n]) < cancelled_share ? -1 : 0;
    const int lost = ended & taken;
    lots.arrival[n] = arrival;
    lots.units[n] = static_cast<float>(lots.whole_units[n] & ~lost);
    lots.last_day[n] = (arrival & ~lost) | (kCancelled & lost);
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
  for (const std::size_t at : planned_) {
    states_[at].earliest = lines_[at].earliest;
    states_[at].begun = ProgressAt(lines_[at].earliest);
  }
  const std::size_t lots = NumberLots();
  for (std::size_t first = 0; first < lots; first += kLotsAtOnce) {
    const std::size_t count = std::min(kLotsAtOnce, lots - first);
    DrawLots(first, count, draw);
    Lanes* const by_day = delivered.data();
    for (std::size_t n = 0; n < count; ++n) by_day[lots_.arrival[n]][lane] += lots_.units[n];
    if (line_day == nullptr) continue;
    const int* const line_of = line_of_lot_.data() + first;
    for (std::size_t n = 0; n < count; ++n) {
      int& last_day = line_day[line_of[n] * kLanes + lane];
      last_day = std::max(last_day, lots_.last_day[n]);
    }
  }
  for (const Expedited& line : expedited_) {
    delivered[static_cast<std::size_t>(line.day)][lane] += static_cast<float>(line.units);
    if (line_day != nullptr) line_day[line.at * kLanes + static_cast<std::size_t>(lane)] = line.day;
  }
}

}  // namespace parc::forecast
