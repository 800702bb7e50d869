#include "daemon/forecast/fleet_paths.h"

#include <algorithm>
#include <cmath>

#include "daemon/forecast/calendar.h"

namespace parc::forecast {
namespace {

constexpr std::uint64_t kFailureDice = 0x6661696c;
constexpr std::uint64_t kArrivalDice = 0x61727269;
constexpr std::uint64_t kDepartureDice = 0x64657061;
constexpr std::uint64_t kStartDice = 0x73746172;
// Which bits of an event's roll say what: 0-11 its day, 16-27 how long until the laptop is back,
// 32-47 whether it comes back, 48-63 whether the event is one at all (thinning).
constexpr std::size_t kDayTable = 4096;
constexpr std::size_t kExponentialTable = 4096;

double ComesBackPart(std::uint64_t dice) {
  return static_cast<double>((dice >> 32) & 0xffff) * 0x1p-16;
}
double ThinningPart(std::uint64_t dice) { return static_cast<double>(dice >> 48) * 0x1p-16; }

int Floor(double x) { return static_cast<int>(x); }  // x >= 0

}  // namespace

FleetPaths::FleetPaths(const Model& model, const Scenario& scenario)
    : seed_(model.seed),
      horizon_(model.facts.horizon),
      now_(model.now),
      reserve_(model.inputs.preparation.reserve_stock),
      lag_(model.fleet.receipt_lag()),
      turnaround_(model.fleet.turnaround()),
      daily_noise_(model.fleet.daily_noise()),
      draws_(model.fleet_draws),
      life_ends_(model.life_ends),
      normals_(NormalTable()) {
  const auto announce = [&](const std::vector<Headcount>& heads, std::vector<int>& by_day) {
    for (const Headcount& head : heads) {
      const int day = model.facts.DayOf(head.day);
      if (day <= horizon_) by_day[static_cast<std::size_t>(day)] += head.people;
    }
  };
  announce(scenario.hires, now_.arrivals);
  announce(scenario.leavers, now_.leavers_other);
  double fastest_growth = 0;
  for (FleetDraw& draw : draws_) {
    if (scenario.attrition_per_year) {
      const double repaired = draw.failures * draw.repaired;
      draw.failures = repaired + *scenario.attrition_per_year / 365;
      draw.repaired = draw.failures > 0 ? repaired / draw.failures : 0;
    }
    fastest_growth = std::max(fastest_growth, draw.arrivals);
  }
  SetCapacity(model, scenario);
  SetDaysAhead();
  most_people_ = now_.in_need + fastest_growth * horizon_ * 1.1 + 20;
  for (const int arrivals : now_.arrivals) most_people_ += arrivals;
  double failures = 0, departures = 0;
  for (const FleetDraw& draw : draws_) {
    failures = std::max(failures, draw.failures * most_people_ * horizon_);
    departures = std::max(departures, draw.departures * most_people_ * horizon_);
  }
  failures_.Reset(horizon_, failures);
  departures_.Reset(horizon_, departures * 4);  // whole groups of people
  arrivals_.resize(static_cast<std::size_t>(horizon_) + 1);
  back_.resize(static_cast<std::size_t>(horizon_) + 2);
  for (std::size_t i = 0; i < kExponentialTable; ++i) {
    const double u = (static_cast<double>(i) + 0.5) / kExponentialTable;
    exponential_.push_back(static_cast<float>(-std::log(u)));
  }
}

void FleetPaths::SetDaysAhead() {
  const std::vector<AnnouncementLead>& leads = AnnouncementLeads();
  std::vector<bool> used(leads.size() + 1);
  used.back() = true;
  for (const FleetDraw& draw : draws_) used[draw.arrival_lead] = used[draw.departure_lead] = true;
  days_ahead_.resize(used.size());
  std::vector<double> sums(static_cast<std::size_t>(horizon_) + 1);
  for (std::size_t lead = 0; lead < used.size(); ++lead) {
    if (!used[lead]) continue;
    for (std::size_t day = 1; day < sums.size(); ++day) {
      const double share =
          lead < leads.size() ? leads[lead].UnannouncedAt(static_cast<int>(day)) : 1;
      sums[day] = sums[day - 1] + share;
    }
    DaysAhead& days = days_ahead_[lead];
    days.expected = sums.back();
    days.day.resize(kDayTable);
    std::size_t day = 1;
    for (std::size_t i = 0; i < kDayTable; ++i) {
      const double wanted = (static_cast<double>(i) + 0.5) / kDayTable * sums.back();
      while (day + 1 < sums.size() && sums[day] < wanted) ++day;
      days.day[i] = static_cast<std::int16_t>(day);
    }
  }
}

void FleetPaths::SetCapacity(const Model& model, const Scenario& scenario) {
  const std::size_t days = static_cast<std::size_t>(horizon_) + 1;
  const std::vector<bool> worked =
      WorkingDays(model.inputs.preparation.calendar, ToDays(model.facts.as_of), horizon_ + 1);
  capacity_.assign(days, model.fleet.nominal());
  absolute_.assign(days, 0);
  for (const CapacityChange& change : scenario.capacity) {
    const int from = std::max(1, model.facts.DayOf(change.from));
    const int to = std::min(horizon_, model.facts.DayOf(change.to));
    for (int day = from; day <= to; ++day) {
      capacity_[static_cast<std::size_t>(day)] = change.per_day;
      absolute_[static_cast<std::size_t>(day)] = model.inputs.preparation.capacity_per_day ? 0 : 1;
    }
  }
  for (std::size_t day = 0; day < days; ++day)
    if (!worked[day] && !model.fleet.works_every_day()) capacity_[day] = 0;
}

// `laptops` (0 or 1) that become stock again after an exponential time. Without a branch: dice
// decide, and what dice decide no processor foresees. Those beyond the horizon are in the last
// cell.
inline void FleetPaths::ReturnLater(int day, double mean_days, std::uint64_t dice, int laptops) {
  const double delay =
      mean_days * static_cast<double>(exponential_[(dice >> 16) % kExponentialTable]);
  const int back = day + 1 + Floor(std::min<double>(delay, horizon_));
  back_[static_cast<std::size_t>(std::min(back, horizon_ + 1))] += laptops;
}

// Arrivals and departures that nobody has announced yet, and candidates of failures: as many as if
// every bound were reached; those beyond the state of their day are ignored (thinning, Lewis &
// Shedler 1979), so that scenarios share them.
void FleetPaths::ScatterMoves(int path, const FleetDraw& draw) {
  const auto scatter = [&](std::uint64_t purpose, double rate, int batch, const DaysAhead& days,
                           auto add) {
    Dice dice(seed_, purpose, static_cast<std::uint64_t>(path));
    const int groups = dice.Poisson(rate * days.expected / batch);
    for (int i = 0; i < groups; ++i) {
      std::uint64_t roll = dice.Bits();
      const int day = days.day[roll % kDayTable];
      add(day, roll);
      for (int k = 1; k < batch; ++k) add(day, dice.Bits());
    }
  };
  scatter(kArrivalDice, draw.arrivals, draw.arrival_batch, DaysOf(draw.arrival_lead),
          [&](int day, std::uint64_t) { arrivals_[static_cast<std::size_t>(day)] += 1; });
  scatter(kDepartureDice, draw.departures * most_people_, draw.departure_batch,
          DaysOf(draw.departure_lead),
          [&](int day, std::uint64_t roll) { departures_.Add(day, roll); });
  scatter(kFailureDice, draw.failures * most_people_, 1, days_ahead_.back(),
          [&](int day, std::uint64_t roll) { failures_.Add(day, roll); });
}

void FleetPaths::Prepare(int path, const FleetDraw& draw) {
  failures_.Clear();
  departures_.Clear();
  std::fill(arrivals_.begin(), arrivals_.end(), 0);
  std::fill(back_.begin(), back_.end(), 0);
  ScatterMoves(path, draw);
  returns_ = Dice(seed_, kStartDice + 1, static_cast<std::uint64_t>(path));
  Dice dice(seed_, kStartDice, static_cast<std::uint64_t>(path));
  for (int i = 0; i < now_.in_repair; ++i) {
    const std::uint64_t roll = dice.Bits();
    ReturnLater(0, draw.repair_days, roll, ComesBackPart(roll) < draw.repaired ? 1 : 0);
  }
  for (int i = 0; i < now_.held_by_leavers; ++i) {
    const std::uint64_t roll = dice.Bits();
    ReturnLater(turnaround_, draw.return_days, roll, ComesBackPart(roll) < draw.returned ? 1 : 0);
  }
}

inline int FleetPaths::Leaving(const State& state, int day) const {
  int leaving = 0;
  for (int at = departures_.First(day); at >= 0; at = departures_.At(at).next)
    leaving += ThinningPart(departures_.At(at).dice) * most_people_ < state.need ? 1 : 0;
  return leaving;
}

inline void FleetPaths::Depart(State& state, int day, int equipped, int others,
                               const FleetDraw& draw) {
  // Of those who were not equipped at as_of, the share that is by now.
  const int waiting_now = state.need - state.equipped;
  if (others > 0 && state.need > 0) {
    state.leaver_debt += others * static_cast<double>(state.equipped) / state.need;
    const int whole = std::min(others, Floor(state.leaver_debt));
    state.leaver_debt -= whole;
    const int waiting = std::min(others - whole, waiting_now);
    equipped += others - waiting;
    state.need -= waiting;
  }
  equipped = std::min(equipped, state.equipped);
  state.equipped -= equipped;
  state.need -= equipped;
  for (int i = 0; i < equipped; ++i) {
    const std::uint64_t roll = returns_.Bits();
    ReturnLater(day + turnaround_, draw.return_days, roll,
                ComesBackPart(roll) < draw.returned ? 1 : 0);
  }
}

inline int FleetPaths::Fail(State& state, int day, const FleetDraw& draw) {
  int failed = 0;
  for (int at = failures_.First(day); at >= 0; at = failures_.At(at).next) {
    const std::uint64_t dice = failures_.At(at).dice;
    const int fails = ThinningPart(dice) * most_people_ < state.equipped ? 1 : 0;
    const int comes_back = ComesBackPart(dice) < draw.repaired ? 1 : 0;
    state.equipped -= fails;
    failed += fails;
    ReturnLater(day, draw.repair_days, dice, fails & comes_back);
  }
  return failed;
}

// Laptops of the stock of as_of whose planned life ends: those that still lie there, the oldest
// being handed out first, are stock no more, unless old ones are used. The number that is held by
// then.
inline double FleetPaths::EndStock(State& state, int day, const FleetDraw& draw) const {
  const int planned = now_.ends_in_stock[static_cast<std::size_t>(day)];
  if (planned == 0) return 0;
  const int left = std::max(0, now_.stock - now_.stock_overdue - state.handed_out);
  const double lying = planned * std::min(1.0, static_cast<double>(left) / std::max(1, now_.stock));
  state.stock_debt += lying * (1 - draw.old_usable);
  const int whole = std::min(state.stock, Floor(state.stock_debt));
  state.stock_debt -= whole;
  state.stock -= whole;
  return planned - lying;
}

// Ends of life, as whole laptops of an expected number. Where laptops are kept until a successor
// lies there, those that were kept go then.
inline int FleetPaths::EndLives(State& state, int day, const FleetDraw& draw) const {
  const LifeEndsDraw& ends = *state.life_ends;
  const double due = static_cast<double>(ends.expected[static_cast<std::size_t>(day)]) +
                     EndStock(state, day, draw);
  state.kept *= 1 - draw.failures - draw.departures;
  const int waiting = ends.waiting_first ? state.need - state.equipped : 0;
  const int successors = state.stock - reserve_ - waiting;
  double going = due * ends.without;
  if (successors > 0) {
    const double caught_up = std::min<double>(successors, ends.catch_up * state.kept);
    state.kept -= caught_up;
    going = due + caught_up;
  } else {
    state.kept += due - going;
  }
  state.end_debt += going;
  const int whole = std::min(state.equipped, Floor(state.end_debt));
  state.end_debt -= whole;
  state.equipped -= whole;
  return whole;
}

inline void FleetPaths::HandOut(State& state, std::size_t day, const FleetDraw& draw) const {
  const int wanted = std::min(state.need - state.equipped, state.stock - reserve_);
  if (wanted <= 0 || capacity_[day] <= 0) return;
  // A stride that is prime to the table's size visits all of it, in no order that matters.
  const double noise = static_cast<double>(normals_[(state.noise + 5077 * day) % kNormalTable]);
  const double usual = absolute_[day] ? capacity_[day] : capacity_[day] * draw.hand_outs;
  const double budget =
      std::min(1e7, state.budget + usual * std::max(0.0, 1 + daily_noise_ * noise));
  const int possible = Floor(budget);
  state.budget = budget - possible;
  const int handed_out = std::min(possible, wanted);
  state.stock -= handed_out;
  state.equipped += handed_out;
  state.handed_out += handed_out;
}

void FleetPaths::Run(int path, int last, const int* delivered, const int* month_of_day,
                     FleetRecord& record) {
  const FleetDraw& draw = DrawOf(path);
  Prepare(path, draw);
  State state;
  state.life_ends = &life_ends_[static_cast<std::size_t>(path) % life_ends_.size()];
  state.need = now_.in_need;
  state.equipped = now_.equipped;
  state.stock = now_.stock - Floor(now_.stock_overdue * (1 - draw.old_usable) + 0.5);
  state.noise = Dice(seed_, kStartDice + 2, static_cast<std::uint64_t>(path)).Bits() % kNormalTable;
  for (int day = 1; day <= last; ++day) {
    const std::size_t at = static_cast<std::size_t>(day);
    if (day > lag_) state.stock += delivered[day - lag_];
    state.stock += back_[at];
    const int known = now_.leavers_equipped[at];
    const int others = now_.leavers_other[at] + Leaving(state, day);
    if (known + others > 0) Depart(state, day, known, others, draw);
    state.need += now_.arrivals[at] + arrivals_[at];
    const int lost = Fail(state, day, draw) + EndLives(state, day, draw);
    HandOut(state, at, draw);
    record.equipped[day - 1] = state.equipped;
    record.in_need[day - 1] = state.need;
    if (record.attrition != nullptr) record.attrition[month_of_day[day]] += lost;
    const int waiting = state.need - state.equipped;
    (state.stock > reserve_ ? record.preparation_days : record.supply_days) += waiting;
  }
}

}  // namespace parc::forecast
