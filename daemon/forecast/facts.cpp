#include "daemon/forecast/facts.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "daemon/forecast/dice.h"
#include "fmt/format.h"

namespace parc::forecast {
namespace {

// One row a day, in order of days.
std::vector<Units> Merged(std::map<int, int> by_day) {
  std::vector<Units> units;
  for (const auto& [day, quantity] : by_day)
    if (quantity > 0) units.push_back({day, quantity});
  return units;
}

int Total(const std::vector<Units>& units) {
  int sum = 0;
  for (const Units& unit : units) sum += unit.quantity;
  return sum;
}

LineFacts RegularLine(const Facts& facts, const OrderLine& line) {
  LineFacts out;
  out.id = line.id;
  out.supplier = line.supplier;
  out.model = line.model;
  out.key = KeyOf(line.id);
  out.ordered = facts.DayOf(line.ordered);
  out.quantity = line.quantity;
  for (const Promise& promise : line.promises) {
    out.promises.push_back({std::max(facts.DayOf(promise.announced), out.ordered),
                            std::max(facts.DayOf(promise.promised), out.ordered)});
  }
  std::stable_sort(out.promises.begin(), out.promises.end(),
                   [](const PromiseFact& a, const PromiseFact& b) {
                     return std::pair(a.announced, a.promised) < std::pair(b.announced, b.promised);
                   });
  for (const Shipment& shipment : line.shipments)
    out.shipped.push_back(facts.DayOf(shipment.announced));
  std::sort(out.shipped.begin(), out.shipped.end());
  std::map<int, int> delivered, cancelled;
  for (const Delivery& delivery : line.deliveries)
    delivered[facts.DayOf(delivery.day)] += delivery.quantity;
  for (const Cancellation& cancellation : line.cancellations)
    cancelled[facts.DayOf(cancellation.day)] += cancellation.quantity;
  out.deliveries = Merged(std::move(delivered));
  out.cancellations = Merged(std::move(cancelled));
  out.open = std::max(0, line.quantity - Total(out.deliveries) - Total(out.cancellations));
  return out;
}

// The first day on which anything is on record, when nobody said since when records are complete.
int FirstRecord(const Facts& facts, const Inputs& inputs) {
  int first = 0;
  for (const Assignment& assignment : inputs.assignments)
    first = std::min(first, facts.DayOf(assignment.from));
  for (const LineFacts& line : facts.lines) first = std::min(first, line.ordered);
  for (const Asset& asset : inputs.assets)
    if (asset.received) first = std::min(first, facts.DayOf(*asset.received));
  return first;
}

// What `supplier` usually promises, in days from order: the median of first promises.
int UsualPromise(const Facts& facts, std::string_view supplier) {
  std::vector<int> own, all;
  for (const LineFacts& line : facts.lines) {
    if (line.promises.empty()) continue;
    const int days = line.promises.front().promised - line.ordered;
    all.push_back(days);
    if (line.supplier == supplier) own.push_back(days);
  }
  std::vector<int>& days = own.empty() ? all : own;
  if (days.empty()) return 45;
  const auto middle = days.begin() + static_cast<std::ptrdiff_t>(days.size() / 2);
  std::nth_element(days.begin(), middle, days.end());
  return *middle;
}

LineFacts AddedLine(const Facts& facts, const AddedOrder& added, std::size_t index) {
  LineFacts line;
  line.id = fmt::format("added-{}", index + 1);
  line.supplier = added.supplier;
  line.model = added.model;
  line.key = KeyOf(line.id);
  line.ordered = facts.DayOf(added.ordered);
  line.quantity = line.open = added.quantity;
  const int promised = added.promised ? std::max(facts.DayOf(*added.promised), line.ordered)
                                      : line.ordered + UsualPromise(facts, added.supplier);
  line.promises.push_back({line.ordered, promised});
  return line;
}

}  // namespace

void ApplyToLines(const Scenario& scenario, Facts& facts) {
  const std::set<std::string_view> cancelled(scenario.cancelled_lines.begin(),
                                             scenario.cancelled_lines.end());
  const std::set<std::string_view> expedited(scenario.expedited_lines.begin(),
                                             scenario.expedited_lines.end());
  for (LineFacts& line : facts.lines) {
    if (cancelled.contains(line.id)) line.open = 0;
    line.expedited = expedited.contains(line.id);
  }
  const std::size_t known = facts.lines.size();
  for (std::size_t i = 0; i < scenario.added.size(); ++i)
    facts.lines.push_back(AddedLine(facts, scenario.added[i], i));
  std::stable_sort(facts.lines.begin() + static_cast<std::ptrdiff_t>(known), facts.lines.end(),
                   [](const LineFacts& a, const LineFacts& b) { return a.id < b.id; });
}

Facts Regularise(const Inputs& inputs) {
  Facts facts;
  facts.as_of = inputs.as_of;
  facts.horizon = inputs.horizon_days;
  for (const Target& target : inputs.targets)
    facts.horizon = std::max(facts.horizon, std::min(facts.DayOf(target.date), kLongestHorizon));
  for (const OrderLine& line : inputs.lines) facts.lines.push_back(RegularLine(facts, line));
  std::sort(facts.lines.begin(), facts.lines.end(),
            [](const LineFacts& a, const LineFacts& b) { return a.id < b.id; });
  facts.since =
      inputs.records_since ? facts.DayOf(*inputs.records_since) : FirstRecord(facts, inputs);
  return facts;
}

LineState StateOn(const LineFacts& line, int day) {
  LineState state{.open = line.quantity};
  int last_delivery = -kNoDay;
  for (const Units& delivery : line.deliveries) {
    if (delivery.day > day) break;
    state.open -= delivery.quantity;
    state.partly_delivered = true;
    last_delivery = delivery.day;
  }
  for (const Units& cancellation : line.cancellations)
    if (cancellation.day <= day) state.open -= cancellation.quantity;
  state.open = std::max(0, state.open);
  for (const PromiseFact& promise : line.promises) {
    if (promise.announced > std::max(day, line.ordered)) break;
    state.revisions += state.promised == kNoDay ? 0 : 1;
    state.promised = promise.promised;
    state.announced = promise.announced;
  }
  for (const int shipped : line.shipped)
    if (shipped <= day && shipped > last_delivery) state.shipped = true;
  return state;
}

}  // namespace parc::forecast
