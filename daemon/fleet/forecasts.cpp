#include "daemon/fleet/forecasts.h"

#include <algorithm>
#include <map>

#include "daemon/fleet/view_forecast.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/forecast_store.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::CivilDate;
using store::ForecastRecord;

namespace {

// Kept forecasts that tell how well intervals held, and how many scored days make that a figure.
constexpr int kJudgedForecasts = 24;
constexpr int kEnoughScoredDays = 12;

// The share of outcomes inside the 80 % intervals of earlier forecasts about the same people, as
// `inputs` know what happened; nothing while too few days are over.
absl::StatusOr<std::optional<double>> MeasuredCoverage(View& view, const ForecastQuestion& question,
                                                       const forecast::Inputs& inputs) {
  store::ForecastStore kept(view.connection());
  PARC_ASSIGN(std::vector<ForecastRecord> records,
              kept.Before(question.people, inputs.as_of,
                          question.moment.known_at.value_or(store::kStillKnown), kJudgedForecasts));
  double inside = 0;
  int scored = 0;
  for (ForecastRecord& record : records) {
    const PastForecast past = Score(inputs, std::move(record.forecast));
    inside += past.inside_80 * past.scored;
    scored += past.scored;
  }
  if (scored < kEnoughScoredDays) return std::nullopt;
  return inside / scored;
}

// A target of the planning: the one that was asked about takes its id when it is the same.
void AddKept(forecast::Target kept, std::vector<forecast::Target>& targets) {
  forecast::Target& asked = targets.front();
  const bool same = asked.date == kept.date && asked.ratio == kept.ratio && asked.id.empty();
  if (same) {
    asked.id = std::move(kept.id);
  } else {
    targets.push_back(std::move(kept));
  }
}

// What happened to the people of each filter, read once.
class Outcomes {
 public:
  explicit Outcomes(View& view) : view_(view) {}

  absl::StatusOr<PastForecast> Score(forecast::KeptForecast made) {
    auto found = known_.find(made.people);
    if (found == known_.end()) {
      PARC_ASSIGN(forecast::Inputs inputs, ForecastInputs(view_, made.people, {}));
      found = known_.emplace(made.people, std::move(inputs)).first;
    }
    return fleet::Score(found->second, std::move(made));
  }

 private:
  View& view_;
  std::map<std::string, forecast::Inputs> known_;
};

}  // namespace

CivilDate DefaultTargetDate(const CivilDate& as_of) {
  return {as_of.month >= 10 ? as_of.year + 1 : as_of.year, 12, 31};
}

absl::StatusOr<forecast::Inputs> PrepareForecast(View& view, const ForecastQuestion& question) {
  const CivilDate as_of = question.moment.as_of.value_or(view.context().today);
  if (view.context().today < as_of) {
    return Refuse(absl::StatusCode::kInvalidArgument, "AS_OF_IN_FUTURE",
                  fmt::format("{} lies in the future: a forecast starts from what is known",
                              inventory::ToIso(as_of)),
                  "question.moment.as_of_date");
  }
  PARC_ASSIGN(forecast::Inputs inputs, ForecastInputs(view, question.people, question.moment));
  inputs.horizon_days = question.horizon_days;
  inputs.paths = question.paths;
  inputs.seed = question.seed;
  std::vector<forecast::Target> targets = {
      {.id = "",
       .date = question.target_date.value_or(DefaultTargetDate(inputs.as_of)),
       .ratio = question.target_ratio}};
  targets.insert(targets.end(), question.others.begin(), question.others.end());
  for (forecast::Target& kept : inputs.targets) AddKept(std::move(kept), targets);
  inputs.targets = std::move(targets);
  PARC_ASSIGN(inputs.measured_coverage_80, MeasuredCoverage(view, question, inputs));
  return inputs;
}

forecast::KeptForecast ToKeep(const ForecastQuestion& question, const forecast::Result& result,
                              std::string id) {
  const forecast::TargetOutlook& target = result.targets.front();
  forecast::KeptForecast kept{.id = std::move(id),
                              .as_of = result.as_of,
                              .known_at = question.moment.known_at,
                              .people = question.people,
                              .target_ratio = target.ratio,
                              .target_date = target.date,
                              .probability = target.probability,
                              .median_date = target.reached.p50,
                              .inputs_hash = result.inputs_hash,
                              .model_version = result.model_version,
                              .seed = result.seed,
                              .paths = result.paths,
                              .horizon_days = static_cast<int>(result.days.size())};
  for (std::size_t i = kKeptEveryDays - 1; i < result.days.size(); i += kKeptEveryDays) {
    kept.days.push_back({result.days[i].day, result.days[i].equipped});
  }
  return kept;
}

absl::Status KeepForecast(Change& change, forecast::KeptForecast forecast) {
  forecast.actor = change.context().actor;
  forecast.created = change.context().now;
  return store::ForecastStore(change.connection()).Keep(forecast);
}

absl::StatusOr<PastForecast> GetPastForecast(View& view, std::string_view id) {
  store::ForecastStore kept(view.connection());
  PARC_ASSIGN(std::optional<ForecastRecord> record, kept.Find(id));
  if (!record.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "FORECAST_NOT_FOUND",
                  fmt::format("no forecast \"{}\" is kept", id.substr(0, 64)), "name");
  }
  return Outcomes(view).Score(std::move(record->forecast));
}

absl::StatusOr<Page<PastForecast>> ListPastForecasts(View& view, const ListQuery& query) {
  PARC_ASSIGN(store::ListPlan plan, View::Stores::PlainPlan(query));
  plan.columns = store::ForecastColumns();
  plan.from = "forecasts f";
  plan.id = "(-f.id)";
  Page<PastForecast> page;
  page.page_size = plan.page_size;
  std::vector<ForecastRecord> records;
  PARC_ASSIGN(store::ListResult result,
              store::RunList(view.connection(), plan, [&](const store::Row& row) -> absl::Status {
                PARC_ASSIGN(ForecastRecord record, store::ReadForecast(row));
                records.push_back(std::move(record));
                return absl::OkStatus();
              }));
  page.next_cursor = std::move(result.next_cursor);
  page.total = result.total;
  store::ForecastStore kept(view.connection());
  Outcomes outcomes(view);
  for (ForecastRecord& record : records) {
    PARC_TRY(kept.ReadDays(record));
    PARC_ASSIGN(PastForecast past, outcomes.Score(std::move(record.forecast)));
    page.items.push_back(std::move(past));
  }
  return page;
}

}  // namespace parc::fleet
