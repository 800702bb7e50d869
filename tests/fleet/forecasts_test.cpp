#include "daemon/fleet/forecasts.h"

#include <catch2/catch.hpp>

#include "daemon/fleet/flash.h"
#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "tests/fleet/fleet_support.h"

namespace parc::test {
namespace {

using fleet::ForecastQuestion;
using fleet::PastForecast;
using forecast::Inputs;
using forecast::KeptForecast;
using inventory::AddDays;
using inventory::CivilDate;

// Ten people in need since 2019; the first `equipped` of them get a laptop from 1 February 2020 on,
// one a day.
Inputs TenPeople(int equipped) {
  Inputs inputs;
  inputs.as_of = Day("2020-03-20");
  for (int i = 0; i < 10; ++i) {
    inputs.people.push_back({.id = fmt::format("p-{}", i),
                             .needs_laptop = true,
                             .start = Day("2019-01-01"),
                             .end = std::nullopt});
  }
  for (int i = 0; i < equipped; ++i) {
    inputs.assignments.push_back({.asset = fmt::format("a-{}", i),
                                  .person = fmt::format("p-{}", i),
                                  .from = AddDays(Day("2020-02-01"), i),
                                  .to = std::nullopt});
  }
  return inputs;
}

KeptForecast Said(const CivilDate& as_of, double equipped, double spread) {
  KeptForecast made;
  made.id = "0123456789abcdef";
  made.as_of = as_of;
  made.target_ratio = 0.5;
  made.target_date = Day("2020-03-01");
  made.probability = 0.75;
  made.median_date = Day("2020-02-05");
  made.inputs_hash = "00ff00ff00ff00ff";
  made.model_version = "landmark-1";
  made.seed = 18'446'744'073'709'551'615ULL;
  made.paths = 2000;
  made.horizon_days = 70;
  for (int week = 1; week <= 10; ++week) {
    KeptForecast::Day day;
    day.day = AddDays(as_of, 7 * week);
    for (std::size_t i = 0; i < day.equipped.size(); ++i) {
      day.equipped[i] = equipped + spread * (static_cast<double>(i) - 3);
    }
    made.days.push_back(day);
  }
  return made;
}

TEST_CASE("days are counted as coverage counts them: in need, and holding one laptop at least") {
  Inputs inputs = TenPeople(4);
  inputs.people[3].end = Day("2020-03-01");      // leaves
  inputs.people[9].needs_laptop = false;         // needs none
  inputs.assignments[1].to = Day("2020-02-20");  // gives it back
  inputs.assignments.push_back({.asset = "a-9",  // holds two for a while
                                .person = "p-0",
                                .from = Day("2020-02-10"),
                                .to = Day("2020-02-12")});
  const auto days = fleet::CountDays(inputs, Day("2020-01-31"));
  REQUIRE(days.size() == 50);
  const auto on = [&](const char* day) {
    return days[static_cast<std::size_t>(inventory::ToDays(Day(day)) -
                                         inventory::ToDays(Day("2020-01-31")))];
  };
  CHECK(on("2020-01-31").equipped == 0);
  CHECK(on("2020-02-01").equipped == 1);
  CHECK(on("2020-02-04").equipped == 4);
  CHECK(on("2020-02-11").equipped == 4);
  CHECK(on("2020-02-20").equipped == 3);
  CHECK(on("2020-03-01").equipped == 2);
  CHECK(on("2020-02-29").in_need == 9);
  CHECK(on("2020-03-01").in_need == 8);
  CHECK(fleet::CountDays(inputs, Day("2020-03-21")).empty());
}

TEST_CASE("a forecast that said what happened is scored as right, and a wrong one as wrong") {
  const Inputs inputs = TenPeople(6);
  const PastForecast right = fleet::Score(inputs, Said(Day("2020-02-10"), 6, 1));
  CHECK(right.scored == 5);  // of ten weeks, five are over
  REQUIRE(right.equipped.size() == 10);
  CHECK(right.equipped[0] == 6);
  CHECK_FALSE(right.equipped[5].has_value());
  CHECK(right.inside_50 == 1);
  CHECK(right.inside_80 == 1);
  const PastForecast wrong = fleet::Score(inputs, Said(Day("2020-02-10"), 9.5, 0.1));
  CHECK(wrong.inside_90 == 0);
  CHECK(wrong.wis > 5 * right.wis);
  // A point forecast's score is its error, per person in need.
  CHECK(fleet::Score(inputs, Said(Day("2020-02-10"), 8, 0)).wis == Approx(0.2));
}

TEST_CASE("whether a target was reached is known once it was, or once its day is over") {
  CHECK(fleet::Score(TenPeople(6), Said(Day("2020-01-20"), 6, 1)).reached_on == Day("2020-02-05"));
  CHECK(fleet::Score(TenPeople(4), Said(Day("2020-01-20"), 6, 1)).reached == false);
  KeptForecast open = Said(Day("2020-01-20"), 6, 1);
  open.target_date = Day("2020-12-31");
  CHECK_FALSE(fleet::Score(TenPeople(4), open).reached.has_value());
}

TEST_CASE("the target's day is the end of the year, of the next one from October on") {
  CHECK(fleet::DefaultTargetDate(Day("2020-03-20")) == Day("2020-12-31"));
  CHECK(fleet::DefaultTargetDate(Day("2020-09-30")) == Day("2020-12-31"));
  CHECK(fleet::DefaultTargetDate(Day("2020-10-01")) == Day("2021-12-31"));
}

TEST_CASE("a forecast is kept once, and comes back as it was made") {
  ScratchFleet fleet;
  const KeptForecast made = Said(Day("2020-02-10"), 6, 1);
  for (int i = 0; i < 2; ++i) {
    REQUIRE(fleet
                .Do([&](fleet::Change& change) -> absl::StatusOr<bool> {
                  if (auto kept = KeepForecast(change, made); !kept.ok()) return kept;
                  return true;
                })
                .ok());
  }
  const auto page = fleet::ListPastForecasts(fleet.view(), {});
  INFO(page.status());
  REQUIRE(page.ok());
  CHECK(page->total == 1);
  KeptForecast expected = made;
  expected.actor = page->items[0].made.actor;
  expected.created = page->items[0].made.created;
  CHECK_FALSE(expected.actor.empty());
  CHECK(page->items[0].made == expected);
  const auto found = fleet::GetPastForecast(fleet.view(), made.id);
  REQUIRE(found.ok());
  CHECK(found->made == expected);
  const auto missing = fleet::GetPastForecast(fleet.view(), "fedcba9876543210");
  CHECK(ReasonOf(missing.status()) == "FORECAST_NOT_FOUND");
}

TEST_CASE("kept forecasts that were too sure are known to the next one") {
  ScratchFleet fleet;
  AddPerson(fleet, PersonOf("p-1"));
  for (int i = 0; i < 3; ++i) {
    KeptForecast made = Said(AddDays(fleet.view().context().today, -80 - i), 600, 1);
    made.id = fmt::format("{:016}", i);
    REQUIRE(fleet
                .Do([&](fleet::Change& change) -> absl::StatusOr<bool> {
                  if (auto kept = KeepForecast(change, made); !kept.ok()) return kept;
                  return true;
                })
                .ok());
  }
  const auto inputs = fleet::PrepareForecast(fleet.view(), {});
  INFO(inputs.status());
  REQUIRE(inputs.ok());
  CHECK(inputs->measured_coverage_80 == 0.0);
  REQUIRE(inputs->targets.size() == 1);
  CHECK(inputs->targets[0].ratio == 1);
}

TEST_CASE("a forecast does not start from a day to come") {
  ScratchFleet fleet;
  ForecastQuestion question;
  question.moment.as_of = AddDays(fleet.view().context().today, 1);
  CHECK(ReasonOf(fleet::PrepareForecast(fleet.view(), question).status()) == "AS_OF_IN_FUTURE");
}

TEST_CASE("the month's figures are as of its last day, with what is late then") {
  ScratchFleet fleet;
  fleet.effective = Day("2020-01-15");
  AddPerson(fleet, PersonOf("p-1"));
  AddOrder(fleet, "CMD-1", 10);
  REQUIRE(fleet
              .Do([](fleet::Change& change) {
                return change.RecordPromise("CMD-1/1", Day("2020-02-10"), "mail");
              })
              .ok());
  const auto figures = fleet::GetFlashFigures(fleet.view(), "", Day("2020-02-01"), std::nullopt);
  INFO(figures.status());
  REQUIRE(figures.ok());
  CHECK(figures->as_of == Day("2020-02-29"));
  REQUIRE(figures->late_lines.size() == 1);
  CHECK(figures->late_lines[0].name == "CMD-1/1");
  CHECK(figures->late_lines[0].days_late == 19);
  CHECK(figures->late_lines[0].open == 10);
  CHECK_FALSE(figures->causes_known);
  CHECK(figures->trend.back().day == Day("2020-02-29"));
  const auto future = fleet::GetFlashFigures(
      fleet.view(), "", AddDays(fleet.view().context().today, 40), std::nullopt);
  CHECK(ReasonOf(future.status()) == "AS_OF_IN_FUTURE");
}

}  // namespace
}  // namespace parc::test
