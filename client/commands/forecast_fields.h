#pragma once

#include <vector>

#include "client/listing.h"
#include "parc/v1/forecasts.pb.h"

// The tables of a forecast, as lists show them and CSV files hold them.
namespace parc::client {

const std::vector<FieldOf<v1::ForecastMonth>>& ForecastMonthFields();
const std::vector<FieldOf<v1::ForecastLine>>& ForecastLineFields();
const std::vector<FieldOf<v1::PastForecast>>& PastForecastFields();

}  // namespace parc::client
