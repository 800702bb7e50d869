#include <catch2/catch.hpp>

#include <algorithm>

#include "daemon/forecast/forecast.h"
#include "daemon/forecast/model.h"
#include "fmt/format.h"
#include "tests/forecast/small_office.h"

namespace parc::forecast {
namespace {

using testing::On;
using testing::SmallOffice;

void Hold(Inputs& inputs, const std::string& asset, std::size_t person, int from, int to) {
  inputs.assignments.push_back(
      {.asset = asset, .person = inputs.people[person].id, .from = On(from), .to = {}});
  if (to < 0) inputs.assignments.back().to = On(to);
}

// A laptop that `person` held until it was retired on the day on which its life was to end.
void AddEnded(Inputs& inputs, const std::string& id, std::size_t person, int ended) {
  inputs.assets.push_back({.id = id,
                           .received = On(-800),
                           .state = AssetState::kRetired,
                           .assigned_to = {},
                           .end_of_life = On(ended),
                           .ended = On(ended)});
  Hold(inputs, id, person, -790, ended);
}

// 60 people hold laptops that should have gone two months ago; nothing lies in stock and nothing is
// on order. Those whose laptops went in the past had successors lying there.
Inputs OfficeThatKeeps() {
  Inputs inputs = SmallOffice();
  inputs.lines.clear();
  for (std::size_t i = 0; i < 60; ++i) inputs.assets[i].end_of_life = On(-60);
  for (int i = 0; i < 20; ++i) {
    const std::size_t person = 60 + static_cast<std::size_t>(i);
    AddEnded(inputs, fmt::format("old-{}", i), person, -350 + i);
    const std::string id = fmt::format("new-{}", i);
    inputs.assets.push_back({.id = id,
                             .received = On(-400),
                             .state = AssetState::kAssigned,
                             .assigned_to = inputs.people[person].id,
                             .end_of_life = {},
                             .ended = {}});
    Hold(inputs, id, person, -350 + i, 0);
  }
  return inputs;
}

// The same, but nobody waited while laptops went. Since then people do, and nothing went for the
// laptops that lie there for some of them.
Inputs OfficeThatServesTheWaitingFirst() {
  Inputs inputs = OfficeThatKeeps();
  for (std::size_t i = 80; i < 100; ++i) inputs.people[i].start = On(-300);
  for (int i = 0; i < 10; ++i)
    inputs.assets.push_back({.id = fmt::format("lies-{}", i),
                             .received = On(-100),
                             .state = AssetState::kInStock,
                             .assigned_to = {},
                             .end_of_life = {},
                             .ended = {}});
  return inputs;
}

double WaitingFirstShare(const Inputs& inputs) {
  const Model model(inputs);
  const auto first = std::count_if(model.life_ends.begin(), model.life_ends.end(),
                                   [](const LifeEndsDraw& draw) { return draw.waiting_first; });
  return static_cast<double>(first) / static_cast<double>(model.life_ends.size());
}

double EquippedAfter200Days(const Inputs& inputs) {
  const absl::StatusOr<Result> result = Forecast(inputs);
  REQUIRE(result.ok());
  return result->days[199].equipped[kP50];
}

// By month, the medians of what leaves hands.
double Attrition(const Inputs& inputs) {
  const absl::StatusOr<Result> result = Forecast(inputs);
  REQUIRE(result.ok());
  double attrition = 0;
  for (const Month& month : result->months) attrition += month.attrition_p50;
  return attrition;
}

int ReadyOn(const Inputs& inputs, int day) {
  const DailyCounts counts = Model(inputs).counts;
  return counts.ready[static_cast<std::size_t>(day - counts.first)];
}

}  // namespace

TEST_CASE("where nobody gives up a laptop without a successor, old ones are kept") {
  const Inputs keeps = OfficeThatKeeps();
  CHECK(EquippedAfter200Days(keeps) > 70);  // of 80
  SECTION("where they went all the same, they go") {
    Inputs gives_up = keeps;
    for (int i = 0; i < 20; ++i)
      AddEnded(gives_up, fmt::format("gone-{}", i), 80 + static_cast<std::size_t>(i), -200 + i);
    for (std::size_t i = 0; i < 60; ++i) gives_up.assets[i].end_of_life = On(20);
    CHECK(EquippedAfter200Days(gives_up) < 55);
  }
  SECTION("and go when successors come") {
    Inputs supplied = keeps;
    supplied.people.resize(80);
    const double without = Attrition(supplied);
    testing::AddOpenLine(supplied, "successors", 60, -30, 10);
    CHECK(Attrition(supplied) > 5 + without);
  }
}

TEST_CASE("whether who has no laptop is served before who has an old one is learned") {
  CHECK(WaitingFirstShare(OfficeThatKeeps()) < 0.1);
  CHECK(WaitingFirstShare(OfficeThatServesTheWaitingFirst()) > 0.9);
  SECTION("where nothing tells, both may be") {
    const double share = WaitingFirstShare(SmallOffice());
    CHECK(share > 0.3);
    CHECK(share < 0.7);
  }
  SECTION("where the waiting come first, a supply for them takes no laptop away") {
    Inputs inputs = OfficeThatServesTheWaitingFirst();
    const double without = Attrition(inputs);
    testing::AddOpenLine(inputs, "for-the-waiting", 8, -30, 10);
    CHECK(Attrition(inputs) < 2 + without);
  }
}

TEST_CASE("a laptop taken back from somebody who stays is not ready before a repair is over") {
  Inputs inputs = SmallOffice();
  const auto add = [&](const std::string& id, AssetState state, std::optional<CivilDate> ended) {
    inputs.assets.push_back({.id = id,
                             .received = On(-400),
                             .state = state,
                             .assigned_to = {},
                             .end_of_life = {},
                             .ended = ended});
  };
  add("back", AssetState::kInStock, {});
  Hold(inputs, "back", 70, -400, -150);
  const int usual = ReadyOn(inputs, -100);
  CHECK(usual == 1);
  SECTION("nor one that was written off in the end") {
    add("written-off", AssetState::kRetired, On(-50));
    Hold(inputs, "written-off", 71, -400, -150);
    CHECK(ReadyOn(inputs, -100) == usual);
  }
  SECTION("and where many are away for long, repairs take long") {
    for (int i = 0; i < 20; ++i) {
      const std::string id = fmt::format("away-{}", i);
      add(id, i < 10 ? AssetState::kInRepair : AssetState::kRetired, {});
      if (i >= 10) inputs.assets.back().ended = On(-5 - i);
      Hold(inputs, id, 75 + static_cast<std::size_t>(i), -395, -150 + i);
    }
    CHECK(ReadyOn(inputs, -100) == usual - 1);
    CHECK(ReadyOn(inputs, -40) == usual);
  }
}

}  // namespace parc::forecast
