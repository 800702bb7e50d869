#include "daemon/procurement/punctuality.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "daemon/inventory/fold.h"

namespace parc::procurement {

using inventory::CivilDate;

namespace {

constexpr double kTwoSided95 = 1.959964;  // normal quantile
constexpr double kTwoSided90 = 1.644854;
constexpr double kDaysPerQuarter = 365.25 / 4;

int DaysBetween(const CivilDate& from, const CivilDate& to) {
  return static_cast<int>(inventory::ToDays(to) - inventory::ToDays(from));
}

// The largest k for which fewer than k of n observations lie below the median with a probability of
// at most 2.5 %; 0 when there is none.
int RankOfLimit(int n) {
  double term = std::pow(0.5, n);  // P(exactly i below), i = 0
  double below = 0;
  for (int i = 0; i < n; ++i) {
    below += term;
    if (below > 0.025) return i;
    term *= static_cast<double>(n - i) / (i + 1);
  }
  return n;
}

// -1, 0 or 1: whether the later promise slipped less or more; 0 also when an open line leaves it
// undecided.
int Compare(const Observation& earlier, const Observation& later) {
  if (later.days > earlier.days && !earlier.open) return 1;
  if (later.days < earlier.days && !later.open) return -1;
  return 0;
}

double MedianOfReals(std::vector<double> values) {
  const std::size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle),
                   values.end());
  return values[middle];
}

void AddLine(const OrderLine& line, const CivilDate& ordered, const CivilDate& day,
             Punctuality& supplier, std::vector<Observation>& lead_times,
             std::vector<Slip>& slips) {
  ++supplier.lines;
  supplier.units += line.quantity;
  supplier.open_units += line.Open();
  if (line.Open() > 0 && !line.promises.empty() && line.promises.front().promised < day)
    ++supplier.late_lines;
  const std::optional<CivilDate> delivered = DeliveredOn(line);
  if (!delivered.has_value() && line.Open() == 0) return;  // cancelled before anything came
  const CivilDate until = delivered.value_or(day);
  lead_times.push_back({DaysBetween(ordered, until), !delivered.has_value()});
  const Promise* promise = FirstPromise(line);
  if (promise == nullptr || !(promise->promised < day)) return;
  const Observation late{DaysBetween(promise->promised, until), !delivered.has_value()};
  slips.push_back({promise->promised, late});
}

}  // namespace

Share WilsonShare(int hits, int trials) {
  Share share{.hits = hits, .trials = trials};
  if (trials == 0) return share;
  const double n = trials;
  const double p = hits / n;
  const double z2 = kTwoSided95 * kTwoSided95;
  const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kTwoSided95 * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  share.low = hits == 0 ? 0 : std::max(0.0, centre - half);
  share.high = hits == trials ? 1 : std::min(1.0, centre + half);
  return share;
}

MedianDays MedianOf(std::vector<Observation> observations) {
  constexpr int kEndless = std::numeric_limits<int>::max();
  MedianDays result;
  result.observations = static_cast<int>(observations.size());
  if (observations.empty()) return result;
  std::vector<int> least, most;
  for (const Observation& observation : observations) {
    least.push_back(observation.days);
    most.push_back(observation.open ? kEndless : observation.days);
  }
  std::sort(least.begin(), least.end());
  std::sort(most.begin(), most.end());
  const std::size_t middle = (observations.size() - 1) / 2;  // the lower one of two
  result.median = least[middle];
  result.at_least = most[middle] != least[middle];
  const int rank = RankOfLimit(result.observations);
  if (rank == 0) return result;
  result.low = least[static_cast<std::size_t>(rank - 1)];
  const int high = most[static_cast<std::size_t>(result.observations - rank)];
  if (high != kEndless) result.high = high;
  return result;
}

SlipTrend TrendOf(const std::vector<Slip>& slips) {
  SlipTrend result;
  const auto n = static_cast<double>(slips.size());
  if (static_cast<int>(slips.size()) < kFewestForTrend) return result;
  result.trend = Trend::kNone;
  int sum = 0;
  std::vector<double> slopes;
  for (std::size_t i = 0; i < slips.size(); ++i) {
    for (std::size_t j = 0; j < slips.size(); ++j) {
      const int apart = DaysBetween(slips[i].promised, slips[j].promised);
      if (apart <= 0) continue;
      sum += Compare(slips[i].late, slips[j].late);
      slopes.push_back(static_cast<double>(slips[j].late.days - slips[i].late.days) / apart);
    }
  }
  // Without ties the variance of the sum is this (Kendall 1938); ties make it smaller, so that the
  // test errs on the side of no trend.
  const double deviation = std::sqrt(n * (n - 1) * (2 * n + 5) / 18);
  const double z = (std::abs(sum) - 1) / deviation;
  if (slopes.empty() || z < kTwoSided90) return result;
  const double slope = MedianOfReals(slopes) * kDaysPerQuarter;
  if (slope == 0 || (slope > 0) != (sum > 0)) return result;
  result.trend = sum > 0 ? Trend::kWorse : Trend::kBetter;
  result.days_per_quarter = slope;
  return result;
}

std::optional<CivilDate> DeliveredOn(const OrderLine& line) {
  if (line.Open() > 0 || line.receipts.empty()) return std::nullopt;
  const int due = line.quantity - line.Cancelled();
  int came = 0;
  for (const Receipt& receipt : line.receipts) {  // oldest first; a surplus comes after
    came += receipt.quantity;
    if (came >= due) return receipt.received;
  }
  return line.receipts.back().received;
}

const Promise* FirstPromise(const OrderLine& line) {
  return line.promises.empty() ? nullptr : &line.promises.back();
}

std::vector<Punctuality> PunctualityOf(const std::vector<Order>& orders, const CivilDate& day) {
  struct Gathered {
    Punctuality supplier;
    std::vector<Observation> lead_times;
    std::vector<Slip> slips;
  };
  std::map<std::string, Gathered> by_name;
  for (const Order& order : orders) {
    if (order.planned) continue;
    Gathered& gathered = by_name[inventory::Fold(order.supplier)];
    if (gathered.supplier.supplier.empty()) gathered.supplier.supplier = order.supplier;
    ++gathered.supplier.orders;
    for (const OrderLine& line : order.lines)
      AddLine(line, order.ordered, day, gathered.supplier, gathered.lead_times, gathered.slips);
  }
  std::vector<Punctuality> result;
  for (auto& [name, gathered] : by_name) {
    Punctuality& supplier = gathered.supplier;
    std::vector<Observation> late;
    int on_time = 0;
    for (const Slip& slip : gathered.slips) {
      late.push_back(slip.late);
      on_time += slip.late.days <= 0 ? 1 : 0;  // an open one is late by a day at least
    }
    supplier.on_time = WilsonShare(on_time, static_cast<int>(late.size()));
    supplier.slip = MedianOf(std::move(late));
    supplier.trend = TrendOf(gathered.slips);
    supplier.lead_time = MedianOf(std::move(gathered.lead_times));
    result.push_back(std::move(supplier));
  }
  return result;
}

}  // namespace parc::procurement
