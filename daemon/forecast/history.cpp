#include "daemon/forecast/history.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <tuple>
#include <unordered_set>

namespace parc::forecast {
namespace {

// A laptop taken back from somebody who stays is looked at before it is stock again; for that long
// it is not counted as stock, unless it was handed out before.
constexpr int kCheckDays = 14;
// What may have been ready all the same.
constexpr int kLeastCheckDays = 3;
constexpr int kLeastSettleDays = 2;
// And for so long a laptop is not sure to be ready once it came.
constexpr int kSettleDays = 5;
constexpr int kWipedDays = 8;  // the same of one that came back from who left
// The same of one that was taken back from somebody who stays: what repairs take, and a margin.
constexpr double kRepairMargin = 1.25;
constexpr double kUsualRepairDays = 21;  // before any repair was seen, worth one
constexpr int kLatelyDays = 180;

// Adds one to the days [from, to) of a series that begins at `first`; summed up later.
void Mark(std::vector<int>& differences, int first, int from, int to, int amount = 1) {
  const int last = first + static_cast<int>(differences.size()) - 1;
  const int begin = std::max(from, first), end = std::min(to, last);
  if (begin >= end) return;
  differences[static_cast<std::size_t>(begin - first)] += amount;
  differences[static_cast<std::size_t>(end - first)] -= amount;
}

std::vector<int> Summed(std::vector<int> differences) {
  std::partial_sum(differences.begin(), differences.end(), differences.begin());
  differences.pop_back();
  return differences;
}

// Days on which each person in need holds at least one laptop.
void MarkEquipped(const Roster& roster, int first, std::vector<int>& equipped) {
  struct Held {
    const PersonDays* holder;
    int from, to;
  };
  std::vector<Held> by_person;
  for (const Holding& holding : roster.holdings)
    if (holding.holder != nullptr && holding.holder->needs)
      by_person.push_back({holding.holder, holding.from, holding.to});
  std::sort(by_person.begin(), by_person.end(), [](const Held& a, const Held& b) {
    if (a.holder != b.holder) return std::less<>()(a.holder, b.holder);
    return std::tie(a.from, a.to) < std::tie(b.from, b.to);
  });
  const PersonDays* person = nullptr;
  int until = -kNoDay;
  for (const Held& held : by_person) {
    if (held.holder != person) until = -kNoDay;
    person = held.holder;
    const int from = std::max({held.from, person->start, until});
    const int to = std::min(held.to, person->end);
    Mark(equipped, first, from, to);
    until = std::max(until, to);
  }
}

// Days on which laptops were neither held nor ended, nor back from somebody a moment ago.
void MarkStock(const Facts& facts, const Inputs& inputs, const Roster& roster, int first,
               int settle_days, int check_days, std::vector<int>& stock) {
  for (std::size_t number = 0; number < inputs.assets.size(); ++number) {
    const Asset& asset = inputs.assets[number];
    const int from = asset.received ? facts.DayOf(*asset.received) : -kNoDay;
    int to = asset.ended ? facts.DayOf(*asset.ended) : kNoDay;
    const bool gone = asset.state == AssetState::kRetired || asset.state == AssetState::kLost;
    if (gone && !asset.ended) to = from;
    Mark(stock, first, from + settle_days, std::max(to, from + settle_days));
    const std::span<const Holding> holdings = roster.Of(number);
    const auto end = holdings.end();
    for (auto it = holdings.begin(); it != end; ++it) {
      int back = it->to;
      if (back != kNoDay) {
        const bool stays = it->holder != nullptr && it->holder->end > back;
        const int next = std::next(it) != end ? std::next(it)->from : kNoDay;
        if (stays) back = std::min(back + check_days, next);
        if (next == kNoDay && asset.state == AssetState::kInRepair) back = kNoDay;
      }
      Mark(stock, first, std::max(it->from, from + settle_days), std::min(back, to), -1);
    }
  }
}

// Days that a laptop is away which was taken back from somebody who stays, by how many are away now
// and how many were taken back lately: number away = rate x days away (Little 1961). Unlike the
// time until the next hand-out, it has no lying in stock in it.
double DaysAway(const Facts& facts, const Inputs& inputs, const Roster& roster) {
  const auto stayed = [](const Holding& holding) {
    return holding.holder != nullptr && holding.holder->end > holding.to;
  };
  const int window = std::clamp(-facts.since, 1, kLatelyDays);
  double away = 0, taken = 0;
  for (const Holding& holding : roster.holdings) {
    const bool recent = holding.to > -window && holding.to <= 0;
    taken += recent && stayed(holding) ? 1 : 0;
  }
  for (std::size_t number = 0; number < inputs.assets.size(); ++number) {
    if (inputs.assets[number].state != AssetState::kInRepair) continue;
    const std::span<const Holding> holdings = roster.Of(number);
    if (holdings.empty() || holdings.back().to == kNoDay) continue;
    away += stayed(holdings.back()) ? 1 : 0;
  }
  return (1 + away) / (1 / kUsualRepairDays + taken / window);
}

// Days on which laptops were sure to be ready for a hand-out: settled since they came or came back,
// and not past their planned life. One that was taken back from somebody who stays may have been in
// repair, and was surely not ready if it was given to nobody before it was written off.
void MarkReady(const Facts& facts, const Inputs& inputs, const Roster& roster, int first,
               std::vector<int>& ready) {
  const int repaired =
      std::clamp(static_cast<int>(kRepairMargin * DaysAway(facts, inputs, roster)), 10, 120);
  for (std::size_t number = 0; number < inputs.assets.size(); ++number) {
    const Asset& asset = inputs.assets[number];
    int end = asset.ended ? facts.DayOf(*asset.ended) : kNoDay;
    const bool gone = asset.state == AssetState::kRetired || asset.state == AssetState::kLost;
    if (gone && !asset.ended) continue;
    if (asset.end_of_life) end = std::min(end, facts.DayOf(*asset.end_of_life));
    int from = asset.received ? facts.DayOf(*asset.received) + kSettleDays : kNoDay;
    const std::span<const Holding> holdings = roster.Of(number);
    for (auto it = holdings.begin(); it != holdings.end(); ++it) {
      Mark(ready, first, from, std::min(it->from, end));
      const bool left = it->holder != nullptr && it->holder->end <= it->to;
      const bool written_off = gone && std::next(it) == holdings.end();
      from = it->to == kNoDay || (written_off && !left) ? kNoDay
                                                        : it->to + (left ? kWipedDays : repaired);
    }
    if (asset.state == AssetState::kInStock || gone) Mark(ready, first, from, end);
  }
}

void CountPeople(const Facts& facts, const Roster& roster,
                 const std::unordered_set<std::string_view>& holders, FleetNow& now) {
  for (const auto& [id, person] : roster.people) {
    if (!person.needs || person.end <= person.start) continue;
    const bool here = person.start <= 0 && person.end > 0;
    const bool equipped = here && holders.contains(id);
    now.in_need += here ? 1 : 0;
    now.equipped += equipped ? 1 : 0;
    if (person.start > 0 && person.start <= facts.horizon)
      now.arrivals[static_cast<std::size_t>(person.start)] += 1;
    if (person.end > 0 && person.end <= facts.horizon) {
      auto& leavers = equipped ? now.leavers_equipped : now.leavers_other;
      leavers[static_cast<std::size_t>(person.end)] += 1;
    }
  }
}

void CountEndOfLife(int day, AssetState state, FleetNow& now) {
  if (state == AssetState::kInRepair) return;  // whether it comes back is said by repairs
  const bool in_stock = state == AssetState::kInStock;
  std::vector<int>& by_day = in_stock ? now.ends_in_stock : now.ends_of_life;
  if (day > 0) {
    if (day < static_cast<int>(by_day.size())) by_day[static_cast<std::size_t>(day)] += 1;
  } else if (in_stock) {
    now.stock_overdue += 1;
  }
}

// The first eight bytes as a number that sorts like them: seldom do two ids begin alike for longer.
std::uint64_t PrefixOf(std::string_view id) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i)
    prefix = prefix << 8 | (i < id.size() ? static_cast<unsigned char>(id[i]) : 0);
  return prefix;
}

std::vector<Holding> HoldingsOf(const Facts& facts, const Inputs& inputs,
                                const std::unordered_map<std::string_view, PersonDays>& people) {
  struct Row {
    std::uint64_t prefix;
    Holding holding;
  };
  std::vector<Row> rows;
  rows.reserve(inputs.assignments.size());
  for (const Assignment& row : inputs.assignments) {
    const int from = facts.DayOf(row.from);
    // An end that is already known but still to come is not an end yet.
    const int to = row.to && *row.to <= inputs.as_of ? facts.DayOf(*row.to) : kNoDay;
    const auto person = people.find(row.person);
    const PersonDays* const holder = person == people.end() ? nullptr : &person->second;
    rows.push_back(
        {PrefixOf(row.asset), {row.asset, row.person, from, std::max(from, to), nullptr, holder}});
  }
  std::sort(rows.begin(), rows.end(), [](const Row& x, const Row& y) {
    if (x.prefix != y.prefix) return x.prefix < y.prefix;
    const Holding &a = x.holding, &b = y.holding;
    return std::tie(a.asset, a.from, a.to, a.person) < std::tie(b.asset, b.from, b.to, b.person);
  });
  std::vector<Holding> holdings;
  holdings.reserve(rows.size());
  for (const Row& row : rows) holdings.push_back(row.holding);
  return holdings;
}

// Finds the laptop of each holding, and the holdings of each laptop: both are sorted by id.
void JoinLaptops(const Inputs& inputs, Roster& roster) {
  struct Row {
    std::uint64_t prefix;
    std::size_t number;
  };
  std::vector<Row> rows;
  rows.reserve(inputs.assets.size());
  for (const Asset& asset : inputs.assets) rows.push_back({PrefixOf(asset.id), rows.size()});
  std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return inputs.assets[a.number].id < inputs.assets[b.number].id;
  });
  roster.of_asset.resize(rows.size());
  std::size_t next = 0;
  for (const Row& row : rows) {
    const Asset& asset = inputs.assets[row.number];
    while (next < roster.holdings.size() && roster.holdings[next].asset < asset.id) ++next;
    std::size_t end = next;
    for (; end < roster.holdings.size() && roster.holdings[end].asset == asset.id; ++end)
      roster.holdings[end].laptop = &asset;
    roster.of_asset[row.number] = {next, end - next};
  }
}

}  // namespace

Roster RosterOf(const Facts& facts, const Inputs& inputs) {
  Roster roster;
  roster.people.reserve(inputs.people.size());
  for (const Person& person : inputs.people) {
    PersonDays days{.needs = person.needs_laptop};
    if (person.start) days.start = facts.DayOf(*person.start);
    if (person.end) days.end = facts.DayOf(*person.end);
    roster.people[person.id] = days;
  }
  roster.holdings = HoldingsOf(facts, inputs, roster.people);
  for (std::size_t i = 0; i + 1 < roster.holdings.size(); ++i) {
    Holding& holding = roster.holdings[i];
    if (holding.asset == roster.holdings[i + 1].asset)
      holding.to = std::min(holding.to, roster.holdings[i + 1].from);
  }
  JoinLaptops(inputs, roster);
  return roster;
}

DailyCounts DailyCountsOf(const Facts& facts, const Inputs& inputs, const Roster& roster) {
  const int first = facts.since;
  const std::size_t days = static_cast<std::size_t>(1 - first);
  std::vector<int> equipped(days + 1), in_need(days + 1), stock(days + 1), ready(days + 1),
      perhaps(days + 1);
  for (const auto& [id, person] : roster.people)
    if (person.needs) Mark(in_need, first, person.start, person.end);
  MarkEquipped(roster, first, equipped);
  MarkStock(facts, inputs, roster, first, 0, kCheckDays, stock);
  MarkStock(facts, inputs, roster, first, kLeastSettleDays, kLeastCheckDays, perhaps);
  MarkReady(facts, inputs, roster, first, ready);
  DailyCounts counts{.first = first,
                     .equipped = Summed(std::move(equipped)),
                     .in_need = Summed(std::move(in_need)),
                     .stock = Summed(std::move(stock)),
                     .perhaps = Summed(std::move(perhaps)),
                     .ready = Summed(std::move(ready)),
                     .handed_out = std::vector<int>(days)};
  for (const Holding& holding : roster.holdings)
    if (holding.from >= first && holding.from <= 0)
      counts.handed_out[static_cast<std::size_t>(holding.from - first)] += 1;
  return counts;
}

FleetNow FleetNowOf(const Facts& facts, const Inputs& inputs, const Roster& roster) {
  FleetNow now;
  const std::size_t days = static_cast<std::size_t>(facts.horizon) + 1;
  for (auto* series : {&now.arrivals, &now.leavers_equipped, &now.leavers_other, &now.ends_of_life,
                       &now.ends_in_stock})
    series->assign(days, 0);
  std::unordered_set<std::string_view> holders;
  for (std::size_t number = 0; number < inputs.assets.size(); ++number) {
    const Asset& asset = inputs.assets[number];
    if (asset.state == AssetState::kRetired || asset.state == AssetState::kLost) continue;
    if (asset.end_of_life) CountEndOfLife(facts.DayOf(*asset.end_of_life), asset.state, now);
    const std::span<const Holding> holdings = roster.Of(number);
    const Holding* const holding = holdings.empty() ? nullptr : &holdings.back();
    if (asset.state == AssetState::kInStock) now.stock += 1;
    if (asset.state == AssetState::kInRepair) {
      now.in_repair += 1;
      now.claimed_repairs += holding != nullptr && holding->to == kNoDay ? 1 : 0;
    }
    if (asset.state != AssetState::kAssigned) continue;
    std::string_view person = asset.assigned_to;
    if (person.empty() && holding != nullptr && holding->to == kNoDay) person = holding->person;
    const auto known = roster.people.find(person);
    const bool in_need = known != roster.people.end() && known->second.needs &&
                         known->second.start <= 0 && known->second.end > 0;
    const bool first = in_need && holders.insert(person).second;
    const bool left = known != roster.people.end() && known->second.end <= 0;
    now.held_by_leavers += !first && left ? 1 : 0;
  }
  CountPeople(facts, roster, holders, now);
  return now;
}

}  // namespace parc::forecast
