#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/fleet/flash.h"
#include "daemon/fleet/forecasts.h"
#include "daemon/forecast/forecast.h"
#include "google/protobuf/repeated_field.h"
#include "parc/v1/forecasts.pb.h"
#include "parc/v1/reports.pb.h"

// Forecasts: messages ↔ values. Refusals are INVALID_ARGUMENT and name the field.
namespace parc::rpc {

// BAD_FORECAST for figures out of range.
absl::StatusOr<fleet::ForecastQuestion> QuestionFrom(const parc::v1::ForecastQuestion& wire);
absl::StatusOr<forecast::Scenario> ScenarioFrom(const parc::v1::Scenario& wire);
// The target comes from `target`, which the question's is.
absl::StatusOr<forecast::Goal> GoalFrom(const parc::v1::PlanOrderRequest& wire,
                                        const forecast::Target& target);
absl::StatusOr<forecast::BacktestOptions> BacktestOptionsFrom(
    const parc::v1::BacktestRequest& wire);

// `name` is `forecasts/{id}`, or empty.
parc::v1::Forecast ToProto(const forecast::Result& result, const fleet::ForecastQuestion& question,
                           std::string_view name);
parc::v1::ScenarioComparison ToProto(const forecast::Comparison& comparison,
                                     const fleet::ForecastQuestion& question);
parc::v1::BacktestResult ToProto(const forecast::Backtest& backtest);
parc::v1::SupplierOption ToProto(const forecast::SupplierOption& option);
parc::v1::PastForecast ToProto(const fleet::PastForecast& past);
parc::v1::FlashReport ToProto(const fleet::FlashFigures& figures);
parc::v1::ForecastTarget ToProto(const forecast::Target& target);

void PutWarnings(const std::vector<forecast::Warning>& warnings,
                 google::protobuf::RepeatedPtrField<parc::v1::ForecastWarning>& wire);

}  // namespace parc::rpc
