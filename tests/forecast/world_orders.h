#pragma once

#include <vector>

#include "daemon/forecast/dice.h"
#include "tests/forecast/worlds.h"

// The supply side of a world: orders, what was promised, what came.
namespace parc::forecast::testing {

struct WorldLine {
  int supplier = 0;
  int model = 0;
  int ordered = 0;  // day, as_of is 0
  int quantity = 0;
  struct Event {
    int day = 0;
    int value = 0;  // promised day, or units
  };
  std::vector<Event> promises;
  std::vector<Event> deliveries;
  int cancelled_on = 1 << 28;
  int cancelled = 0;
};

inline double Within(Dice& dice, const Family::Range& range) {
  return range.low + (range.high - range.low) * dice.Uniform();
}

// `units` in all between the days `first` and `last`, those after 0 being planned orders.
std::vector<WorldLine> MakeLines(const Family& family, Dice& dice, int units, int first, int last);

}  // namespace parc::forecast::testing
