#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/fleet/change.h"
#include "daemon/fleet/view.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/kept_forecast.h"

// Forecasts as a use case: from a snapshot of the fleet to inputs, from results to what is kept,
// and from what was kept to how good it was. The computing itself is pure (daemon/forecast) and
// runs elsewhere, so that no reader thread waits for it.
namespace parc::fleet {

// Days of a forecast that are kept, and scored later.
inline constexpr int kKeptEveryDays = 7;

struct ForecastQuestion {
  std::string people;  // a filter; empty: everybody
  inventory::Moment moment;
  double target_ratio = 1;
  std::optional<inventory::CivilDate> target_date;  // nothing: DefaultTargetDate()
  std::vector<forecast::Target> others;
  int horizon_days = 365;
  int paths = 2000;
  std::optional<std::uint64_t> seed;
};

// 31 December of the year of `as_of`, or of the next one from October on.
inventory::CivilDate DefaultTargetDate(const inventory::CivilDate& as_of);

// What `question` is to be computed from: the target that it asks about, then its others, then
// those kept in the planning. INVALID_ARGUMENT BAD_FILTER, AS_OF_IN_FUTURE.
absl::StatusOr<forecast::Inputs> PrepareForecast(View& view, const ForecastQuestion& question);

// A forecast that was made, and what happened since.
struct PastForecast {
  forecast::KeptForecast made;
  // Of each of its days; nothing: not over yet.
  std::vector<std::optional<int>> equipped = {};
  // Over the days that are over; 0 when there is none.
  int scored = 0;
  double wis = 0;  // per person in need
  double inside_50 = 0, inside_80 = 0, inside_90 = 0;
  // Nothing: the target's day is to come, and it was not reached yet.
  std::optional<bool> reached = {};
  std::optional<inventory::CivilDate> reached_on = {};

  bool operator==(const PastForecast&) const = default;
};

// `result` for keeping, under `id`.
forecast::KeptForecast ToKeep(const ForecastQuestion& question, const forecast::Result& result,
                              std::string id);
// On the commit thread. Does nothing when it is kept already.
absl::Status KeepForecast(Change& change, forecast::KeptForecast forecast);

// Scored by what is known now. NOT_FOUND FORECAST_NOT_FOUND.
absl::StatusOr<PastForecast> GetPastForecast(View& view, std::string_view id);
// Newest first; takes neither filter nor order.
absl::StatusOr<Page<PastForecast>> ListPastForecasts(View& view, const ListQuery& query);

// People equipped and in need at the end of each day from `first` to inputs.as_of.
struct DayCount {
  int equipped = 0;
  int in_need = 0;
};
std::vector<DayCount> CountDays(const forecast::Inputs& inputs, const inventory::CivilDate& first);

// What `made` said beside what happened, as `inputs` know it.
PastForecast Score(const forecast::Inputs& inputs, forecast::KeptForecast made);

}  // namespace parc::fleet
