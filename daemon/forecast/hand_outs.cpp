#include "daemon/forecast/hand_outs.h"

#include <algorithm>
#include <cmath>

#include "daemon/forecast/calendar.h"
#include "daemon/forecast/dice.h"

namespace parc::forecast {
namespace {

constexpr double kPracticeHalfLifeDays = 180;  // of what a day says about the present practice
constexpr int kOldestDays = 540;               // days further back show another practice
constexpr double kCapacityFactor = 0.9;        // of a nominal capacity, before any day was seen
constexpr double kPriorDays = 10;
constexpr double kNoise = 0.25;  // prior coefficient of variation, worth kNoiseDays
constexpr double kNoiseDays = 6;

double Squared(double x) { return x * x; }

// A working day of the records.
struct Seen {
  int handed_out = 0;
  int waiting = 0;  // people left without at its end
  int ready = 0;    // laptops left at its end that surely could have been handed out
  int perhaps = 0;  // and those that may have been there
  int age = 0;
};

// Ready laptops that lie there on days on which people wait and nobody is handed one: there is a
// reason, though no record tells it. The median of such days, where there are many of them.
int NeverHandedOut(const std::vector<Seen>& days) {
  std::vector<int> ready;
  std::size_t waited = 0;
  int busy_days = 0, handed_out = 0;
  for (const Seen& day : days) {
    if (day.waiting < 3) continue;
    ++waited;
    busy_days += day.handed_out > 0 ? 1 : 0;
    handed_out += day.handed_out;
    if (day.handed_out == 0 && day.ready > 0) ready.push_back(day.ready);
  }
  // Where hands do one or two a day, days without any are only to be expected.
  if (handed_out < 4 * busy_days) return 0;
  if (ready.size() < 5 || ready.size() * 10 < waited) return 0;
  const auto middle = ready.begin() + static_cast<std::ptrdiff_t>(ready.size() / 2);
  std::nth_element(ready.begin(), middle, ready.end());
  return *middle;
}

// How many laptops seem to lie there on days on which people wait and nobody is handed one: the
// median. Records do not tell when a laptop is back from repair, or settled; but where clearly more
// seem to lie there than on those days, some are ready.
int SeeminglyReady(const std::vector<Seen>& days) {
  std::vector<int> perhaps;
  for (const Seen& day : days)
    if (day.waiting >= 2 && day.handed_out == 0) perhaps.push_back(day.perhaps);
  if (perhaps.size() < 5) return kNoDay;
  const auto at = perhaps.begin() + static_cast<std::ptrdiff_t>(perhaps.size() / 2);
  std::nth_element(perhaps.begin(), at, perhaps.end());
  return std::max(0, *at);
}

}  // namespace

HandOutPace FitPace(const std::vector<PaceDay>& days, double prior, double prior_days) {
  HandOutPace pace{.mean = std::max(prior, 0.05), .noise = kNoise};
  double sd = std::max(0.5, pace.mean * kNoise);
  for (int round = 0; round < 40; ++round) {
    double sum = prior * prior_days, weights = prior_days;
    double squares = kNoiseDays * Squared(std::max(0.5, pace.mean * kNoise));
    double squares_weight = kNoiseDays;
    pace.days = 0;
    for (const PaceDay& day : days) {
      double expected = day.handed_out, variance = 0, told = 1;
      if (day.at_least) {
        const double a = (day.handed_out - pace.mean) / sd;
        if (a < -2.5) continue;  // says nothing
        const double h = InverseMills(a);
        expected = pace.mean + sd * h;
        variance = Squared(sd) * std::clamp(1 + a * h - h * h, 0.0, 1.0);
        told = std::clamp(h * (h - a), 0.0, 1.0);  // what it says, against a day fully seen
      }
      sum += day.weight * expected;
      weights += day.weight;
      squares += day.weight * (Squared(expected - pace.mean) + variance);
      squares_weight += day.weight;
      pace.days += day.weight * told;
    }
    if (weights <= 0) break;
    pace.mean = std::max(sum / weights, 0.02);
    sd = std::sqrt(squares / squares_weight);
  }
  pace.noise = std::clamp(sd / pace.mean, 0.05, 1.0);
  return pace;
}

HandOutPace LearnPace(const Facts& facts, const Inputs& inputs, const DailyCounts& counts) {
  const std::optional<double>& nominal = inputs.preparation.capacity_per_day;
  const std::vector<bool> worked =
      WorkingDays(inputs.preparation.calendar, ToDays(facts.as_of) + counts.first,
                  static_cast<int>(counts.size()));
  int on_free_days = 0, all = 0;
  for (std::size_t i = 1; i < counts.size(); ++i) {
    all += counts.handed_out[i];
    on_free_days += worked[i] ? 0 : counts.handed_out[i];
  }
  const bool every_day = all >= 40 && on_free_days > all / 20;
  std::vector<Seen> seen;
  for (std::size_t i = 1; i < counts.size(); ++i) {
    const int age = -(counts.first + static_cast<int>(i));
    if (age > kOldestDays || !(worked[i] || every_day)) continue;
    // A whole fleet that was written down in a day was not handed out in a day.
    const double believable = 5 + (nominal ? 6 * *nominal : counts.in_need[i - 1] / 8.0);
    if (counts.handed_out[i] > believable) continue;
    seen.push_back({.handed_out = counts.handed_out[i],
                    .waiting = counts.in_need[i] - counts.equipped[i],
                    .ready = counts.ready[i] - inputs.preparation.reserve_stock,
                    .perhaps = counts.perhaps[i] - inputs.preparation.reserve_stock,
                    .age = age});
  }
  const int lies = NeverHandedOut(seen);
  const int seemingly = SeeminglyReady(seen);
  // Fewer than hands do in half a day may be an error of what is ready.
  const double enough = std::max(2.0, nominal.value_or(0) / 2);
  std::vector<PaceDay> days;
  int busiest = 0;
  for (const Seen& day : seen) {
    const bool left =
        day.waiting >= 2 && (day.ready - lies >= enough || day.perhaps - seemingly >= enough);
    if (!left && day.handed_out == 0) continue;
    days.push_back({.handed_out = static_cast<double>(day.handed_out),
                    .at_least = !left,
                    .weight = std::exp2(-day.age / kPracticeHalfLifeDays)});
    busiest = std::max(busiest, day.handed_out);
  }
  HandOutPace pace;
  if (nominal)
    pace = FitPace(days, *nominal * kCapacityFactor, kPriorDays);
  else if (busiest > 0)
    pace = FitPace(days, busiest, 0.5);
  pace.every_day = every_day;
  return pace;
}

}  // namespace parc::forecast
