#include "daemon/forecast/landmarks.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace parc::forecast {
namespace {

constexpr int kEveryDays = 21;
constexpr int kFarDays = 120;
constexpr double kHalfLifeDays = 270;  // of what a cancellation says about the present
constexpr int kUnpromisedDays = 60;    // from an order without a promise until it is late
constexpr int kFreshDays = 21;
constexpr std::size_t kMostLandmarksOfALine = 24;

// Landmarks of one line say much the same: each of k weighs k^-0.5.
constexpr double kRedundancy = 0.5;

// The days on which a line is looked at: its order, then every 21 days while something is open.
std::vector<int> LandmarkDays(const Facts& facts, const LineFacts& line) {
  std::vector<int> days;
  int day = line.ordered;
  while (day < facts.since) day += kEveryDays;
  for (; day < 0 && days.size() < kMostLandmarksOfALine; day += kEveryDays) {
    if (StateOn(line, day).open == 0) break;
    days.push_back(day);
  }
  return days;
}

// When the open remainder of a line was last seen open.
int LastSeenOpen(const LineFacts& line) {
  if (line.open > 0 || line.cancellations.empty()) return 0;
  return line.cancellations.back().day;
}

// The lots that came after `day`, each with its share of what was open, then the remainder.
void AddLots(const LineFacts& line, int day, int open, double weight, Observation row,
             LandmarkData& data) {
  int left = open;
  int lots = 0;
  for (const Units& delivery : line.deliveries) {
    if (delivery.day <= day || left == 0) continue;
    const int units = std::min(left, delivery.quantity);
    left -= units;
    ++lots;
    row.to = delivery.day;
    row.censored = false;
    row.weight = weight * units / open;
    data.observations.push_back(row);
  }
  if (left > 0 && LastSeenOpen(line) > day) {
    row.to = LastSeenOpen(line);
    row.censored = true;
    row.weight = weight * left / open;
    data.observations.push_back(row);
  } else if (day == line.ordered && lots > 0) {
    data.lots.push_back({std::log(static_cast<float>(open)), lots});
  }
}

// Days that count as seen at as_of, of those after `from` until `to`.
double WeightedDays(int from, int to) {
  const double rate = std::numbers::ln2 / kHalfLifeDays;
  return to > from ? (std::exp(rate * to) - std::exp(rate * from)) / rate : 0;
}

void AddCancellations(const Facts& facts, const LineFacts& line, LandmarkData& data) {
  const int from = std::max(line.ordered, facts.since);
  int until = line.open > 0 ? 0 : from;
  if (!line.deliveries.empty()) until = std::max(until, line.deliveries.back().day);
  if (!line.cancellations.empty()) until = std::max(until, line.cancellations.back().day);
  const int late = std::clamp(LateFrom(line), from, std::max(from, until));
  data.open_days[0] += WeightedDays(from, late);
  data.open_days[1] += WeightedDays(late, until);
  for (const Units& cancellation : line.cancellations) {
    if (cancellation.day < facts.since) continue;
    data.cancellations[cancellation.day > LateFrom(line) ? 1 : 0] +=
        std::exp2(cancellation.day / kHalfLifeDays);
    const int before = StateOn(line, cancellation.day - 1).open;
    data.cancelled_units += std::min(before, cancellation.quantity);
    data.cancellable_units += before;
  }
}

}  // namespace

Covariates CovariatesOf(const LineFacts& line, const LineState& state, int day) {
  Covariates x{};
  x[kIntercept] = 1;
  const bool promised = state.promised != kNoDay;
  const int left = promised ? state.promised - day : 45;
  x[kPromised] = std::log((std::max(0, left) + 5) / 50.0);
  x[kOverdue] = left < 0 ? 1 : 0;
  x[kOverdueDays] = std::log1p(std::max(0, -left) / 10.0);
  x[kElapsed] = std::log1p((day - line.ordered) / 30.0);
  x[kRevisions] = std::log1p(state.revisions);
  x[kFreshRevision] = state.revisions > 0 && day - state.announced <= kFreshDays ? 1 : 0;
  x[kPartly] = state.partly_delivered ? 1 : 0;
  x[kShipped] = state.shipped ? 1 : 0;
  x[kFar] = std::log(std::max(1.0, (left + 5.0) / (kFarDays + 5)));
  const int heard = promised ? std::max(state.announced, line.ordered) : line.ordered;
  x[kSilence] = std::log1p(std::max(0, day - heard) / 30.0);
  x[kNoPromise] = promised ? 0 : 1;
  x[kSize] = std::log(std::max(1, line.quantity) / 30.0);
  return x;
}

int LateFrom(const LineFacts& line) {
  return line.promises.empty() ? line.ordered + kUnpromisedDays : line.promises.front().promised;
}

Groups GroupsOf(const Facts& facts) {
  Groups groups;
  for (const LineFacts& line : facts.lines) {
    groups.suppliers.emplace(line.supplier, 0);
    groups.models.emplace(line.model, 0);
  }
  std::size_t next = 0;
  for (auto& [name, number] : groups.suppliers) number = next++;
  next = 0;
  for (auto& [name, number] : groups.models) number = next++;
  return groups;
}

LandmarkData Landmarks(const Facts& facts, const Groups& groups) {
  LandmarkData data;
  for (const LineFacts& line : facts.lines) {
    if (line.ordered > 0 || line.quantity == 0) continue;
    AddCancellations(facts, line, data);
    const std::vector<int> days = LandmarkDays(facts, line);
    if (days.empty()) continue;
    const double weight = std::pow(static_cast<double>(days.size()), -kRedundancy);
    Observation row;
    row.supplier = groups.suppliers.find(line.supplier)->second;
    row.model = groups.models.find(line.model)->second;
    for (const int day : days) {
      const LineState state = StateOn(line, day);
      row.covariates = CovariatesOf(line, state, day);
      row.from = day;
      row.landmark = data.landmarks++;
      AddLots(line, day, state.open, weight, row, data);
    }
    if (!line.deliveries.empty() && line.deliveries.back().day > days.front())
      data.lines_delivered += 1;
  }
  return data;
}

}  // namespace parc::forecast
