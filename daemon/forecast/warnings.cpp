#include <algorithm>
#include <cmath>
#include <set>

#include "daemon/forecast/summary.h"

namespace parc::forecast {
namespace {

constexpr int kThinLines = 8;
constexpr int kPooledLines = 5;
constexpr int kShortRecordsDays = 90;
constexpr int kStaleDays = 30;
constexpr double kUndercoverage = 0.7;

class Warnings {
 public:
  void Add(WarningCode code, std::string subject = {}, double value = 0) {
    list_.push_back({code, std::move(subject), value});
  }
  std::vector<Warning> Take() { return std::move(list_); }

 private:
  std::vector<Warning> list_;
};

void WarnOfHistory(const Model& model, const Outcome& outcome, Warnings& warnings) {
  const DeliveryModel& delivery = model.delivery;
  if (!outcome.lines.empty() && delivery.lines_delivered() < kThinLines)
    warnings.Add(WarningCode::kThinHistory, {}, delivery.lines_delivered());
  std::set<std::string> suppliers;
  for (const LineFacts& line : outcome.lines) suppliers.insert(line.supplier);
  for (const std::string& supplier : suppliers) {
    const int lines = delivery.LinesOf(supplier);
    if (lines == 0)
      warnings.Add(WarningCode::kSupplierUnseen, supplier);
    else if (lines < kPooledLines)
      warnings.Add(WarningCode::kSupplierPooled, supplier, lines);
  }
  if (-model.facts.since < kShortRecordsDays)
    warnings.Add(WarningCode::kRecordsTooShort, {}, -model.facts.since);
  const DeliveryModel::Regime regime = delivery.CurrentRegime();
  if (regime.deviations > 2 && std::abs(std::log(regime.multiple)) > 0.25)
    warnings.Add(WarningCode::kRegimeChange, {}, regime.multiple);
}

void WarnOfLines(const Model& model, const Outcome& outcome, Warnings& warnings) {
  for (const LineFacts& line : outcome.lines) {
    const LineState state = StateOn(line, 0);
    const bool stale = state.promised <= -kStaleDays && state.announced <= state.promised;
    if (stale) warnings.Add(WarningCode::kStalePromise, line.id, -state.promised);
  }
  std::vector<const OrderLine*> lines;
  for (const OrderLine& line : model.inputs.lines) lines.push_back(&line);
  std::sort(lines.begin(), lines.end(),
            [](const OrderLine* a, const OrderLine* b) { return a->id < b->id; });
  int ordered = 0, cancelled = 0;
  for (const OrderLine* line : lines) {
    const bool contradicts =
        std::any_of(line->promises.begin(), line->promises.end(),
                    [&](const Promise& p) { return p.promised < line->ordered; });
    if (contradicts) warnings.Add(WarningCode::kPromiseBeforeOrder, line->id);
    int received = 0, given_up = 0;
    for (const Delivery& delivery : line->deliveries) received += delivery.quantity;
    for (const Cancellation& row : line->cancellations) given_up += row.quantity;
    if (received + std::min(given_up, line->quantity) > line->quantity && received > 0)
      warnings.Add(WarningCode::kOverDelivered, line->id,
                   received + std::min(given_up, line->quantity) - line->quantity);
    ordered += 1;
    cancelled += received == 0 && given_up >= line->quantity ? 1 : 0;
  }
  if (ordered > 0 && cancelled == ordered) warnings.Add(WarningCode::kAllCancelled);
  if (outcome.lines.empty()) warnings.Add(WarningCode::kNoOpenOrder);
}

// Laptops missing for the first target that is still to come, even if everything on order arrives.
void WarnOfGap(const Model& model, const Outcome& outcome, Warnings& warnings) {
  const auto next = std::find_if(model.inputs.targets.begin(), model.inputs.targets.end(),
                                 [&](const Target& t) { return t.date > model.facts.as_of; });
  if (next == model.inputs.targets.end()) return;
  int need = model.now.in_need;
  const int last = std::min(outcome.horizon, model.facts.DayOf(next->date));
  for (int day = 1; day <= last; ++day) {
    const std::size_t at = static_cast<std::size_t>(day);
    need += model.now.arrivals[at] - model.now.leavers_equipped[at] - model.now.leavers_other[at];
  }
  int laptops = model.now.equipped + model.now.in_repair +
                std::max(0, model.now.stock - model.inputs.preparation.reserve_stock);
  for (const LineFacts& line : outcome.lines) laptops += line.open;
  const double missing = std::ceil(next->ratio * need - 1e-9) - laptops;
  if (missing > 0) warnings.Add(WarningCode::kOpenOrdersLessThanGap, next->id, missing);
}

}  // namespace

std::vector<Warning> WarningsOf(const Model& model, const Outcome& outcome,
                                const std::vector<TargetOutlook>& targets) {
  Warnings warnings;
  WarnOfHistory(model, outcome, warnings);
  if (!model.inputs.preparation.capacity_per_day) warnings.Add(WarningCode::kNoCapacitySet);
  if (model.now.in_need == 0) warnings.Add(WarningCode::kNobodyInNeed);
  for (const TargetOutlook& target : targets) {
    if (target.in_the_past)
      warnings.Add(WarningCode::kTargetInThePast, target.id);
    else if (target.reached_now)
      warnings.Add(WarningCode::kTargetReached, target.id);
    if (model.facts.DayOf(target.date) > kLongestHorizon)
      warnings.Add(WarningCode::kTargetFarAhead, target.id);
  }
  WarnOfLines(model, outcome, warnings);
  WarnOfGap(model, outcome, warnings);
  const auto& measured = model.inputs.measured_coverage_80;
  if (measured && *measured < kUndercoverage)
    warnings.Add(WarningCode::kBacktestUndercovers, {}, *measured);
  return warnings.Take();
}

}  // namespace parc::forecast
