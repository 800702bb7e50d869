#pragma once

#include <string>

#include "client/render/status_screen.h"
#include "parc/v1/forecasts.pb.h"

// Answers about the future for a terminal.
namespace parc::client::render {

// Headline, fan, months, lines, warnings, and what makes it reproducible.
std::string ForecastScreen(const v1::Forecast& forecast, const ScreenOptions& options);

// The parts of it.
std::string MonthTable(const v1::Forecast& forecast, const ScreenOptions& options);
std::string LineTable(const v1::Forecast& forecast, const ScreenOptions& options);
// One line each; empty when there are none.
std::string WarningLines(const google::protobuf::RepeatedPtrField<v1::ForecastWarning>& warnings,
                         const ScreenOptions& options);

// What a scenario changes. A difference below two standard errors is told as none.
std::string ComparisonScreen(const v1::ScenarioComparison& comparison,
                             const ScreenOptions& options);

// What to order, from whom, by when.
std::string PlanScreen(const v1::OrderPlan& plan, const ScreenOptions& options);

// Parc's scores on the user's own history beside those of three habits.
std::string BacktestScreen(const v1::BacktestResult& result, const ScreenOptions& options);

// One kept forecast, week by week, against what happened.
std::string PastForecastScreen(const v1::PastForecast& forecast, const ScreenOptions& options);

}  // namespace parc::client::render
