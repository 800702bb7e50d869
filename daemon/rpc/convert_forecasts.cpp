#include "daemon/rpc/convert_forecasts.h"

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_fleet.h"
#include "daemon/rpc/forecast_words.h"
#include "fmt/format.h"

namespace parc::rpc {
namespace {

using inventory::CivilDate;
using rpc::ToProto;  // of dates: the functions below would hide them

parc::v1::Quantiles QuantilesToProto(const forecast::Quantiles& quantiles) {
  parc::v1::Quantiles wire;
  wire.set_p05(quantiles[forecast::kP05]);
  wire.set_p10(quantiles[forecast::kP10]);
  wire.set_p25(quantiles[forecast::kP25]);
  wire.set_p50(quantiles[forecast::kP50]);
  wire.set_p75(quantiles[forecast::kP75]);
  wire.set_p90(quantiles[forecast::kP90]);
  wire.set_p95(quantiles[forecast::kP95]);
  return wire;
}

parc::v1::DateQuantiles DatesToProto(const forecast::DateQuantiles& dates) {
  parc::v1::DateQuantiles wire;
  if (dates.p10) *wire.mutable_p10() = ToProto(*dates.p10);
  if (dates.p25) *wire.mutable_p25() = ToProto(*dates.p25);
  if (dates.p50) *wire.mutable_p50() = ToProto(*dates.p50);
  if (dates.p75) *wire.mutable_p75() = ToProto(*dates.p75);
  if (dates.p90) *wire.mutable_p90() = ToProto(*dates.p90);
  wire.set_never(dates.never);
  return wire;
}

parc::v1::TargetOutlook OutlookToProto(const forecast::TargetOutlook& outlook) {
  parc::v1::TargetOutlook wire;
  *wire.mutable_target() =
      ToProto(forecast::Target{.id = outlook.id, .date = outlook.date, .ratio = outlook.ratio});
  wire.set_probability(outlook.probability);
  wire.set_monte_carlo_error(outlook.monte_carlo_error);
  *wire.mutable_reached() = DatesToProto(outlook.reached);
  wire.set_in_the_past(outlook.in_the_past);
  wire.set_reached_now(outlook.reached_now);
  return wire;
}

parc::v1::ForecastMonth MonthToProto(const forecast::Month& month) {
  parc::v1::ForecastMonth wire;
  *wire.mutable_end_date() = ToProto(month.end);
  wire.set_needed_p50(month.in_need_p50);
  *wire.mutable_equipped() = QuantilesToProto(month.equipped);
  *wire.mutable_coverage() = QuantilesToProto(month.coverage);
  *wire.mutable_arrivals() = QuantilesToProto(month.arrivals);
  wire.set_attrition_p50(month.attrition_p50);
  wire.set_waiting_p50(month.waiting_p50);
  wire.set_reach_90(month.reach_90);
  wire.set_reach_95(month.reach_95);
  wire.set_reach_100(month.reach_100);
  return wire;
}

// "REFERENCE/1" → "orders/REFERENCE/lines/1"; a line that a scenario adds has no slash.
std::string LineNameOf(std::string_view id) {
  return id.find('/') == std::string_view::npos ? std::string(id) : OrderLineName(id);
}

parc::v1::ForecastLine LineToProto(const forecast::Line& line) {
  parc::v1::ForecastLine wire;
  wire.set_name(LineNameOf(line.id));
  wire.set_supplier(line.supplier);
  wire.set_model(line.model);
  wire.set_open_quantity(line.open);
  if (line.promised) *wire.mutable_promised_date() = ToProto(*line.promised);
  wire.set_revisions(line.revisions);
  *wire.mutable_complete() = DatesToProto(line.complete);
  wire.set_late(line.late);
  wire.set_cancelled(line.cancelled);
  if (line.value_of_expediting) wire.set_value_of_expediting(*line.value_of_expediting);
  if (line.value_at_risk) wire.set_value_at_risk(*line.value_at_risk);
  return wire;
}

parc::v1::ForecastBottleneck BottleneckToProto(forecast::Bottleneck bottleneck) {
  switch (bottleneck) {
    case forecast::Bottleneck::kNone:
      return parc::v1::FORECAST_BOTTLENECK_NONE;
    case forecast::Bottleneck::kSupply:
      return parc::v1::FORECAST_BOTTLENECK_SUPPLY;
    case forecast::Bottleneck::kPreparation:
      return parc::v1::FORECAST_BOTTLENECK_PREPARATION;
  }
  return parc::v1::FORECAST_BOTTLENECK_UNSPECIFIED;
}

parc::v1::BindingCause CauseToProto(forecast::BindingCause cause) {
  switch (cause) {
    case forecast::BindingCause::kNone:
      return parc::v1::BINDING_CAUSE_NONE;
    case forecast::BindingCause::kLeadTime:
      return parc::v1::BINDING_CAUSE_LEAD_TIME;
    case forecast::BindingCause::kPreparation:
      return parc::v1::BINDING_CAUSE_PREPARATION;
    case forecast::BindingCause::kQuantity:
      return parc::v1::BINDING_CAUSE_QUANTITY;
  }
  return parc::v1::BINDING_CAUSE_UNSPECIFIED;
}

parc::v1::Difference DifferenceToProto(const forecast::Difference& difference) {
  parc::v1::Difference wire;
  wire.set_base(difference.base);
  wire.set_changed(difference.changed);
  wire.set_change(difference.change);
  wire.set_monte_carlo_error(difference.monte_carlo_error);
  wire.set_real(difference.real);
  return wire;
}

}  // namespace

parc::v1::ForecastTarget ToProto(const forecast::Target& target) {
  parc::v1::ForecastTarget wire;
  wire.set_ratio(target.ratio);
  *wire.mutable_date() = ToProto(target.date);
  wire.set_id(target.id);
  return wire;
}

void PutWarnings(const std::vector<forecast::Warning>& warnings,
                 google::protobuf::RepeatedPtrField<parc::v1::ForecastWarning>& wire) {
  for (const forecast::Warning& warning : warnings) {
    WarningWords words = WordsOf(warning);
    auto* to = wire.Add();
    to->set_reason(std::string(forecast::ToString(warning.code)));
    to->set_subject(warning.subject);
    to->set_value(warning.value);
    to->set_message_en(std::move(words.en));
    to->set_message_fr(std::move(words.fr));
  }
}

parc::v1::Forecast ToProto(const forecast::Result& result, const fleet::ForecastQuestion& question,
                           std::string_view name) {
  parc::v1::Forecast wire;
  wire.set_name(std::string(name));
  *wire.mutable_as_of_date() = ToProto(result.as_of);
  if (question.moment.known_at) {
    *wire.mutable_known_at_time() = TimeToProto(*question.moment.known_at);
  }
  wire.set_filter(question.people);
  wire.set_needed(result.in_need_now);
  wire.set_equipped(result.equipped_now);
  wire.set_in_stock(result.in_stock_now);
  wire.set_on_order(result.on_order_now);
  for (const auto& target : result.targets) *wire.add_targets() = OutlookToProto(target);
  for (const forecast::PastDay& day : result.past) {
    auto* to = wire.add_past();
    *to->mutable_date() = ToProto(day.day);
    to->set_equipped(day.equipped);
    to->set_needed(day.in_need);
  }
  for (const forecast::Day& day : result.days) {
    auto* to = wire.add_days();
    *to->mutable_date() = ToProto(day.day);
    *to->mutable_equipped() = QuantilesToProto(day.equipped);
    to->set_needed_p50(day.in_need[forecast::kP50]);
    to->set_equipped_as_promised(day.as_promised);
  }
  for (const auto& month : result.months) *wire.add_months() = MonthToProto(month);
  for (const auto& line : result.lines) *wire.add_lines() = LineToProto(line);
  wire.set_bottleneck(BottleneckToProto(result.bottleneck));
  wire.set_bottleneck_share(result.bottleneck_share);
  PutWarnings(result.warnings, *wire.mutable_warnings());
  wire.set_inputs_hash(result.inputs_hash);
  wire.set_model_version(result.model_version);
  wire.set_seed(result.seed);
  wire.set_paths(result.paths);
  wire.set_horizon_days(static_cast<int>(result.days.size()));
  return wire;
}

parc::v1::ScenarioComparison ToProto(const forecast::Comparison& comparison,
                                     const fleet::ForecastQuestion& question) {
  parc::v1::ScenarioComparison wire;
  *wire.mutable_base() = ToProto(comparison.base, question, "");
  *wire.mutable_changed() = ToProto(comparison.changed, question, "");
  for (std::size_t i = 0; i < comparison.targets.size(); ++i) {
    const forecast::TargetComparison& target = comparison.targets[i];
    auto* to = wire.add_targets();
    *to->mutable_target() = wire.base().targets(static_cast<int>(i)).target();
    *to->mutable_probability() = DifferenceToProto(target.probability);
    if (target.median_day) *to->mutable_median_day() = DifferenceToProto(*target.median_day);
    if (target.median_base) *to->mutable_median_base_date() = ToProto(*target.median_base);
    if (target.median_changed) *to->mutable_median_changed_date() = ToProto(*target.median_changed);
  }
  return wire;
}

parc::v1::SupplierOption ToProto(const forecast::SupplierOption& option) {
  parc::v1::SupplierOption wire;
  wire.set_supplier(option.supplier);
  wire.set_attainable(option.attainable);
  wire.set_quantity(option.quantity);
  if (option.latest_order) *wire.mutable_latest_order_date() = ToProto(*option.latest_order);
  wire.set_probability(option.probability);
  wire.set_monte_carlo_error(option.monte_carlo_error);
  wire.set_binding_cause(CauseToProto(option.binding));
  return wire;
}

parc::v1::BacktestResult ToProto(const forecast::Backtest& backtest) {
  parc::v1::BacktestResult wire;
  for (const CivilDate& origin : backtest.origins) *wire.add_origin_dates() = ToProto(origin);
  wire.set_scored(backtest.scored);
  for (std::size_t i = 0; i < backtest.scores.size(); ++i) {
    const forecast::Scores& scores = backtest.scores[i];
    auto* to = wire.add_methods();
    to->set_method(scores.method);
    to->set_wis(scores.wis);
    to->set_coverage_50(scores.coverage_50);
    to->set_coverage_80(scores.coverage_80);
    to->set_coverage_90(scores.coverage_90);
    to->set_brier(scores.brier);
    if (i == 0) continue;  // Parc against itself: skills are against the habits alone
    const std::size_t habit = i - 1;
    if (habit < backtest.wis_skill.size() && backtest.wis_skill[habit])
      to->set_wis_skill(*backtest.wis_skill[habit]);
    if (habit < backtest.brier_skill.size() && backtest.brier_skill[habit])
      to->set_brier_skill(*backtest.brier_skill[habit]);
  }
  return wire;
}

parc::v1::PastForecast ToProto(const fleet::PastForecast& past) {
  const forecast::KeptForecast& made = past.made;
  parc::v1::PastForecast wire;
  wire.set_name(NameOf("forecasts", made.id));
  *wire.mutable_as_of_date() = ToProto(made.as_of);
  if (made.known_at) *wire.mutable_known_at_time() = TimeToProto(*made.known_at);
  *wire.mutable_create_time() = TimeToProto(made.created);
  wire.set_actor(made.actor);
  wire.set_filter(made.people);
  wire.mutable_target()->set_ratio(made.target_ratio);
  *wire.mutable_target()->mutable_date() = ToProto(made.target_date);
  wire.set_probability(made.probability);
  if (made.median_date) *wire.mutable_median_date() = ToProto(*made.median_date);
  wire.set_inputs_hash(made.inputs_hash);
  wire.set_model_version(made.model_version);
  wire.set_seed(made.seed);
  wire.set_paths(made.paths);
  wire.set_horizon_days(made.horizon_days);
  wire.set_scored(past.scored);
  wire.set_wis(past.wis);
  wire.set_coverage_50(past.inside_50);
  wire.set_coverage_80(past.inside_80);
  wire.set_coverage_90(past.inside_90);
  if (past.reached) {
    wire.set_outcome(*past.reached ? parc::v1::FORECAST_OUTCOME_REACHED
                                   : parc::v1::FORECAST_OUTCOME_MISSED);
  }
  if (past.reached_on) *wire.mutable_reached_date() = ToProto(*past.reached_on);
  for (std::size_t i = 0; i < made.days.size(); ++i) {
    auto* to = wire.add_days();
    *to->mutable_date() = ToProto(made.days[i].day);
    *to->mutable_equipped() = QuantilesToProto(made.days[i].equipped);
    if (past.equipped[i]) to->set_actual_equipped(*past.equipped[i]);
  }
  return wire;
}

parc::v1::FlashReport ToProto(const fleet::FlashFigures& figures) {
  parc::v1::FlashReport wire;
  *wire.mutable_as_of_date() = ToProto(figures.as_of);
  *wire.mutable_status() = ToProto(figures.status);
  for (const fleet::CoverageAt& at : figures.trend) {
    auto* to = wire.add_trend();
    *to->mutable_date() = ToProto(at.day);
    to->set_needed(at.total.needed);
    to->set_equipped(at.total.equipped);
    to->set_ready(at.total.ready);
  }
  for (const fleet::LateLine& line : figures.late_lines) {
    auto* to = wire.add_late_lines();
    to->set_name(OrderLineName(line.name));
    to->set_supplier(line.supplier);
    to->set_model(line.model);
    to->set_open_quantity(line.open);
    *to->mutable_promised_date() = ToProto(line.promised);
    to->set_days_late(line.days_late);
    to->set_revisions(line.revisions);
  }
  wire.set_readiness_causes_known(figures.causes_known);
  for (const fleet::ReadinessCause& cause : figures.causes) {
    auto* to = wire.add_readiness_causes();
    to->set_check(cause.check);
    to->set_title_en(cause.title_en);
    to->set_title_fr(cause.title_fr);
    to->set_laptops(cause.laptops);
    to->set_blocks(cause.blocks);
  }
  return wire;
}

}  // namespace parc::rpc
