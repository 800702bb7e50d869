#pragma once

#include <cstdint>
#include <vector>

#include "daemon/forecast/facts.h"
#include "daemon/forecast/hand_outs.h"
#include "daemon/forecast/history.h"
#include "daemon/forecast/life_ends.h"

// What happens to people and laptops once deliveries are given: arrivals, departures, failures,
// repairs, ends of life, hand-outs. Rates with conjugate priors; README.md, "Fleet".
namespace parc::forecast {

// A draw of everything that is not known about the fleet.
struct FleetDraw {
  double failures = 0;           // per held laptop and day: leaves the hands of somebody who stays
  double repaired = 0.7;         // share of those that come back
  double repair_days = 20;       // mean until they do
  double returned = 0.9;         // share of leavers' laptops that come back
  double return_days = 5;        // mean until they do
  double arrivals = 0;           // people a day, announced or not
  double departures = 0;         // per person in need and day
  std::size_t arrival_lead = 0;  // how long before they are announced: AnnouncementLeads()
  std::size_t departure_lead = 0;
  int arrival_batch = 1;  // people who arrive together
  int departure_batch = 1;
  double old_usable = 0.25;  // share of laptops in stock that are handed out past their life
  double hand_outs = 0;      // per working day: nominal times this, or absolute without nominal
};

// A belief about announcements: the share of events `days` ahead that is not announced yet.
struct AnnouncementLead {
  double announced = 0;  // share that is announced at all
  double days = 0;       // mean (or exact) time ahead
  bool exact = false;    // always that many days ahead
  double UnannouncedAt(int days_ahead) const;
};
const std::vector<AnnouncementLead>& AnnouncementLeads();

class FleetModel {
 public:
  FleetModel(const Facts& facts, const Inputs& inputs, const Roster& roster,
             const DailyCounts& counts, const FleetNow& now);

  FleetDraw Draw(std::uint64_t seed, std::uint64_t index) const;

  // Days from receipt to the first possible hand-out.
  int receipt_lag() const { return receipt_lag_; }
  // Days from a leaver's hands to stock, besides FleetDraw::return_days.
  int turnaround() const { return turnaround_; }
  // Records show hand-outs on days that the calendar calls free.
  bool works_every_day() const { return pace_.every_day; }
  bool has_capacity() const { return nominal_.has_value() || pace_.days > 0; }
  double nominal() const { return nominal_.value_or(1); }
  double daily_noise() const { return pace_.noise; }  // coefficient of variation
  const HandOutPace& pace() const { return pace_; }
  const LifeEnds& life_ends() const { return life_ends_; }

 private:
  // Events over an exposure, older ones counting less.
  struct Rate {
    double events = 0;
    double exposure = 0;
    double dispersion = 1;             // variance / mean of counts
    std::vector<double> lead_weights;  // cumulative posterior over AnnouncementLeads()
    double Draw(class Dice& dice) const;
  };

  void LearnExits(const Facts& facts, const Roster& roster, const DailyCounts& counts);
  void LearnClaimedRepairs(const DailyCounts& counts, const FleetNow& now);
  void LearnMovements(const Facts& facts, const Roster& roster, const DailyCounts& counts,
                      const FleetNow& now);
  void LearnOldStock(const Facts& facts, const Inputs& inputs, const Roster& roster,
                     const FleetNow& now);
  void LearnDelays(const Facts& facts, const Inputs& inputs, const Roster& roster,
                   const DailyCounts& counts);

  Rate failures_, arrivals_, departures_;
  double back_ = 0, gone_ = 0, back_days_ = 0;
  double returned_ = 0, kept_ = 0, return_days_ = 0;
  LifeEnds life_ends_;
  std::optional<double> nominal_;
  HandOutPace pace_;
  double old_used_ = 0, old_unused_ = 0;
  int receipt_lag_ = 1;
  int turnaround_ = 2;
};

}  // namespace parc::forecast
