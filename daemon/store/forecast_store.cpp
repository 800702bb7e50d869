#include "daemon/store/forecast_store.h"

#include <charconv>

#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::store {
namespace {

using forecast::KeptForecast;
using forecast::kLevels;
using inventory::ToIso;

// A seed has 64 bits without a sign, an INTEGER has one: it is kept as text.
absl::StatusOr<std::uint64_t> ParseSeed(const std::string& text) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size()) {
    return absl::DataLossError("a stored forecast has no seed: " + text);
  }
  return seed;
}

}  // namespace

std::string ForecastColumns() {
  return "f.id, f.forecast, f.as_of_date, f.known_at, f.people, f.target_ratio, f.target_date, "
         "f.probability, f.median_date, f.inputs_hash, f.model_version, f.seed, f.paths, "
         "f.horizon_days, f.actor, f.known_from";
}

absl::StatusOr<ForecastRecord> ReadForecast(const Row& row) {
  ForecastRecord record;
  record.row = row.Int(0);
  KeptForecast& forecast = record.forecast;
  forecast.id = row.Text(1);
  PARC_ASSIGN(forecast.as_of, inventory::ParseIso(row.Text(2)));
  forecast.known_at = row.OptInt(3);
  forecast.people = row.Text(4);
  forecast.target_ratio = row.Real(5);
  PARC_ASSIGN(forecast.target_date, inventory::ParseIso(row.Text(6)));
  forecast.probability = row.Real(7);
  if (!row.IsNull(8)) {
    PARC_ASSIGN(forecast.median_date, inventory::ParseIso(row.Text(8)));
  }
  forecast.inputs_hash = row.Text(9);
  forecast.model_version = row.Text(10);
  PARC_ASSIGN(forecast.seed, ParseSeed(row.Text(11)));
  forecast.paths = static_cast<int>(row.Int(12));
  forecast.horizon_days = static_cast<int>(row.Int(13));
  forecast.actor = row.Text(14);
  forecast.created = row.Int(15);
  return record;
}

ForecastStore::ForecastStore(Connection& db)
    : db_(db),
      keep_(db,
            "INSERT INTO forecasts(forecast, as_of_date, known_at, people, target_ratio, "
            "target_date, probability, median_date, inputs_hash, model_version, seed, paths, "
            "horizon_days, actor, known_from) "
            "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) "
            "ON CONFLICT(forecast) DO NOTHING"),
      keep_day_(db,
                "INSERT INTO forecast_days(forecast, day, p05, p10, p25, p50, p75, p90, p95) "
                "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
      find_(db, fmt::format("SELECT {} FROM forecasts f WHERE f.forecast = ?1", ForecastColumns())),
      before_(db, fmt::format("SELECT {} FROM forecasts f WHERE f.people = ?1 AND f.as_of_date < "
                              "?2 AND f.known_from <= ?3 ORDER BY f.as_of_date DESC, f.id DESC "
                              "LIMIT ?4",
                              ForecastColumns())),
      days_(db,
            "SELECT day, p05, p10, p25, p50, p75, p90, p95 FROM forecast_days WHERE forecast = ?1 "
            "ORDER BY day") {}

absl::Status ForecastStore::Keep(const KeptForecast& forecast) {
  std::optional<std::string> median;
  if (forecast.median_date.has_value()) median = ToIso(*forecast.median_date);
  PARC_TRY(keep_.Run(forecast.id, ToIso(forecast.as_of), forecast.known_at, forecast.people,
                     forecast.target_ratio, ToIso(forecast.target_date), forecast.probability,
                     median, forecast.inputs_hash, forecast.model_version,
                     fmt::format("{}", forecast.seed), forecast.paths, forecast.horizon_days,
                     forecast.actor, forecast.created));
  if (db_.changes() == 0) return absl::OkStatus();
  const std::int64_t row = db_.last_insert_id();
  for (const KeptForecast::Day& day : forecast.days) {
    const parc::forecast::Quantiles& q = day.equipped;
    PARC_TRY(keep_day_.Run(row, ToIso(day.day), q[0], q[1], q[2], q[3], q[4], q[5], q[6]));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<ForecastRecord>> ForecastStore::Find(std::string_view forecast) {
  std::optional<ForecastRecord> found;
  PARC_TRY(find_.Query(
      [&](const Row& row) -> absl::Status {
        PARC_ASSIGN(found, ReadForecast(row));
        return absl::OkStatus();
      },
      forecast));
  if (found.has_value()) PARC_TRY(ReadDays(*found));
  return found;
}

absl::StatusOr<std::vector<ForecastRecord>> ForecastStore::Before(std::string_view people,
                                                                  const inventory::CivilDate& day,
                                                                  std::int64_t known_at, int most) {
  std::vector<ForecastRecord> records;
  PARC_TRY(before_.Query(
      [&](const Row& row) -> absl::Status {
        PARC_ASSIGN(ForecastRecord record, ReadForecast(row));
        records.push_back(std::move(record));
        return absl::OkStatus();
      },
      people, ToIso(day), known_at, most));
  for (ForecastRecord& record : records) PARC_TRY(ReadDays(record));
  return records;
}

absl::Status ForecastStore::ReadDays(ForecastRecord& record) {
  record.forecast.days.clear();
  return days_.Query(
      [&](const Row& row) -> absl::Status {
        KeptForecast::Day day;
        PARC_ASSIGN(day.day, inventory::ParseIso(row.Text(0)));
        for (std::size_t i = 0; i < kLevels.size(); ++i) {
          day.equipped[i] = row.Real(static_cast<int>(i) + 1);
        }
        record.forecast.days.push_back(day);
        return absl::OkStatus();
      },
      record.row);
}

}  // namespace parc::store
