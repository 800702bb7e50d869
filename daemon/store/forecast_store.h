#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/forecast/kept_forecast.h"
#include "daemon/inventory/civil_date.h"
#include "daemon/store/sql.h"

namespace parc::store {

struct ForecastRecord {
  std::int64_t row = 0;
  forecast::KeptForecast forecast;
};

// Columns of `forecasts f` as ReadForecast() wants them, without the days.
std::string ForecastColumns();
absl::StatusOr<ForecastRecord> ReadForecast(const Row& row);

class ForecastStore {
 public:
  explicit ForecastStore(Connection& db);

  // Does nothing when a forecast of that id is kept already: the same question about the same facts
  // has the same answer. Writer's connection only.
  absl::Status Keep(const forecast::KeptForecast& forecast);
  absl::StatusOr<std::optional<ForecastRecord>> Find(std::string_view forecast);
  // Those about `people` that were made for a day before `day` and stored by `known_at`; newest day
  // first, at most `most`.
  absl::StatusOr<std::vector<ForecastRecord>> Before(std::string_view people,
                                                     const inventory::CivilDate& day,
                                                     std::int64_t known_at, int most);
  // Fills the days of `record`.
  absl::Status ReadDays(ForecastRecord& record);

 private:
  Connection& db_;
  Statement keep_;
  Statement keep_day_;
  Statement find_;
  Statement before_;
  Statement days_;
};

}  // namespace parc::store
