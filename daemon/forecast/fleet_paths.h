#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "daemon/forecast/dice.h"
#include "daemon/forecast/model.h"

// The fleet, day by day, on one path after the other. Allocates nothing once it is made.
namespace parc::forecast {

// What a path's days are written to; index 0 is day 1. `attrition` has one entry a month.
struct FleetRecord {
  int* equipped = nullptr;
  int* in_need = nullptr;
  int* attrition = nullptr;   // null: not wanted
  long long supply_days = 0;  // summed over paths
  long long preparation_days = 0;
};

class FleetPaths {
 public:
  FleetPaths(const Model& model, const Scenario& scenario);

  // To the end of day `last`. `delivered`: units by day, 0 … horizon. `month_of_day`: by day, for
  // attrition.
  void Run(int path, int last, const int* delivered, const int* month_of_day, FleetRecord& record);

 private:
  // Events of one kind on a path, bucketed by day.
  class Buckets {
   public:
    struct Event {
      std::uint64_t dice = 0;
      int next = -1;  // of the same day
    };
    // Room for ten standard deviations above the expected number.
    void Reset(int horizon, double expected) {
      head_.assign(static_cast<std::size_t>(horizon) + 1, -1);
      events_.reserve(static_cast<std::size_t>(expected + 10 * std::sqrt(expected) + 100));
    }
    void Clear() {
      std::fill(head_.begin(), head_.end(), -1);
      events_.clear();  // which keeps its room
    }
    void Add(int day, std::uint64_t dice) {
      int& head = head_[static_cast<std::size_t>(day)];
      events_.push_back({dice, head});
      head = static_cast<int>(events_.size()) - 1;
    }
    int First(int day) const { return head_[static_cast<std::size_t>(day)]; }
    const Event& At(int index) const { return events_[static_cast<std::size_t>(index)]; }

   private:
    std::vector<int> head_;
    std::vector<Event> events_;
  };
  // Days of events that nobody has announced: their expected number at one a day, and the days at
  // kDayTable quantiles of it.
  struct DaysAhead {
    double expected = 0;
    std::vector<std::int16_t> day;
  };
  struct State {
    const LifeEndsDraw* life_ends = nullptr;
    int need = 0, equipped = 0, stock = 0;
    int handed_out = 0;      // since as_of
    double end_debt = 0;     // fractions of laptops whose end of life is not applied yet
    double kept = 0;         // laptops past their life that are kept for want of a successor
    double stock_debt = 0;   // the same of laptops in stock
    double budget = 0;       // fraction of a hand-out, carried to the next day
    double leaver_debt = 0;  // fraction of a leaver who is equipped
    std::size_t noise = 0;   // where in the table of normals the path's days begin
  };

  void SetCapacity(const Model& model, const Scenario& scenario);
  void SetDaysAhead();
  const DaysAhead& DaysOf(std::size_t lead) const { return days_ahead_[lead]; }
  const FleetDraw& DrawOf(int path) const {
    return draws_[static_cast<std::size_t>(path) % draws_.size()];
  }
  void Prepare(int path, const FleetDraw& draw);
  void ScatterMoves(int path, const FleetDraw& draw);
  void ReturnLater(int day, double mean_days, std::uint64_t dice, int laptops);
  int Leaving(const State& state, int day) const;
  void Depart(State& state, int day, int equipped, int others, const FleetDraw& draw);
  int Fail(State& state, int day, const FleetDraw& draw);
  int EndLives(State& state, int day, const FleetDraw& draw) const;
  double EndStock(State& state, int day, const FleetDraw& draw) const;
  void HandOut(State& state, std::size_t day, const FleetDraw& draw) const;

  std::uint64_t seed_;
  int horizon_;
  FleetNow now_;
  int reserve_;
  int lag_;
  int turnaround_;
  double daily_noise_;
  double most_people_ = 0;        // in need, an upper bound for thinning
  std::vector<double> capacity_;  // nominal, by day; 0 on days off
  std::vector<char> absolute_;    // 1: the scenario's, where no nominal capacity is known
  std::vector<FleetDraw> draws_;
  std::vector<DaysAhead> days_ahead_;  // by lead, those that a draw has; then any day alike
  const std::vector<LifeEndsDraw>& life_ends_;  // paths share them in turn
  Buckets failures_, departures_;
  std::vector<int> arrivals_;       // unannounced, by day
  std::vector<int> back_;           // laptops that become stock, by day; one cell for later
  std::vector<float> exponential_;  // quantiles
  const std::array<float, kNormalTable>& normals_;
  Dice returns_{0, 0, 0};  // of leavers' laptops, on the path at hand
};

}  // namespace parc::forecast
