#include "daemon/forecast/hand_outs.h"

#include <catch2/catch.hpp>
#include <string>

#include "daemon/forecast/calendar.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/model.h"
#include "fmt/format.h"
#include "tests/forecast/small_office.h"

namespace parc::forecast {
namespace {

using testing::On;
using testing::SmallOffice;

// An office of 200 people without a laptop whose hands can do `hands` a working day, and to whom
// `units` come every `every` days for a year. No capacity is set.
Inputs OfficeOfHands(int hands, int units, int every) {
  Inputs inputs;
  inputs.as_of = testing::kToday;
  inputs.records_since = On(-365);
  inputs.paths = 200;
  for (int i = 0; i < 600; ++i)
    inputs.people.push_back({.id = fmt::format("p{:03}", i), .start = {}, .end = {}});
  const std::vector<bool> worked = WorkingDays({}, ToDays(On(-365)), 366);
  int received = 0, given = 0;
  for (int day = -365; day <= 0; ++day) {
    int left = hands;
    while (worked[static_cast<std::size_t>(day + 365)] && left-- > 0 && given < received) {
      Asset& asset = inputs.assets[static_cast<std::size_t>(given)];
      asset.state = AssetState::kAssigned;
      asset.assigned_to = inputs.people[static_cast<std::size_t>(given)].id;
      inputs.assignments.push_back({asset.id, asset.assigned_to, On(day), {}});
      ++given;
    }
    if ((day + 365) % every != 0) continue;
    for (int i = 0; i < units; ++i) {
      inputs.assets.push_back({.id = fmt::format("a{:04}", received++),
                               .received = On(day),
                               .state = AssetState::kInStock,
                               .assigned_to = {},
                               .end_of_life = {},
                               .ended = {}});
    }
  }
  return inputs;
}

HandOutPace PaceOf(const Inputs& inputs) { return Model(inputs).fleet.pace(); }

}  // namespace

TEST_CASE("days that ran out of laptops say what hands can do at least, and no more") {
  std::vector<PaceDay> days;
  for (int i = 0; i < 12; ++i) days.push_back({.handed_out = 18.0 + i % 5});
  const double seen = FitPace(days, 20, 0.5).mean;
  for (int i = 0; i < 100; ++i) days.push_back({.handed_out = 4, .at_least = true});
  const HandOutPace pace = FitPace(days, 20, 0.5);
  CHECK(pace.mean == Approx(seen).epsilon(0.01));
  CHECK(pace.days == Approx(12));
  for (int i = 0; i < 20; ++i) days.push_back({.handed_out = 26, .at_least = true});
  CHECK(FitPace(days, 20, 0.5).mean > 22);  // busier days than any that hands limited
}

TEST_CASE("deliveries that are handed out within days tell the pace, though none is surely ready") {
  // 12 come every ten days and are gone after four; ready for sure they were on the fifth.
  const HandOutPace pace = PaceOf(OfficeOfHands(3, 12, 10));
  CHECK(pace.mean == Approx(3).epsilon(0.1));
  CHECK(pace.days > 20);
}

TEST_CASE("where laptops are what is short, the pace is that of the busiest days") {
  // 30 come every four weeks; ten a day are handed out for three days, then nothing lies there. So
  // ten is the least that hands can do, and little is known of the most.
  const HandOutPace pace = PaceOf(OfficeOfHands(10, 30, 28));
  CHECK(pace.mean > 9);
  CHECK(pace.mean < 20);
  CHECK(pace.days < 40);
}

TEST_CASE("where hands are what is short, the pace is theirs") {
  const HandOutPace pace = PaceOf(OfficeOfHands(2, 100, 60));
  CHECK(pace.mean == Approx(2).epsilon(0.1));
  CHECK(pace.days > 20);
}

TEST_CASE("a laptop in stock past its life is not handed out, unless such laptops were before") {
  Inputs inputs = SmallOffice();
  inputs.lines.clear();
  for (int i = 0; i < 40; ++i) {
    Asset asset{.id = fmt::format("old-{}", i),
                .received = On(-1500),
                .state = AssetState::kInStock,
                .assigned_to = {},
                .end_of_life = On(-60),
                .ended = {}};
    inputs.assets.push_back(asset);
  }
  const absl::StatusOr<Result> unused = Forecast(inputs);
  REQUIRE(unused.ok());
  CHECK(unused->days[100].equipped[kP50] <= 60);
  for (int i = 0; i < 60; ++i) {
    inputs.assets[static_cast<std::size_t>(i)].end_of_life = On(-200);
    inputs.assignments[static_cast<std::size_t>(i)].from = On(-100);
  }
  for (std::size_t i = 60; i < 100; ++i) inputs.assets[i].end_of_life = On(-5);
  const absl::StatusOr<Result> used = Forecast(inputs);
  REQUIRE(used.ok());
  CHECK(used->days[20].equipped[kP50] > 75);
}

TEST_CASE("the end of life of a laptop in stock takes nobody's laptop away") {
  Inputs inputs = SmallOffice();
  inputs.lines.clear();
  inputs.preparation.reserve_stock = 20;
  const absl::StatusOr<Result> before = Forecast(inputs);
  for (int i = 0; i < 20; ++i) {
    inputs.assets.push_back({.id = fmt::format("spare-{}", i),
                             .received = On(-900),
                             .state = AssetState::kInStock,
                             .assigned_to = {},
                             .end_of_life = On(30),
                             .ended = {}});
  }
  const absl::StatusOr<Result> after = Forecast(inputs);
  REQUIRE(after.ok());
  CHECK(after->days[60].equipped[kP50] >= before->days[60].equipped[kP50] - 1);
}

}  // namespace parc::forecast
