#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "daemon/forecast/forecast.h"
#include "daemon/inventory/reason.h"
#include "tests/forecast/small_office.h"

// Thin and contradictory data: each has a clear answer, a warning, and no more certainty than it
// deserves.
namespace parc::forecast {
namespace {

using testing::AddOpenLine;
using testing::On;
using testing::SmallOffice;

bool Warns(const Result& result, WarningCode code) {
  return std::any_of(result.warnings.begin(), result.warnings.end(),
                     [&](const Warning& warning) { return warning.code == code; });
}

// What every answer must be, whatever it was asked.
void CheckSane(const Inputs& inputs, const Result& result) {
  REQUIRE(result.days.size() >= static_cast<std::size_t>(inputs.horizon_days));
  for (const Day& day : result.days) {
    REQUIRE(std::is_sorted(day.equipped.begin(), day.equipped.end()));
    REQUIRE(std::is_sorted(day.coverage.begin(), day.coverage.end()));
    REQUIRE(day.equipped.front() >= 0);
    REQUIRE(day.equipped.back() <= day.in_need.back());
    REQUIRE(day.coverage.back() <= 1);
  }
  for (const TargetOutlook& target : result.targets) {
    REQUIRE(target.probability >= 0);
    REQUIRE(target.probability <= 1);
  }
  REQUIRE(result.targets.size() == inputs.targets.size());
}

struct Row {
  const char* name;
  std::function<void(Inputs&)> change;
  WarningCode warning;
  double least, most;  // of P(first target)
};

void DropOpenLines(Inputs& inputs) {
  std::erase_if(inputs.lines, [](const OrderLine& line) { return line.deliveries.empty(); });
}

const Row kRows[] = {
    {"no order at all", [](Inputs& in) { in.lines.clear(); }, WarningCode::kNoOpenOrder, 0, 0},
    {"nothing open", DropOpenLines, WarningCode::kOpenOrdersLessThanGap, 0, 0},
    {"one order, enough, and no past",
     [](Inputs& in) {
       in.lines.clear();
       AddOpenLine(in, "only", 80, -5, 30);
     },
     WarningCode::kThinHistory, 0.5, 1},
    {"a supplier never seen", [](Inputs& in) { in.lines.back().supplier = "Nobody"; },
     WarningCode::kSupplierUnseen, 0, 1},
    {"all cancelled",
     [](Inputs& in) {
       for (OrderLine& line : in.lines) {
         line.deliveries.clear();
         line.cancellations = {{AddDays(line.ordered, 5), line.quantity}};
       }
     },
     WarningCode::kAllCancelled, 0, 0},
    {"promised before it was ordered",
     [](Inputs& in) {
       in.lines.back().promises = {{On(-10), On(-100)}};
     },
     WarningCode::kPromiseBeforeOrder, 0, 1},
    {"more received than ordered",
     [](Inputs& in) {
       in.lines.front().deliveries = {{On(-600), 25}};
     },
     WarningCode::kOverDelivered, 0, 1},
    {"no capacity set", [](Inputs& in) { in.preparation.capacity_per_day.reset(); },
     WarningCode::kNoCapacitySet, 0, 1},
    {"everyone equipped", [](Inputs& in) { in.people.resize(60); }, WarningCode::kTargetReached,
     0.9, 1},
    {"nobody in need",
     [](Inputs& in) {
       for (Person& person : in.people) person.needs_laptop = false;
     },
     WarningCode::kNobodyInNeed, 0.99, 1},
    {"no people", [](Inputs& in) { in.people.clear(); }, WarningCode::kNobodyInNeed, 0.99, 1},
    {"a target in the past",
     [](Inputs& in) {
       in.targets = {{"past", On(-10), 0.9}};
     },
     WarningCode::kTargetInThePast, 0, 0},
    {"a target in the past that was reached",
     [](Inputs& in) {
       in.targets = {{"past", On(-10), 0.5}};
     },
     WarningCode::kTargetInThePast, 1, 1},
    {"a target of another century",
     [](Inputs& in) {
       in.targets = {{"far", {2119, 12, 31}, 0.5}};
     },
     WarningCode::kTargetFarAhead, 1, 1},
    {"records of a week", [](Inputs& in) { in.records_since = On(-7); },
     WarningCode::kRecordsTooShort, 0, 1},
    {"a promise half a year old", [](Inputs& in) { AddOpenLine(in, "forgotten", 5, -250, -180); },
     WarningCode::kStalePromise, 0, 1},
    {"capacity of nothing", [](Inputs& in) { in.preparation.capacity_per_day = 0; },
     WarningCode::kOpenOrdersLessThanGap, 0, 0},
    {"intervals that missed before", [](Inputs& in) { in.measured_coverage_80 = 0.5; },
     WarningCode::kBacktestUndercovers, 0, 1},
};

}  // namespace

TEST_CASE("thin or contradictory data has an answer and a warning") {
  for (const Row& row : kRows) {
    DYNAMIC_SECTION(row.name) {
      Inputs inputs = SmallOffice();
      // Short of one for the target, so that the gap is warned of where a row says so.
      if (row.warning == WarningCode::kOpenOrdersLessThanGap) inputs.lines.back().quantity = 5;
      row.change(inputs);
      const absl::StatusOr<Result> result = Forecast(inputs);
      REQUIRE(result.ok());
      CheckSane(inputs, *result);
      CHECK(Warns(*result, row.warning));
      CHECK(result->targets.front().probability >= row.least);
      CHECK(result->targets.front().probability <= row.most);
    }
  }
}

TEST_CASE("nothing at all is a question with an answer") {
  Inputs inputs;
  inputs.as_of = testing::kToday;
  inputs.paths = 50;
  inputs.targets = {{"all", On(30), 1.0}};
  const absl::StatusOr<Result> result = Forecast(inputs);
  REQUIRE(result.ok());
  CheckSane(inputs, *result);
  CHECK(Warns(*result, WarningCode::kNobodyInNeed));
  CHECK(result->bottleneck == Bottleneck::kNone);
  CHECK(result->days.back().equipped == Quantiles{});
}

TEST_CASE("what cannot be meant is refused, and the field is named") {
  struct Wrong {
    const char* field;
    std::function<void(Inputs&)> change;
  };
  const Wrong rows[] = {
      {"paths", [](Inputs& in) { in.paths = 10; }},
      {"horizon_days", [](Inputs& in) { in.horizon_days = 0; }},
      {"targets.ratio", [](Inputs& in) { in.targets[0].ratio = 1.5; }},
      {"lines[open-2].quantity", [](Inputs& in) { in.lines.back().quantity = -1; }},
      {"lines[open-2].deliveries",
       [](Inputs& in) {
         in.lines.back().deliveries = {{On(1), 1}};
       }},
      {"assets.received", [](Inputs& in) { in.assets[0].received = On(2); }},
      {"records_since", [](Inputs& in) { in.records_since = On(1); }},
      {"preparation.capacity_per_day", [](Inputs& in) { in.preparation.capacity_per_day = -1; }},
      {"scenario.cancelled_lines", [](Inputs& in) { in.scenario.cancelled_lines = {"none"}; }},
      {"scenario.tension", [](Inputs& in) { in.scenario.tension = 0; }},
      {"scenario.attrition_per_year", [](Inputs& in) { in.scenario.attrition_per_year = -0.1; }},
  };
  for (const Wrong& row : rows) {
    INFO(row.field);
    Inputs inputs = SmallOffice();
    row.change(inputs);
    const absl::Status status = Forecast(inputs).status();
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(ReasonOf(status) == "FORECAST_INPUT");
    CHECK(FieldOf(status) == row.field);
  }
}

}  // namespace parc::forecast
