#include "daemon/forecast/forecast.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "daemon/forecast/simulation.h"
#include "daemon/forecast/summary.h"
#include "daemon/forecast/sweep.h"
#include "daemon/inventory/try.h"

namespace parc::forecast {
namespace {

std::vector<PastDay> PastOf(const Model& model) {
  std::vector<PastDay> past;
  for (std::size_t i = 0; i < model.counts.size(); ++i) {
    past.push_back({model.facts.DateOf(model.counts.first + static_cast<int>(i)),
                    model.counts.equipped[i], model.counts.in_need[i]});
  }
  past.back().equipped = model.now.equipped;  // states are surer than who held what
  past.back().in_need = model.now.in_need;
  return past;
}

void FillHeader(const Model& model, Result& result) {
  result.as_of = model.facts.as_of;
  result.equipped_now = model.now.equipped;
  result.in_need_now = model.now.in_need;
  result.in_stock_now = std::max(0, model.now.stock - model.inputs.preparation.reserve_stock);
  for (const LineFacts& line : model.facts.lines)
    if (line.ordered <= 0) result.on_order_now += line.open;
  result.past = PastOf(model);
  result.inputs_hash = InputsHash(model.inputs);
  result.model_version = kModelVersion;
  result.seed = model.seed;
  result.paths = model.inputs.paths;
}

void NameBottleneck(const Model& model, const Outcome& outcome, Result& result) {
  const double days = outcome.supply_days + outcome.preparation_days;
  if (days <= 0 || model.now.in_need == 0) return;  // a few hires to come are no bottleneck
  const bool supply = outcome.supply_days >= outcome.preparation_days;
  result.bottleneck = supply ? Bottleneck::kSupply : Bottleneck::kPreparation;
  result.bottleneck_share = std::max(outcome.supply_days, outcome.preparation_days) / days;
}

// What the first target gains when a line keeps its promise, and loses when it never comes.
absl::Status ValueLines(const Model& model, const Effort& effort, const Run& run, Result& result) {
  if (result.targets.empty() || result.targets.front().in_the_past) return absl::OkStatus();
  const Target& target = model.inputs.targets.front();
  const double base = result.targets.front().probability;
  const int count = std::min(effort.line_values, static_cast<int>(result.lines.size()));
  Sweep sweep(model, model.inputs.scenario, target);
  for (int i = 0; i < count; ++i) {
    Line& line = result.lines[static_cast<std::size_t>(i)];
    const auto known = std::find_if(model.facts.lines.begin(), model.facts.lines.end(),
                                    [&](const LineFacts& facts) { return facts.id == line.id; });
    if (known == model.facts.lines.end()) continue;  // the scenario's own
    Scenario expedited = model.inputs.scenario, cancelled = model.inputs.scenario;
    expedited.expedited_lines.push_back(line.id);
    cancelled.cancelled_lines.push_back(line.id);
    PARC_ASSIGN(const double sooner, sweep.Probability(expedited, run));
    PARC_ASSIGN(const double never, sweep.Probability(cancelled, run));
    line.value_of_expediting = sooner - base;
    line.value_at_risk = base - never;
    if (run.progress) run.progress(0.5 + 0.5 * (i + 1) / count);
  }
  std::stable_sort(result.lines.begin(), result.lines.end(), [](const Line& a, const Line& b) {
    return std::tuple(-a.value_at_risk.value_or(0), -a.open, a.id) <
           std::tuple(-b.value_at_risk.value_or(0), -b.open, b.id);
  });
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Result> ForecastWith(const Model& model, const Scenario& scenario,
                                    const Effort& effort, const Run& run, Counts* reached) {
  Run first = run;
  if (run.progress && effort.line_values > 0)
    first.progress = [&run](double share) { run.progress(share / 2); };
  PARC_ASSIGN(Outcome outcome,
              Simulate(model, scenario, model.inputs.targets, Detail::kAll, first));
  Result result;
  FillHeader(model, result);
  result.days = DaysOf(model, outcome);
  result.months = MonthsOf(model, outcome);
  result.lines = LinesOf(model, outcome);
  result.targets = TargetsOf(model, outcome, model.inputs.targets);
  NameBottleneck(model, outcome, result);
  result.warnings = WarningsOf(model, outcome, result.targets);
  if (effort.line_values > 0) PARC_TRY(ValueLines(model, effort, run, result));
  if (reached != nullptr) *reached = std::move(outcome.reached);
  return result;
}

absl::StatusOr<Result> Forecast(const Inputs& inputs, const Effort& effort, const Run& run) {
  PARC_TRY(Validate(inputs));
  const Model model(inputs);
  return ForecastWith(model, inputs.scenario, effort, run);
}

}  // namespace parc::forecast
