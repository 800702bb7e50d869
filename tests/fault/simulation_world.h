#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <string>
#include <vector>

#include "tests/access/access_support.h"
#include "tests/fault/simulation.h"
#include "tests/fault/simulation_ledger.h"
#include "tests/support/dice.h"

namespace parc::simulation {

using access::kDay;
using access::kHour;
using access::kMinute;
using access::kSecond;

// Events in the order of their time; those of one instant in the order in which they were planned.
class Timeline {
 public:
  std::int64_t now() const { return now_; }
  void At(std::int64_t time, std::function<void()> event) {
    events_.push({std::max(time, now_), ++count_, std::move(event)});
  }
  void In(std::int64_t wait, std::function<void()> event) { At(now_ + wait, std::move(event)); }
  // Runs the next event. False when there is none until `end`.
  bool Step(std::int64_t end);

 private:
  struct Event {
    std::int64_t time;
    std::uint64_t number;
    std::function<void()> run;
    bool operator<(const Event& other) const {
      return time != other.time ? time > other.time : number > other.number;
    }
  };
  std::priority_queue<Event> events_;
  std::int64_t now_ = access::kNoon;
  std::uint64_t count_ = 0;
};

// A network that loses, repeats, delays and so reorders, until it is told to be good.
class Network {
 public:
  Network(Timeline& timeline, test::Dice& dice) : timeline_(timeline), dice_(dice) {}
  void Send(const std::function<void()>& arrive);
  void BeGood() { good_ = true; }

 private:
  std::int64_t Delay();
  Timeline& timeline_;
  test::Dice& dice_;
  bool good_ = false;
};

// Keys are dear to make and all alike: made once, and handed out in the same order to every run.
class KeyRing {
 public:
  const std::string& Csr(int number);

 private:
  std::vector<std::string> csrs_;
};

// What all of one run share.
struct World {
  explicit World(const Plan& what, KeyRing& ring) : plan(what), dice(what.seed), keys(ring) {}

  // The daemon's wall clock, and everybody's.
  std::int64_t Clock() const { return timeline.now() + clock_step; }
  int NewKey() { return ++last_key; }
  int NewContents() { return ++last_contents; }
  // Has what was queued by the call before written, soon or late.
  void PlanCommit();

  const Plan& plan;
  test::Dice dice;
  Timeline timeline;
  Network network{timeline, dice};
  KeyRing& keys;
  Ledger ledger;
  Outcome outcome;
  Core* core = nullptr;
  std::int64_t clock_step = 0;
  bool calm = false;  // from the end of the plan on: nothing goes wrong any more
  int last_key = 0;
  int last_contents = 0;
  bool commit_is_planned = false;
};

}  // namespace parc::simulation
