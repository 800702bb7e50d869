#pragma once

#include "parc/v1/forecasts.pb.h"
#include "parc/v1/reports.pb.h"

// A forecast as it could have been made on 20 March 2020, by simple arithmetic instead of a
// simulation: enough for everything that is drawn and said about one.
namespace parc::client {

v1::Forecast SampleForecast();
v1::ScenarioComparison SampleComparison();
v1::OrderPlan SamplePlan();
v1::BacktestResult SampleBacktest();
v1::PastForecast SamplePastForecast();
v1::FlashReport SampleReport();

google::type::Date Date(int year, int month, int day);

}  // namespace parc::client
