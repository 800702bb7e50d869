#include "daemon/forecast/fleet_paths.h"

#include <algorithm>
#include <cmath>

#include "daemon/forecast/calendar.h"
#include "daemon/forecast/dice.h"

namespace parc::forecast {
namespace {

constexpr std::uint64_t kFailureDice = 0x6661696c;
constexpr std::uint64_t kArrivalDice = 0x61727269;
constexpr std::uint64_t kDepartureDice = 0x64657061;
constexpr std::uint64_t kStartDice = 0x73746172;
constexpr std::size_t kExponentialTable = 4096;

// 16 of the bits of one roll, as a number in [0, 1).
double Part(std::uint64_t dice, int part) {
  return static_cast<double>((dice >> (16 * part)) & 0xffff) * 0x1p-16;
}

int Floor(double x) { return static_cast<int>(x); }  // x >= 0

}  // namespace

void FleetPaths::Buckets::Clear() {
  std::fill(head_.begin(), head_.end(), -1);
  events_.clear();
}

void FleetPaths::Buckets::Add(int day, std::uint64_t dice) {
  int& head = head_[static_cast<std::size_t>(day)];
  events_.push_back({dice, head});
  head = static_cast<int>(events_.size()) - 1;
}

FleetPaths::FleetPaths(const Model& model, const Scenario& scenario, int draws)
    : seed_(model.seed),
      horizon_(model.facts.horizon),
      now_(model.now),
      reserve_(model.inputs.preparation.reserve_stock),
      lag_(model.fleet.receipt_lag()),
      turnaround_(model.fleet.turnaround()),
      daily_noise_(model.fleet.daily_noise()) {
  const auto announce = [&](const std::vector<Headcount>& heads, std::vector<int>& by_day) {
    for (const Headcount& head : heads) {
      const int day = model.facts.DayOf(head.day);
      if (day <= horizon_) by_day[static_cast<std::size_t>(day)] += head.people;
    }
  };
  announce(scenario.hires, now_.arrivals);
  announce(scenario.leavers, now_.leavers_other);
  for (int k = 0; k < draws; ++k) {
    FleetDraw draw = model.fleet.Draw(seed_, static_cast<std::uint64_t>(k));
    if (scenario.attrition_per_year) {
      const double repaired = draw.failures * draw.repaired;
      draw.failures = repaired + *scenario.attrition_per_year / 365;
      draw.repaired = draw.failures > 0 ? repaired / draw.failures : 0;
    }
    draws_.push_back(draw);
  }
  SetCapacity(model, scenario);
  const std::size_t days = static_cast<std::size_t>(horizon_) + 1;
  for (const AnnouncementLead& lead : AnnouncementLeads()) {
    std::vector<double>& sums = unannounced_.emplace_back(days);
    for (std::size_t day = 1; day < days; ++day)
      sums[day] = sums[day - 1] + lead.UnannouncedAt(static_cast<int>(day));
  }
  most_need_ = now_.in_need;
  for (const int arrivals : now_.arrivals) most_need_ += arrivals;
  most_need_ = most_need_ * 1.3 + 20;
  most_held_ = most_need_;
  failures_.Reset(horizon_);
  arrivals_.Reset(horizon_);
  departures_.Reset(horizon_);
  back_.resize(days);
  for (std::size_t i = 0; i < kExponentialTable; ++i) {
    const double u = (static_cast<double>(i) + 0.5) / kExponentialTable;
    exponential_.push_back(static_cast<float>(-std::log(u)));
  }
}

void FleetPaths::SetCapacity(const Model& model, const Scenario& scenario) {
  const std::size_t days = static_cast<std::size_t>(horizon_) + 1;
  const std::vector<bool> worked =
      WorkingDays(model.inputs.preparation.calendar, ToDays(model.facts.as_of), horizon_ + 1);
  capacity_.assign(days, model.fleet.nominal());
  absolute_.assign(days, false);
  for (const CapacityChange& change : scenario.capacity) {
    const int from = std::max(1, model.facts.DayOf(change.from));
    const int to = std::min(horizon_, model.facts.DayOf(change.to));
    for (int day = from; day <= to; ++day) {
      capacity_[static_cast<std::size_t>(day)] = change.per_day;
      absolute_[static_cast<std::size_t>(day)] = !model.inputs.preparation.capacity_per_day;
    }
  }
  for (std::size_t day = 0; day < days; ++day)
    if (!worked[day] && !model.fleet.works_every_day()) capacity_[day] = 0;
}

// A laptop that becomes stock again after an exponential time.
void FleetPaths::ReturnLater(int day, double mean_days, std::uint64_t dice) {
  const double delay = mean_days * static_cast<double>(exponential_[dice % kExponentialTable]);
  if (delay > horizon_) return;
  const int back = day + 1 + Floor(delay);
  if (back <= horizon_) back_[static_cast<std::size_t>(back)] += 1;
}

// Arrivals and departures that nobody has announced yet, and candidates of failures: as many as if
// every bound were reached; those beyond the state of their day are ignored (thinning, Lewis &
// Shedler 1979), so that scenarios share them.
void FleetPaths::ScatterMoves(int path, const FleetDraw& draw) {
  const auto scatter = [&](Buckets& buckets, std::uint64_t purpose, double rate, int batch,
                           const std::vector<double>& sums) {
    Dice dice(seed_, purpose, static_cast<std::uint64_t>(path));
    const double mean = rate * sums.back();
    const int groups = dice.Poisson(mean / batch);
    for (int i = 0; i < groups; ++i) {
      const double at = dice.Uniform() * sums.back();
      const auto day = std::lower_bound(sums.begin() + 1, sums.end(), at) - sums.begin();
      for (int k = 0; k < batch; ++k)
        buckets.Add(std::min(static_cast<int>(day), horizon_), dice.Bits());
    }
  };
  scatter(arrivals_, kArrivalDice, draw.arrivals, draw.arrival_batch,
          unannounced_[draw.arrival_lead]);
  scatter(departures_, kDepartureDice, draw.departures * most_need_, draw.departure_batch,
          unannounced_[draw.departure_lead]);
  Dice dice(seed_, kFailureDice, static_cast<std::uint64_t>(path));
  const int candidates = dice.Poisson(draw.failures * most_held_ * horizon_);
  for (int i = 0; i < candidates; ++i) {
    const int day = 1 + Floor(dice.Uniform() * horizon_);
    failures_.Add(day, dice.Bits());
  }
}

void FleetPaths::Prepare(int path, const FleetDraw& draw) {
  failures_.Clear();
  arrivals_.Clear();
  departures_.Clear();
  std::fill(back_.begin(), back_.end(), 0);
  ScatterMoves(path, draw);
  Dice dice(seed_, kStartDice, static_cast<std::uint64_t>(path));
  for (std::size_t i = 0; i < now_.in_repair.size(); ++i) {
    const std::uint64_t bits = dice.Bits();
    if (Part(bits, 2) < draw.repaired) ReturnLater(0, draw.repair_days, bits);
  }
  for (int i = 0; i < now_.held_by_leavers; ++i) {
    const std::uint64_t bits = dice.Bits();
    if (Part(bits, 2) < draw.returned) ReturnLater(turnaround_, draw.return_days, bits);
  }
}

void FleetPaths::Depart(State& state, int day, int equipped, int others, const FleetDraw& draw) {
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
  Dice dice(seed_, kStartDice + 16 + static_cast<std::uint64_t>(day), path_);
  for (int i = 0; i < equipped; ++i) {
    const std::uint64_t bits = dice.Bits();
    if (Part(bits, 2) < draw.returned) ReturnLater(day + turnaround_, draw.return_days, bits);
  }
}

int FleetPaths::Fail(State& state, int day, const FleetDraw& draw) {
  int failed = 0;
  for (int at = failures_.First(day); at >= 0; at = failures_.At(at).next) {
    const std::uint64_t dice = failures_.At(at).dice;
    if (Part(dice, 3) * most_held_ >= state.equipped) continue;
    state.equipped -= 1;
    failed += 1;
    if (Part(dice, 2) < draw.repaired) ReturnLater(day, draw.repair_days, dice);
  }
  return failed;
}

// Planned ends of life, as whole laptops of an expected number.
int FleetPaths::EndLives(State& state, int day, const FleetDraw& draw) const {
  const int planned = now_.ends_of_life[static_cast<std::size_t>(day)];
  if (planned == 0 && state.overdue <= 0) return 0;
  state.end_debt += planned * draw.ended_at_once;
  state.overdue += planned * (1 - draw.ended_at_once);
  const double late = std::min(state.overdue, state.overdue * draw.ended_later);
  state.overdue -= late;
  state.end_debt += late;
  const int whole = Floor(state.end_debt);
  state.end_debt -= whole;
  // What lies in stock unheld goes in proportion to what is held.
  const int held = std::min(state.equipped, whole);
  state.equipped -= held;
  return held;
}

void FleetPaths::HandOut(State& state, int day, std::uint64_t noise, const FleetDraw& draw) const {
  const std::size_t at = static_cast<std::size_t>(day);
  if (capacity_[at] <= 0) return;
  const double usual = absolute_[at] ? capacity_[at] : capacity_[at] * draw.hand_outs;
  state.budget += usual * std::max(0.0, 1 + daily_noise_ * static_cast<double>(FastNormal(noise)));
  const int possible = std::min(1 << 24, Floor(std::min(state.budget, 1e7)));
  state.budget -= possible;
  const int wanted = std::min(state.need - state.equipped, state.stock - reserve_);
  const int handed_out = std::max(0, std::min(possible, wanted));
  state.stock -= handed_out;
  state.equipped += handed_out;
  if (state.budget > 1) state.budget = 0;
}

void FleetPaths::Run(int path, const int* delivered, const int* month_of_day, FleetRecord& record) {
  path_ = static_cast<std::uint64_t>(path);
  const FleetDraw& draw = DrawOf(path);
  Prepare(path, draw);
  State state{.need = now_.in_need, .equipped = now_.equipped, .stock = now_.stock};
  state.overdue = now_.end_of_life_overdue;
  Dice noise(seed_, kStartDice + 2, static_cast<std::uint64_t>(path));
  for (int day = 1; day <= horizon_; ++day) {
    const std::size_t at = static_cast<std::size_t>(day);
    if (day > lag_) state.stock += delivered[day - lag_];
    state.stock += back_[at];
    int leaving = 0;
    for (int i = departures_.First(day); i >= 0; i = departures_.At(i).next)
      leaving += Part(departures_.At(i).dice, 3) * most_need_ < state.need ? 1 : 0;
    const int known = now_.leavers_equipped[at], others = now_.leavers_other[at] + leaving;
    if (known + others > 0) Depart(state, day, known, others, draw);
    state.need += now_.arrivals[at];
    for (int i = arrivals_.First(day); i >= 0; i = arrivals_.At(i).next) state.need += 1;
    const int lost = Fail(state, day, draw) + EndLives(state, day, draw);
    HandOut(state, day, noise.Bits(), draw);
    record.equipped[day - 1] = state.equipped;
    record.in_need[day - 1] = state.need;
    if (record.attrition != nullptr) record.attrition[month_of_day[day]] += lost;
    const int waiting = state.need - state.equipped;
    if (waiting > 0) {
      (state.stock > reserve_ ? record.preparation_days : record.supply_days) += waiting;
    }
  }
}

}  // namespace parc::forecast
