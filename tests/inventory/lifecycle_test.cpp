#include "daemon/inventory/lifecycle.h"

#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::inventory {
namespace {

using S = LaptopState;
using E = LaptopEvent;

// The table of moves as it is specified, with the event that brings a repaired laptop back to its
// holder apart. LOSE and STEAL are possible wherever the laptop physically is.
const std::map<std::pair<S, E>, S> kAllowed = {
    {{S::kInStock, E::kPrepare}, S::kPreparing},   {{S::kInStock, E::kRetire}, S::kRetired},
    {{S::kInStock, E::kLose}, S::kLost},           {{S::kInStock, E::kSteal}, S::kStolen},
    {{S::kPreparing, E::kPrepared}, S::kPrepared}, {{S::kPreparing, E::kFail}, S::kInRepair},
    {{S::kPreparing, E::kLose}, S::kLost},         {{S::kPreparing, E::kSteal}, S::kStolen},
    {{S::kPrepared, E::kAssign}, S::kAssigned},    {{S::kPrepared, E::kUnprepare}, S::kInStock},
    {{S::kPrepared, E::kLose}, S::kLost},          {{S::kPrepared, E::kSteal}, S::kStolen},
    {{S::kAssigned, E::kReturn}, S::kReturned},    {{S::kAssigned, E::kRepair}, S::kInRepair},
    {{S::kAssigned, E::kLose}, S::kLost},          {{S::kAssigned, E::kSteal}, S::kStolen},
    {{S::kReturned, E::kRestock}, S::kInStock},    {{S::kReturned, E::kRepair}, S::kInRepair},
    {{S::kReturned, E::kRetire}, S::kRetired},     {{S::kReturned, E::kLose}, S::kLost},
    {{S::kReturned, E::kSteal}, S::kStolen},       {{S::kInRepair, E::kRepaired}, S::kReturned},
    {{S::kInRepair, E::kRetire}, S::kRetired},     {{S::kInRepair, E::kLose}, S::kLost},
    {{S::kInRepair, E::kSteal}, S::kStolen},       {{S::kLost, E::kFound}, S::kReturned},
    {{S::kLost, E::kWriteOff}, S::kRetired},       {{S::kStolen, E::kFound}, S::kReturned},
    {{S::kStolen, E::kWriteOff}, S::kRetired},
};

TEST_CASE("every event is allowed from the states of the table, and refused from all others") {
  for (const S state : AllLaptopStates()) {
    for (const E event : AllLaptopEvents()) {
      INFO(ToString(state) << " + " << ToString(event));
      const auto expected = kAllowed.find({state, event});
      const auto moved = Apply(state, event, /*has_holder=*/false);
      REQUIRE(moved.ok() == (expected != kAllowed.end()));
      if (moved.ok()) {
        CHECK(*moved == expected->second);
      } else {
        CHECK(moved.status().code() == absl::StatusCode::kFailedPrecondition);
        CHECK(ReasonOf(moved.status()) == "ILLEGAL_MOVE");
      }
    }
  }
}

TEST_CASE("a refused move names the events that are possible, in its message and as a detail") {
  for (const S state : AllLaptopStates()) {
    std::vector<std::string> names;
    for (const E event : PossibleEvents(state)) names.emplace_back(ToString(event));
    for (const E event : AllLaptopEvents()) {
      const auto moved = Apply(state, event, false);
      if (moved.ok()) continue;
      const std::string expected =
          names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
      CHECK(DetailOf(moved.status(), "possible_events") == expected);
      CHECK(std::string(moved.status().message()) ==
            fmt::format("a laptop that is {} cannot take {}; possible: {}", ToString(state),
                        ToString(event), expected));
    }
  }
}

TEST_CASE("nothing leaves RETIRED") {
  CHECK(PossibleEvents(S::kRetired).empty());
  CHECK(DetailOf(Apply(S::kRetired, E::kAssign, false).status(), "possible_events") == "none");
}

TEST_CASE("a repaired laptop goes back to its holder when it has one") {
  CHECK(*Apply(S::kInRepair, E::kRepaired, /*has_holder=*/true) == S::kAssigned);
  CHECK(*Apply(S::kInRepair, E::kRepaired, /*has_holder=*/false) == S::kReturned);
}

TEST_CASE("two states have one event between them, or none") {
  for (const S from : AllLaptopStates()) {
    for (const S to : AllLaptopStates()) {
      for (const bool holder : {false, true}) {
        INFO(ToString(from) << " → " << ToString(to));
        int ways = 0;
        for (const E event : PossibleEvents(from)) {
          const auto there = Apply(from, event, holder);
          ways += there.ok() && *there == to ? 1 : 0;
        }
        CHECK(ways <= 1);
        const auto event = EventBetween(from, to, holder);
        REQUIRE(event.ok() == (ways == 1));
        if (event.ok()) CHECK(*Apply(from, *event, holder) == to);
        if (!event.ok()) CHECK(ReasonOf(event.status()) == "ILLEGAL_MOVE");
      }
    }
  }
}

TEST_CASE("a holder changes no other move") {
  for (const auto& [move, to] : kAllowed) {
    if (move.second != E::kRepaired) CHECK(*Apply(move.first, move.second, true) == to);
  }
}

TEST_CASE("names of states and events are read back as they are written, and in no other form") {
  CHECK(AllLaptopStates().size() == 9);
  CHECK(AllLaptopEvents().size() == 18);
  for (const S state : AllLaptopStates()) CHECK(*ParseLaptopState(ToString(state)) == state);
  for (const E event : AllLaptopEvents()) CHECK(*ParseLaptopEvent(ToString(event)) == event);
  for (const std::string_view bad : {"", "in_stock", "READY", "IN STOCK", "?"}) {
    CHECK_FALSE(ParseLaptopState(bad).ok());
    CHECK_FALSE(ParseLaptopEvent(bad).ok());
  }
}

}  // namespace
}  // namespace parc::inventory
