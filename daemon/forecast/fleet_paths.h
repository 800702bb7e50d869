#pragma once

#include <cstdint>
#include <vector>

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
  FleetPaths(const Model& model, const Scenario& scenario, int draws);

  // `delivered`: units by day, 0 … horizon. `month_of_day`: by day, for attrition.
  void Run(int path, const int* delivered, const int* month_of_day, FleetRecord& record);

 private:
  // Events of one kind on a path, bucketed by day without allocation.
  struct Event {
    std::uint64_t dice = 0;
    int next = -1;
  };
  class Buckets {
   public:
    void Reset(int horizon) { head_.assign(static_cast<std::size_t>(horizon) + 1, -1); }
    void Clear();
    void Add(int day, std::uint64_t dice);
    int First(int day) const { return head_[static_cast<std::size_t>(day)]; }
    const Event& At(int index) const { return events_[static_cast<std::size_t>(index)]; }

   private:
    std::vector<int> head_;
    std::vector<Event> events_;
  };
  struct State {
    int need = 0, equipped = 0, stock = 0;
    double end_debt = 0;  // fractions of laptops whose end of life is not applied yet
    double overdue = 0;   // laptops kept beyond their planned life
    double overdue_debt = 0;
    double budget = 0;  // of hand-outs, carried from day to day below one
    double leaver_debt = 0;
  };

  void SetCapacity(const Model& model, const Scenario& scenario);
  const FleetDraw& DrawOf(int path) const {
    return draws_[static_cast<std::size_t>(path) % draws_.size()];
  }
  void Prepare(int path, const FleetDraw& draw);
  void ScatterMoves(int path, const FleetDraw& draw);
  void ReturnLater(int day, double mean_days, std::uint64_t dice);
  void Depart(State& state, int day, int equipped, int others, const FleetDraw& draw);
  int Fail(State& state, int day, const FleetDraw& draw);
  int EndLives(State& state, int day, const FleetDraw& draw) const;
  void HandOut(State& state, int day, std::uint64_t noise, const FleetDraw& draw) const;

  std::uint64_t seed_;
  std::uint64_t path_ = 0;
  int horizon_;
  FleetNow now_;
  int reserve_;
  int lag_;
  int turnaround_;
  double daily_noise_;
  double most_held_;  // an upper bound of laptops held, for thinning
  double most_need_;
  std::vector<double> capacity_;  // nominal, by day; 0 on days off
  std::vector<bool> absolute_;    // the scenario's, where no nominal capacity is known
  std::vector<std::vector<double>> unannounced_;  // by lead: cumulative over days
  std::vector<FleetDraw> draws_;
  Buckets failures_, arrivals_, departures_;
  std::vector<int> back_;           // laptops that become stock, by day
  std::vector<float> exponential_;  // quantiles
};

}  // namespace parc::forecast
