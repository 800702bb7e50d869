#pragma once

#include "daemon/forecast/delivery_model.h"
#include "daemon/forecast/facts.h"
#include "daemon/forecast/fleet_model.h"
#include "daemon/forecast/history.h"
#include "daemon/forecast/inputs.h"

// All that is learned from the facts, once; scenarios are simulated from it.
namespace parc::forecast {

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
        seed(known.seed ? *known.seed : SeedOf(known)) {}
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
};

}  // namespace parc::forecast
