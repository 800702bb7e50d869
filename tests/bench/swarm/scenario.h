#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tests/bench/swarm/connection.h"
#include "tests/bench/swarm/dice.h"

// When simulated agents come, and how. Pure. Times are microseconds of the scenario.
namespace parc::swarm {

enum class Scenario {
  kSteady,  // every agent once an interval
  kMonday,  // everybody opens the laptop within an hour and a half, and has something new to report
  kOutage,  // steady, but nobody reaches the server for a while: then all come back
  kTethered,  // steady, a third of the agents on slow mobile links
  kClones,    // steady, one laptop in fifty was copied: both copies report
};
std::optional<Scenario> ParseScenario(std::string_view name);

struct Shape {
  Scenario scenario = Scenario::kSteady;
  std::int64_t interval = 0;      // between two contacts, until the server says otherwise
  std::int64_t window = 0;        // kMonday: in which everybody comes
  std::int64_t outage_begin = 0;  // kOutage
  std::int64_t outage_end = 0;
};

// When an agent makes its first contact. Monday's crowd is densest in the middle of the window (the
// sum of three dice).
std::int64_t FirstContact(const Shape& shape, Dice& dice);
// Whether the server can be reached at `time`.
bool IsReachable(const Shape& shape, std::int64_t time);
// How many small changes a laptop has lived through before its first report.
int ChangesBefore(const Shape& shape, Dice& dice);
// The link of agent `number`: 300 ms and 16 KB/s for every third one of kTethered.
Link LinkOf(const Shape& shape, std::uint32_t number);
// Whether a copy of `number` reports, too.
bool IsCloned(const Shape& shape, std::uint32_t number);

// How a fleet came back from an outage, in contacts a second of the clock: on average before it; in
// the busiest ten seconds (of the scenario) of the half interval after it; and of the interval that
// follows, where a herd would show again.
struct Comeback {
  double steady = 0, peak = 0, echo = 0;
};
// `contacts`: in each second of the clock. Nothing when the series ends before the outage does.
std::optional<Comeback> ComebackOf(const Shape& shape, double speed,
                                   const std::vector<std::uint32_t>& contacts);

}  // namespace parc::swarm
