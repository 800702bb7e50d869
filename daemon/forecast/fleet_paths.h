#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "daemon/forecast/dice.h"
#include "daemon/forecast/lanes.h"
#include "daemon/forecast/model.h"

// The fleet, day by day, on kLanes paths side by side. Allocates nothing once it is made.
namespace parc::forecast {

class FleetPaths {
 public:
  FleetPaths(const Model& model, const Scenario& scenario);

  // Paths `first` to `first` + kLanes - 1 as they are at the end of as_of.
  void Begin(int first);
  // The next day; `delivered` is what arrives on day 0, 1, … of each path. REQUIRES: days are
  // taken in turn, from 1 to the horizon.
  void Step(int day, const std::vector<Lanes>& delivered);

  const Lanes& in_need() const { return need_; }
  const Lanes& equipped() const { return equipped_; }
  const Lanes& lost() const { return lost_; }  // failed or at the end of their life, that day
  // Person-days of waiting so far: with no laptop to hand out, and with laptops lying there.
  const Lanes& waiting_for_laptops() const { return waiting_for_laptops_; }
  const Lanes& waiting_for_hands() const { return waiting_for_hands_; }

 private:
  // What is thrown for a week of a path: standard normals.
  struct WeekDice {
    Lanes arrivals, departures, repairs, losses, returns;
  };
  // The parameters of each path, as FleetDraw and LifeEndsDraw have them, by day.
  struct Parameters {
    Lanes arrivals, departures;              // groups, of all people; of each person
    Lanes arrival_batch, departure_batch;    // people in a group
    Lanes repairs, losses;                   // failures that come back, that do not
    Lanes repaired, returned;                // shares of those away, of leavers' laptops
    Lanes back_from_repair, back_from_home;  // shares of those on their way that arrive each day
    Lanes hand_outs, old_unusable;
    Lanes ends_without, ends_catch_up, waiting_first;
    Lanes still_held;   // share of laptops past their life that no failure or leaver takes that day
    int life_ends = 0;  // first column of expected_ends_
    std::array<std::size_t, kLanes> arrival_lead{}, departure_lead{};
  };
  // Shares of events that nobody has announced yet, by week.
  using Unannounced = std::vector<float>;

  void SetCapacity(const Model& model, const Scenario& scenario);
  void SetUnannounced();
  void SetExpectedEnds();
  void SetParameters(int first);
  void ThrowDice(int first);
  void BeginWeek(int week);
  void Receive(int day, const std::vector<Lanes>& delivered);
  void Depart(int day);
  void Arrive(int day);
  void Fail();
  void EndStock(int day);
  void EndLives(int day);
  void HandOut(int day);
  void NoteWaiting();

  std::uint64_t seed_;
  int horizon_;
  FleetNow now_;
  float reserve_;
  int lag_;
  int turnaround_;
  float daily_noise_;
  std::vector<float> capacity_;  // nominal, by day; 0 on days off
  std::vector<char> absolute_;   // 1: the scenario's, where no nominal capacity is known
  std::vector<FleetDraw> draws_;
  const std::vector<LifeEndsDraw>& life_ends_;  // paths share them in turn
  std::vector<float> expected_ends_;            // of life_ends_: [day][draw]
  std::vector<Unannounced> unannounced_;        // by lead, those that a draw has
  const std::array<float, kNormalTable>& normals_;

  // Of the paths at hand.
  Parameters of_;
  std::vector<WeekDice> dice_;
  std::array<std::size_t, kLanes> noise_{};  // where in the table of normals their days begin
  Lanes need_, equipped_, stock_, handed_out_, lost_;
  Lanes waiting_for_laptops_, waiting_for_hands_;
  Lanes ends_due_, hand_out_noise_;  // of the day
  // Groups, people and laptops a day of the week at hand.
  Lanes arrivals_a_day_, departures_a_day_, repairs_a_day_, losses_a_day_;
  // On their way back to stock, as expected numbers: in repair, at leavers' homes; and left there
  // by day, turnaround_ days deep.
  Lanes in_repair_, at_home_;
  std::vector<Lanes> just_left_;
  std::size_t slot_ = 0;  // of just_left_: today's
  Lanes kept_;            // laptops past their life that are kept for want of a successor
  // Fractions of people and laptops of which the whole part is applied: carried to the next day.
  Lanes arrival_debt_, departure_debt_, repair_debt_, loss_debt_, back_debt_, leaver_debt_,
      end_debt_, stock_debt_, budget_;
};

}  // namespace parc::forecast
