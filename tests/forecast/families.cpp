#include "tests/forecast/worlds.h"

namespace parc::forecast::testing {

const std::vector<Family>& Families() {
  static const std::vector<Family> families = [] {
    std::vector<Family> all;
    all.push_back({.name = "stages"});
    Family containers{.name = "containers"};
    containers.law = Law::kContainers;
    containers.optimism = {0.8, 1.1};
    containers.suppliers = {2, 4};
    containers.silent = 0.5;
    all.push_back(containers);
    Family optimists{.name = "optimists"};
    optimists.law = Law::kHeavyTail;
    optimists.optimism = {0.25, 0.6};
    optimists.silent = 0.4;
    optimists.stuck = 0.1;
    all.push_back(optimists);
    Family sparse{.name = "sparse"};
    sparse.people = {40, 120};
    sparse.suppliers = {2, 3};
    sparse.lines_per_year = {5, 12};
    sparse.records_days = {120, 300};
    all.push_back(sparse);
    Family grand{.name = "grand"};
    grand.people = {1200, 2500};
    grand.suppliers = {8, 15};
    grand.lines_per_year = {80, 160};
    grand.capacity = {0.002, 0.006};
    all.push_back(grand);
    Family shrinking{.name = "shrinking"};
    shrinking.arrivals = {0.0, 0.05};
    shrinking.departures = {0.12, 0.3};
    shrinking.life_years = {2.5, 4};
    all.push_back(shrinking);
    Family growing{.name = "growing"};
    growing.arrivals = {0.2, 0.45};
    growing.announced = {0, 120};
    all.push_back(growing);
    Family crisis{.name = "crisis now"};
    crisis.crisis_middle = 20;
    all.push_back(crisis);
    Family calm{.name = "calm"};
    calm.optimism = {0.9, 1.1};
    calm.crisis = {1.0, 1.0};
    calm.stuck = 0.01;
    calm.failures = {0.01, 0.05};
    all.push_back(calm);
    Family kept{.name = "kept"};
    kept.ends_at_once = false;
    kept.life_years = {2.5, 4};
    kept.supply = {1.0, 1.8};
    all.push_back(kept);
    Family mute{.name = "mute"};
    mute.suppliers = {1, 2};
    mute.silent = 1;
    mute.lines_per_year = {10, 25};
    mute.records_days = {60, 150};
    mute.optimism = {0.4, 1.2};
    all.push_back(mute);
    Family fragile{.name = "fragile"};
    fragile.failures = {0.2, 0.5};
    fragile.repaired = {0.7, 0.95};
    fragile.capacity = {0.003, 0.01};
    fragile.capacity_factor = {0.4, 0.8};
    all.push_back(fragile);
    return all;
  }();
  return families;
}

}  // namespace parc::forecast::testing
