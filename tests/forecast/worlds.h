#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "daemon/forecast/inputs.h"

// Worlds to judge forecasts by. They are made of things that the model knows nothing about: stages
// that a line passes one after the other, containers, a crisis that slows what is under way, lines
// that are stuck, suppliers who never say anything, people and laptops one by one.
namespace parc::forecast::testing {

enum class Law { kStages, kContainers, kHeavyTail };

// The kind of world; what is a range here is drawn once per world.
struct Family {
  struct Range {
    double low, high;
  };
  std::string_view name;
  Law law = Law::kStages;
  Range people = {150, 900};
  Range equipped = {0.3, 0.7};  // share of people with a laptop when the world begins
  double recent = 0.5;          // share of orders that are placed around as_of
  Range suppliers = {3, 8};
  Range lead_days = {30, 90};      // usual time of a supplier
  Range optimism = {0.55, 1.0};    // first promise / usual time
  double silent = 0.25;            // share of suppliers who never revise a promise
  double stuck = 0.05;             // share of lines
  double split = 0.4;              // share of lines that come in lots
  Range cancelled = {0.02, 0.08};  // share of lines
  Range lines_per_year = {25, 70};
  Range supply = {0.75, 1.15};  // units ordered / units missing, over the whole time
  Range crisis = {1.5, 3.0};    // stages take so many times as long
  double crisis_middle = -250;  // days from as_of; a crisis lasts 60 to 160 days
  Range records_days = {300, 800};
  Range arrivals = {0.04, 0.14};  // per person and year
  Range departures = {0.04, 0.14};
  Range announced = {10, 60};     // days ahead
  Range failures = {0.03, 0.14};  // per laptop and year
  Range repaired = {0.4, 0.9};
  Range life_years = {4, 6};
  bool ends_at_once = true;              // else a laptop is kept until a successor lies there
  Range capacity = {0.01, 0.05};         // hand-outs per working day and person
  Range capacity_factor = {0.65, 1.05};  // real / nominal
};

const std::vector<Family>& Families();

struct World {
  Inputs known;               // horizon 364, with three targets
  std::vector<int> equipped;  // truth: end of day as_of + 1, …
  std::vector<int> in_need;
};

// World `index` of a family, for a seed. The same arguments give the same world.
World MakeWorld(const Family& family, std::uint64_t seed, int index);

}  // namespace parc::forecast::testing
