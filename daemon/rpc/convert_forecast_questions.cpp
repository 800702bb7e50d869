#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_fleet.h"
#include "daemon/rpc/convert_forecasts.h"
#include "fmt/format.h"

// What is asked of forecasts; their answers are in convert_forecasts.cpp.
namespace parc::rpc {
namespace {

constexpr int kMaxTargets = 20;
constexpr int kMaxChanges = 100;  // of one kind in a scenario

absl::Status Bad(std::string_view field, std::string_view what) {
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FORECAST",
                fmt::format("{}: {}", field, what), field);
}

// `given`, or `usual` for 0.
absl::StatusOr<int> Within(int given, int usual, int least, int most, std::string_view field) {
  if (given == 0) return usual;
  if (given >= least && given <= most) return given;
  return Bad(field, fmt::format("{} is not between {} and {}", given, least, most));
}

absl::StatusOr<double> RatioFrom(double ratio, std::string_view field) {
  if (ratio > 0 && ratio <= 1) return ratio;
  return Bad(field, "a share is above 0 and at most 1");
}

absl::StatusOr<int> CountFrom(std::int64_t count, std::string_view field) {
  if (count >= 1 && count <= 1'000'000) return static_cast<int>(count);
  return Bad(field, "it is at least 1 and at most 1,000,000");
}

// A rate or a factor.
absl::StatusOr<double> AmountFrom(double amount, std::string_view field) {
  if (amount >= 0 && amount <= 1'000'000) return amount;
  return Bad(field, "it is at least 0 and at most 1,000,000");
}

absl::StatusOr<forecast::AddedOrder> AddedFrom(const parc::v1::AddedOrder& wire,
                                               const std::string& at) {
  forecast::AddedOrder added;
  PARC_ASSIGN(added.quantity, CountFrom(wire.quantity(), at + ".quantity"));
  PARC_ASSIGN(added.ordered, RequiredDateFrom(wire.order_date(), at + ".order_date"));
  if (wire.supplier().empty()) return Bad(at + ".supplier", "say who delivers");
  added.supplier = wire.supplier();
  added.model = wire.model();
  PARC_ASSIGN(added.promised, DateFrom(wire.promised_date(), at + ".promised_date"));
  return added;
}

template <typename Wire>
absl::StatusOr<std::vector<std::string>> LinesFrom(const Wire& wire, const std::string& field) {
  std::vector<std::string> lines;
  for (int i = 0; i < wire.size(); ++i) {
    PARC_ASSIGN(std::string line, OrderLineFrom(wire[i], fmt::format("{}[{}]", field, i)));
    lines.push_back(std::move(line));
  }
  return lines;
}

template <typename Wire>
absl::StatusOr<std::vector<forecast::Headcount>> PeopleFrom(const Wire& wire,
                                                            const std::string& field) {
  std::vector<forecast::Headcount> changes;
  for (int i = 0; i < wire.size(); ++i) {
    const std::string at = fmt::format("{}[{}]", field, i);
    forecast::Headcount change;
    PARC_ASSIGN(change.day, RequiredDateFrom(wire[i].date(), at + ".date"));
    PARC_ASSIGN(change.people, CountFrom(wire[i].people(), at + ".people"));
    changes.push_back(change);
  }
  return changes;
}

}  // namespace

absl::StatusOr<fleet::ForecastQuestion> QuestionFrom(const parc::v1::ForecastQuestion& wire) {
  fleet::ForecastQuestion question;
  question.people = wire.filter();
  PARC_ASSIGN(question.moment, MomentFrom(wire.moment()));
  if (wire.target_ratio() != 0) {
    PARC_ASSIGN(question.target_ratio, RatioFrom(wire.target_ratio(), "question.target_ratio"));
  }
  PARC_ASSIGN(question.target_date, DateFrom(wire.target_date(), "question.target_date"));
  if (wire.other_targets_size() > kMaxTargets) {
    return Bad("question.other_targets", fmt::format("at most {}", kMaxTargets));
  }
  for (int i = 0; i < wire.other_targets_size(); ++i) {
    const std::string at = fmt::format("question.other_targets[{}]", i);
    forecast::Target target;
    PARC_ASSIGN(target.date, RequiredDateFrom(wire.other_targets(i).date(), at + ".date"));
    PARC_ASSIGN(target.ratio, RatioFrom(wire.other_targets(i).ratio(), at + ".ratio"));
    question.others.push_back(std::move(target));
  }
  PARC_ASSIGN(question.horizon_days,
              Within(wire.horizon_days(), 365, 1, 1830, "question.horizon_days"));
  PARC_ASSIGN(question.paths, Within(wire.paths(), 2000, 50, 20'000, "question.paths"));
  if (wire.has_seed()) question.seed = wire.seed();
  return question;
}

absl::StatusOr<forecast::Scenario> ScenarioFrom(const parc::v1::Scenario& wire) {
  forecast::Scenario scenario;
  for (const int size :
       {wire.added_orders_size(), wire.cancelled_lines_size(), wire.expedited_lines_size(),
        wire.capacity_changes_size(), wire.hires_size(), wire.leavers_size()}) {
    if (size > kMaxChanges)
      return Bad("scenario", fmt::format("at most {} of a kind", kMaxChanges));
  }
  for (int i = 0; i < wire.added_orders_size(); ++i) {
    PARC_ASSIGN(forecast::AddedOrder added,
                AddedFrom(wire.added_orders(i), fmt::format("scenario.added_orders[{}]", i)));
    scenario.added.push_back(std::move(added));
  }
  PARC_ASSIGN(scenario.cancelled_lines,
              LinesFrom(wire.cancelled_lines(), "scenario.cancelled_lines"));
  PARC_ASSIGN(scenario.expedited_lines,
              LinesFrom(wire.expedited_lines(), "scenario.expedited_lines"));
  for (int i = 0; i < wire.capacity_changes_size(); ++i) {
    const parc::v1::CapacityChange& stated = wire.capacity_changes(i);
    const std::string at = fmt::format("scenario.capacity_changes[{}]", i);
    forecast::CapacityChange change;
    PARC_ASSIGN(change.from, RequiredDateFrom(stated.from_date(), at + ".from_date"));
    PARC_ASSIGN(change.to, RequiredDateFrom(stated.to_date(), at + ".to_date"));
    PARC_ASSIGN(change.per_day, AmountFrom(stated.per_day(), at + ".per_day"));
    scenario.capacity.push_back(change);
  }
  if (wire.has_attrition_per_year()) {
    PARC_ASSIGN(scenario.attrition_per_year,
                AmountFrom(wire.attrition_per_year(), "scenario.attrition_per_year"));
  }
  if (wire.tension() != 0) {
    PARC_ASSIGN(scenario.tension, AmountFrom(wire.tension(), "scenario.tension"));
  }
  PARC_ASSIGN(scenario.hires, PeopleFrom(wire.hires(), "scenario.hires"));
  PARC_ASSIGN(scenario.leavers, PeopleFrom(wire.leavers(), "scenario.leavers"));
  return scenario;
}

absl::StatusOr<forecast::Goal> GoalFrom(const parc::v1::PlanOrderRequest& wire,
                                        const forecast::Target& target) {
  forecast::Goal goal;
  goal.target = target;
  if (wire.confidence() != 0) {
    if (!(wire.confidence() > 0 && wire.confidence() < 1)) {
      return Bad("confidence", "a probability between 0 and 1, both excluded");
    }
    goal.confidence = wire.confidence();
  }
  PARC_ASSIGN(goal.order_on, DateFrom(wire.order_date(), "order_date"));
  if (wire.suppliers_size() > kMaxChanges) return Bad("suppliers", "too many");
  goal.suppliers.assign(wire.suppliers().begin(), wire.suppliers().end());
  return goal;
}

absl::StatusOr<forecast::BacktestOptions> BacktestOptionsFrom(
    const parc::v1::BacktestRequest& wire) {
  forecast::BacktestOptions options;
  PARC_ASSIGN(options.origin_every_days,
              Within(wire.origin_every_days(), 28, 1, 365, "origin_every_days"));
  PARC_ASSIGN(options.horizon_days, Within(wire.horizon_days(), 182, 7, 730, "horizon_days"));
  PARC_ASSIGN(options.paths, Within(wire.paths(), 500, 50, 5000, "paths"));
  return options;
}

}  // namespace parc::rpc
