#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/forecast/facts.h"

// The past of the fleet as counts a day, from people, laptops and who held what.
namespace parc::forecast {

// People in need and laptops by id, their days as in Facts. Views into Inputs, which must outlive
// it.
struct PersonDays {
  bool needs = false;
  int start = -kNoDay;
  int end = kNoDay;
};
// One stretch of time in which somebody held a laptop.
struct Holding {
  std::string_view asset;
  std::string_view person;
  int from = 0;
  int to = kNoDay;                     // first day without; kNoDay: still held
  const Asset* laptop = nullptr;       // nullptr: not on record
  const PersonDays* holder = nullptr;  // the same
};

struct Roster {
  // The holdings of Inputs::assets[number], in order.
  std::span<const Holding> Of(std::size_t number) const {
    return std::span(holdings).subspan(of_asset[number].first, of_asset[number].count);
  }

  std::unordered_map<std::string_view, PersonDays> people;
  std::vector<Holding> holdings;  // by asset, then from; overlaps of one laptop are cut
  struct Stretch {
    std::size_t first = 0, count = 0;  // of holdings
  };
  std::vector<Stretch> of_asset;  // by number in Inputs::assets
};
Roster RosterOf(const Facts& facts, const Inputs& inputs);

// Entry i is the end of day `first` + i; the last entry is as_of.
struct DailyCounts {
  int first = 0;
  std::vector<int> equipped;  // in need and holding a laptop
  std::vector<int> in_need;
  std::vector<int> stock;       // laptops that could be handed out
  std::vector<int> perhaps;     // those that may have been ready, as far as records tell; and
  std::vector<int> ready;       // of them, those that surely could: settled, not past their life
  std::vector<int> handed_out;  // that day

  std::size_t size() const { return equipped.size(); }
};
// From facts.since to as_of.
DailyCounts DailyCountsOf(const Facts& facts, const Inputs& inputs, const Roster& roster);

// The fleet at the end of as_of, from which a simulation starts.
struct FleetNow {
  int in_need = 0;
  int equipped = 0;
  int stock = 0;
  int in_repair = 0;
  int claimed_repairs = 0;  // of them, those whose holder keeps the claim: no holding ended
  int held_by_leavers = 0;  // laptops that people without the need (any more) still hold
  // Announced changes, by day 1 to horizon (index 0 is unused).
  std::vector<int> arrivals;
  std::vector<int> leavers_equipped;  // equipped at as_of
  std::vector<int> leavers_other;     // waiting at as_of, or not even there yet
  // Planned ends of life of laptops that are held at as_of, by day; of those in stock, of which
  // those that are over are part of `stock`.
  std::vector<int> ends_of_life, ends_in_stock;
  int stock_overdue = 0;
};
FleetNow FleetNowOf(const Facts& facts, const Inputs& inputs, const Roster& roster);

}  // namespace parc::forecast
