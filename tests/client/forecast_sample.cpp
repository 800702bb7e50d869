#include "tests/client/forecast_sample.h"

#include <algorithm>
#include <cmath>

#include "client/render/forecast_words.h"

namespace parc::client {
namespace {

using render::DateOf;
using render::DayNumber;

constexpr int kNeeded = 900;
constexpr int kHorizon = 365;

void Fill(v1::Quantiles& q, double middle, double spread, double most) {
  const auto at = [&](double steps) { return std::round(std::min(most, middle + steps * spread)); };
  q.set_p05(at(-2.4));
  q.set_p10(at(-1.8));
  q.set_p25(at(-0.8));
  q.set_p50(at(0));
  q.set_p75(at(0.9));
  q.set_p90(at(2));
  q.set_p95(at(3));
}

// Equipped after `days`: 100 laptops around day 60, 80 more around day 200, fewer than are needed
// until then, and a little attrition.
double MedianAfter(int days) {
  const auto arrived = [days](double units, double middle, double width) {
    return units / (1 + std::exp((middle - days) / width));
  };
  return std::min<double>(kNeeded, 720 + arrived(100, 60, 9) + arrived(110, 200, 16) - 0.05 * days);
}

void AddDays(const google::type::Date& as_of, v1::Forecast& forecast) {
  const int today = DayNumber(as_of);
  for (int day = 1; day <= kHorizon; ++day) {
    v1::ForecastDay& row = *forecast.add_days();
    *row.mutable_date() = DateOf(today + day);
    Fill(*row.mutable_equipped(), MedianAfter(day), 1 + 14 * std::min(1.0, day / 120.0), kNeeded);
    row.set_needed_p50(kNeeded);
    row.set_equipped_as_promised(day < 52 ? 740 : day < 87 ? 840 : day < 194 ? 890 : kNeeded);
  }
  for (int before = 120; before >= 0; --before) {
    v1::ForecastPastDay& row = *forecast.add_past();
    *row.mutable_date() = DateOf(today - before);
    row.set_equipped(before > 4 ? 620 : 720 - 25 * before);
    row.set_needed(kNeeded);
  }
}

void AddMonths(v1::Forecast& forecast) {
  for (int i = 0; i < forecast.days_size(); ++i) {
    const v1::ForecastDay& day = forecast.days(i);
    const bool last = i + 1 == forecast.days_size();
    if (!last && forecast.days(i + 1).date().month() == day.date().month()) continue;
    v1::ForecastMonth& month = *forecast.add_months();
    *month.mutable_end_date() = day.date();
    month.set_needed_p50(kNeeded);
    *month.mutable_equipped() = day.equipped();
    Fill(*month.mutable_coverage(), 0, 0, 1);
    month.mutable_coverage()->set_p50(day.equipped().p50() / kNeeded);
    Fill(*month.mutable_arrivals(), static_cast<double>(12 + i / 30), 5, 60);
    month.set_attrition_p50(2);
    month.set_waiting_p50(kNeeded - day.equipped().p50());
    const double share = std::min(1.0, i / 330.0);
    month.set_reach_90(std::min(1.0, share * 2));
    month.set_reach_95(std::min(1.0, share * 1.5));
    month.set_reach_100(share * 0.8);
  }
}

v1::ForecastLine& AddLine(v1::Forecast& forecast, const std::string& name,
                          const std::string& supplier, int open,
                          const google::type::Date& promised) {
  v1::ForecastLine& line = *forecast.add_lines();
  line.set_name(name);
  line.set_supplier(supplier);
  line.set_model("Latitude 5400");
  line.set_open_quantity(open);
  *line.mutable_promised_date() = promised;
  *line.mutable_complete()->mutable_p10() = DateOf(DayNumber(promised) - 5);
  *line.mutable_complete()->mutable_p50() = DateOf(DayNumber(promised) + 21);
  *line.mutable_complete()->mutable_p90() = DateOf(DayNumber(promised) + 120);
  line.set_late(0.56);
  line.set_cancelled(0.031);
  line.set_value_of_expediting(0.042);
  line.set_value_at_risk(open > 20 ? 0.61 : 0.004);
  return line;
}

void AddWarning(v1::Forecast& forecast, const std::string& reason, const std::string& en,
                const std::string& fr) {
  v1::ForecastWarning& warning = *forecast.add_warnings();
  warning.set_reason(reason);
  warning.set_message_en(en);
  warning.set_message_fr(fr);
}

}  // namespace

google::type::Date Date(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

v1::Forecast SampleForecast() {
  v1::Forecast forecast;
  forecast.set_name("forecasts/5f0c2a9e41b7d386");
  *forecast.mutable_as_of_date() = Date(2020, 3, 20);
  forecast.set_filter("population = \"Siège\"");
  forecast.set_needed(kNeeded);
  forecast.set_equipped(720);
  forecast.set_in_stock(0);
  forecast.set_on_order(200);
  v1::TargetOutlook& target = *forecast.add_targets();
  target.mutable_target()->set_ratio(1);
  *target.mutable_target()->mutable_date() = Date(2020, 12, 31);
  target.set_probability(0.614);
  target.set_monte_carlo_error(0.011);
  *target.mutable_reached()->mutable_p10() = Date(2020, 11, 2);
  *target.mutable_reached()->mutable_p50() = Date(2020, 12, 14);
  *target.mutable_reached()->mutable_p90() = Date(2021, 3, 9);
  target.mutable_reached()->set_never(0.04);
  AddDays(forecast.as_of_date(), forecast);
  AddMonths(forecast);
  AddLine(forecast, "orders/2020-0031/lines/1", "Loire Équipement Numérique", 100,
          Date(2020, 5, 11))
      .set_revisions(1);
  AddLine(forecast, "orders/2020-0044/lines/1", "Bureautique du Val", 50, Date(2020, 6, 15));
  AddLine(forecast, "orders/2020-0012/lines/1", "Micro-Beauce", 20, Date(2020, 3, 9));
  forecast.set_bottleneck(v1::FORECAST_BOTTLENECK_SUPPLY);
  forecast.set_bottleneck_share(0.97);
  AddWarning(forecast, "NO_CAPACITY_SET",
             "No preparation capacity is set: hand-outs a day are taken from the records.",
             "Aucune capacité de préparation n'est fixée : les remises par jour viennent de "
             "l'historique.");
  forecast.set_inputs_hash("9a41c07be2d5f318");
  forecast.set_model_version("landmark-1");
  forecast.set_seed(11'114'222'333ULL);
  forecast.set_paths(2000);
  forecast.set_horizon_days(kHorizon);
  return forecast;
}

v1::ScenarioComparison SampleComparison() {
  v1::ScenarioComparison comparison;
  *comparison.mutable_base() = SampleForecast();
  *comparison.mutable_changed() = SampleForecast();
  v1::TargetOutlook& outlook = *comparison.mutable_changed()->mutable_targets(0);
  outlook.set_probability(0.871);
  *outlook.mutable_reached()->mutable_p50() = Date(2020, 10, 19);
  v1::TargetComparison& target = *comparison.add_targets();
  *target.mutable_target() = outlook.target();
  target.mutable_probability()->set_base(0.614);
  target.mutable_probability()->set_changed(0.871);
  target.mutable_probability()->set_change(0.257);
  target.mutable_probability()->set_monte_carlo_error(0.0098);
  target.mutable_probability()->set_real(true);
  target.mutable_median_day()->set_base(269);
  target.mutable_median_day()->set_changed(213);
  target.mutable_median_day()->set_change(-56);
  target.mutable_median_day()->set_monte_carlo_error(2.5);
  target.mutable_median_day()->set_real(true);
  *target.mutable_median_base_date() = Date(2020, 12, 14);
  *target.mutable_median_changed_date() = Date(2020, 10, 19);
  return comparison;
}

v1::OrderPlan SamplePlan() {
  v1::OrderPlan plan;
  *plan.mutable_as_of_date() = Date(2020, 3, 20);
  plan.mutable_target()->set_ratio(1);
  *plan.mutable_target()->mutable_date() = Date(2020, 12, 31);
  plan.set_confidence(0.9);
  *plan.mutable_order_date() = Date(2020, 3, 21);
  plan.set_probability_as_is(0.614);
  plan.set_needed(kNeeded);
  plan.set_equipped(720);
  v1::SupplierOption& first = *plan.add_options();
  first.set_supplier("Micro-Beauce");
  first.set_attainable(true);
  first.set_quantity(37);
  *first.mutable_latest_order_date() = Date(2020, 6, 3);
  first.set_probability(0.904);
  first.set_monte_carlo_error(0.0066);
  first.set_binding_cause(v1::BINDING_CAUSE_NONE);
  v1::SupplierOption& second = *plan.add_options();
  second.set_supplier("Bureautique du Val");
  second.set_quantity(80);
  second.set_probability(0.83);
  second.set_monte_carlo_error(0.008);
  second.set_binding_cause(v1::BINDING_CAUSE_LEAD_TIME);
  return plan;
}

v1::BacktestResult SampleBacktest() {
  v1::BacktestResult result;
  for (int i = 0; i < 24; ++i) {
    *result.add_origin_dates() = DateOf(DayNumber(Date(2018, 5, 1)) + 28 * i);
  }
  result.set_scored(610);
  struct Row {
    const char* method;
    double wis, in_50, in_80, in_90, brier, skill, brier_skill;
  };
  const Row rows[] = {{"parc", 0.0123, 0.52, 0.81, 0.9, 0.051, 0, 0},
                      {"promised", 0.0517, 0.02, 0.02, 0.02, 0.128, 0.762, 0.602},
                      {"linear", 0.0934, 0.01, 0.01, 0.01, 0.201, 0.868, 0.746},
                      {"average", 0.0389, 0.03, 0.03, 0.03, 0.112, 0.684, 0.545}};
  for (const Row& row : rows) {
    v1::MethodScores& scores = *result.add_methods();
    scores.set_method(row.method);
    scores.set_wis(row.wis);
    scores.set_coverage_50(row.in_50);
    scores.set_coverage_80(row.in_80);
    scores.set_coverage_90(row.in_90);
    scores.set_brier(row.brier);
    if (row.skill == 0) continue;
    scores.set_wis_skill(row.skill);
    scores.set_brier_skill(row.brier_skill);
  }
  return result;
}

v1::PastForecast SamplePastForecast() {
  const v1::Forecast forecast = SampleForecast();
  v1::PastForecast past;
  past.set_name(forecast.name());
  *past.mutable_as_of_date() = forecast.as_of_date();
  past.set_filter(forecast.filter());
  *past.mutable_target() = forecast.targets(0).target();
  past.set_probability(0.614);
  *past.mutable_median_date() = Date(2020, 12, 14);
  for (int i = 6; i < 40; i += 7) {
    v1::PastForecastDay& day = *past.add_days();
    *day.mutable_date() = forecast.days(i).date();
    *day.mutable_equipped() = forecast.days(i).equipped();
    if (i < 30) day.set_actual_equipped(i < 14 ? 722 : 790);
  }
  past.set_scored(4);
  return past;
}

v1::FlashReport SampleReport() {
  v1::FlashReport report;
  *report.mutable_month() = Date(2020, 4, 0);
  *report.mutable_as_of_date() = Date(2020, 4, 30);
  report.set_filter("population = \"Siège\"");
  v1::Coverage& total = *report.mutable_status()->mutable_total();
  total.set_needed(kNeeded);
  total.set_equipped(724);
  total.set_ready(655);
  total.set_waiting(176);
  v1::Stock& stock = *report.mutable_status()->mutable_stock();
  stock.set_in_stock(3);
  stock.set_preparing(2);
  stock.set_prepared(11);
  stock.set_assigned(812);
  stock.set_in_repair(9);
  stock.set_stolen(2);
  stock.set_retired(15);
  stock.set_on_order(180);
  stock.set_ready(655);
  stock.set_degraded(60);
  stock.set_not_ready(31);
  stock.set_unknown(12);
  stock.set_stale(54);
  v1::Alert& alert = *report.mutable_status()->add_alerts();
  alert.set_message_en("1 order is later than promised");
  alert.set_message_fr("1 commande en retard sur la date promise");
  for (int i = 0; i < 13; ++i) {
    v1::CoverageAt& at = *report.add_trend();
    *at.mutable_date() = DateOf(DayNumber(Date(2020, 4, 30)) - 30 * (12 - i));
    at.set_needed(kNeeded);
    at.set_equipped(i < 11 ? 600 + 2 * i : 724 - 2 * (12 - i));
    at.set_ready(i < 11 ? 0 : 655 - 40 * (12 - i));
  }
  *report.mutable_forecast() = SampleForecast();
  report.mutable_forecast()->clear_name();
  v1::LateLine& late = *report.add_late_lines();
  late.set_name("orders/2020-0012/lines/1");
  late.set_supplier("Micro-Beauce <Fils & Cie>");
  late.set_model("ThinkPad");
  late.set_open_quantity(20);
  *late.mutable_promised_date() = Date(2020, 3, 9);
  late.set_days_late(52);
  v1::ReadinessCause& cause = *report.add_readiness_causes();
  cause.set_check("vpn-client-installed");
  cause.set_title_en("A VPN client is installed");
  cause.set_title_fr("Un client VPN est installé");
  cause.set_laptops(21);
  cause.set_blocks(true);
  report.set_readiness_causes_known(true);
  return report;
}

}  // namespace parc::client
