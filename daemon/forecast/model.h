#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "daemon/forecast/delivery_model.h"
#include "daemon/forecast/facts.h"
#include "daemon/forecast/fleet_model.h"
#include "daemon/forecast/history.h"
#include "daemon/forecast/inputs.h"

// All that is learned from the facts, once; scenarios are simulated from it.
namespace parc::forecast {

inline constexpr int kDraws = 250;     // of the parameters; paths share them in turn
inline constexpr int kLifeDraws = 32;  // of when lives end, which cost more; a multiple of kLanes

// Keeps a reference to `inputs`, which must outlive it. REQUIRES: Validate(inputs).ok().
struct Model {
  explicit Model(const Inputs& known)
      : inputs(known),
        facts(Regularise(known)),
        roster(RosterOf(facts, known)),
        counts(DailyCountsOf(facts, known, roster)),
        now(FleetNowOf(facts, known, roster)),
        delivery(facts),
        fleet(facts, known, roster, counts, now),
        seed(known.seed ? *known.seed : SeedOf(known)) {
    for (std::uint64_t k = 0; k < static_cast<std::uint64_t>(std::min(kDraws, known.paths)); ++k) {
      delivery_draws.push_back(delivery.Draw(seed, k));
      fleet_draws.push_back(fleet.Draw(seed, k));
    }
    for (std::uint64_t k = 0; k < kLifeDraws; ++k)
      life_ends.push_back(fleet.life_ends().Draw(now, facts.horizon, seed, k));
  }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const Inputs& inputs;
  Facts facts;  // without any scenario
  Roster roster;
  DailyCounts counts;
  FleetNow now;
  DeliveryModel delivery;
  FleetModel fleet;
  std::uint64_t seed;
  // Draws of all that is not known, in order of their index.
  std::vector<DeliveryDraw> delivery_draws;
  std::vector<FleetDraw> fleet_draws;
  std::vector<LifeEndsDraw> life_ends;
};

}  // namespace parc::forecast
