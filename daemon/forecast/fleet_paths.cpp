#include "daemon/forecast/fleet_paths.h"

#include <algorithm>
#include <cmath>

#include "daemon/forecast/calendar.h"

namespace parc::forecast {
namespace {

constexpr std::uint64_t kMoveDice = 0x6d6f7665;
constexpr std::uint64_t kStartDice = 0x73746172;
constexpr int kWeek = 7;

std::size_t At(int index) { return static_cast<std::size_t>(index); }

// The events of a day of which `mean` are expected and whose number varies as a Poisson one does;
// z is a standard normal of the whole week.
float Varied(float mean, float z) { return mean + std::sqrt(mean * (1.0F / kWeek)) * z; }

// Takes the whole part of a debt, of at most `most`; what is below 0 is carried on.
float TakeWhole(float& debt, float most) {
  const float whole = std::min(most, Whole(std::max(0.0F, debt)));
  debt -= whole;
  return whole;
}

}  // namespace

FleetPaths::FleetPaths(const Model& model, const Scenario& scenario)
    : seed_(model.seed),
      horizon_(model.facts.horizon),
      now_(model.now),
      reserve_(static_cast<float>(model.inputs.preparation.reserve_stock)),
      lag_(model.fleet.receipt_lag()),
      turnaround_(model.fleet.turnaround()),
      daily_noise_(static_cast<float>(model.fleet.daily_noise())),
      draws_(model.fleet_draws),
      life_ends_(model.life_ends),
      normals_(NormalTable()) {
  const auto announce = [&](const std::vector<Headcount>& heads, std::vector<int>& by_day) {
    for (const Headcount& head : heads) {
      const int day = model.facts.DayOf(head.day);
      if (day <= horizon_) by_day[At(day)] += head.people;
    }
  };
  announce(scenario.hires, now_.arrivals);
  announce(scenario.leavers, now_.leavers_other);
  if (scenario.attrition_per_year) {
    for (FleetDraw& draw : draws_) {
      const double repaired = draw.failures * draw.repaired;
      draw.failures = repaired + *scenario.attrition_per_year / 365;
      draw.repaired = draw.failures > 0 ? repaired / draw.failures : 0;
    }
  }
  SetCapacity(model, scenario);
  SetUnannounced();
  SetExpectedEnds();
  dice_.resize(At((horizon_ + kWeek - 1) / kWeek));
  just_left_.resize(At(turnaround_) + 1);
}

void FleetPaths::SetUnannounced() {
  const std::vector<AnnouncementLead>& leads = AnnouncementLeads();
  std::vector<bool> used(leads.size());
  for (const FleetDraw& draw : draws_) used[draw.arrival_lead] = used[draw.departure_lead] = true;
  unannounced_.resize(leads.size());
  for (std::size_t lead = 0; lead < leads.size(); ++lead) {
    if (!used[lead]) continue;
    for (int first = 1; first <= horizon_; first += kWeek) {
      double sum = 0;
      for (int day = first; day < first + kWeek; ++day) sum += leads[lead].UnannouncedAt(day);
      unannounced_[lead].push_back(static_cast<float>(sum / kWeek));
    }
  }
}

void FleetPaths::SetExpectedEnds() {
  for (int day = 0; day <= horizon_; ++day)
    for (int column = 0; column < kLifeDraws; ++column)
      expected_ends_.push_back(life_ends_[At(column)].expected[At(day)]);
}

void FleetPaths::SetCapacity(const Model& model, const Scenario& scenario) {
  const std::size_t days = static_cast<std::size_t>(horizon_) + 1;
  const std::vector<bool> worked =
      WorkingDays(model.inputs.preparation.calendar, ToDays(model.facts.as_of), horizon_ + 1);
  capacity_.assign(days, static_cast<float>(model.fleet.nominal()));
  absolute_.assign(days, 0);
  for (const CapacityChange& change : scenario.capacity) {
    const int from = std::max(1, model.facts.DayOf(change.from));
    const int to = std::min(horizon_, model.facts.DayOf(change.to));
    for (int day = from; day <= to; ++day) {
      capacity_[static_cast<std::size_t>(day)] = static_cast<float>(change.per_day);
      absolute_[static_cast<std::size_t>(day)] = model.inputs.preparation.capacity_per_day ? 0 : 1;
    }
  }
  for (std::size_t day = 0; day < days; ++day)
    if (!worked[day] && !model.fleet.works_every_day()) capacity_[day] = 0;
}

void FleetPaths::SetParameters(int first) {
  of_.life_ends = first % kLifeDraws;
  for (int lane = 0; lane < kLanes; ++lane) {
    const FleetDraw& draw = draws_[At(first + lane) % draws_.size()];
    const LifeEndsDraw& ends = life_ends_[At(of_.life_ends + lane)];
    const auto set = [lane](Lanes& lanes, double value) {
      lanes[lane] = static_cast<float>(value);
    };
    set(of_.arrivals, draw.arrivals / draw.arrival_batch);
    set(of_.departures, draw.departures / draw.departure_batch);
    set(of_.arrival_batch, draw.arrival_batch);
    set(of_.departure_batch, draw.departure_batch);
    set(of_.repairs, draw.failures * draw.repaired);
    set(of_.losses, draw.failures * (1 - draw.repaired));
    set(of_.repaired, draw.repaired);
    set(of_.returned, draw.returned);
    set(of_.back_from_repair, -std::expm1(-1 / draw.repair_days));
    set(of_.back_from_home, -std::expm1(-1 / draw.return_days));
    set(of_.hand_outs, draw.hand_outs);
    set(of_.old_unusable, 1 - draw.old_usable);
    set(of_.ends_without, ends.without);
    set(of_.ends_catch_up, ends.catch_up);
    set(of_.waiting_first, ends.waiting_first ? 1 : 0);
    set(of_.still_held, 1 - draw.failures - draw.departures);
    of_.arrival_lead[At(lane)] = draw.arrival_lead;
    of_.departure_lead[At(lane)] = draw.departure_lead;
  }
}

void FleetPaths::ThrowDice(int first) {
  const auto normal = [this](std::uint64_t bits) { return normals_[bits % kNormalTable]; };
  for (int lane = 0; lane < kLanes; ++lane) {
    const std::uint64_t path = static_cast<std::uint64_t>(first + lane);
    Dice start(seed_, kStartDice, path);
    noise_[At(lane)] = start.Bits() % kNormalTable;
    back_debt_[lane] = static_cast<float>(start.Uniform());
    Dice dice(seed_, kMoveDice, path);
    for (WeekDice& week : dice_) {
      const std::uint64_t bits = dice.Bits();
      week.arrivals[lane] = normal(bits);
      week.departures[lane] = normal(bits >> 12);
      week.repairs[lane] = normal(bits >> 24);
      week.losses[lane] = normal(bits >> 36);
      week.returns[lane] = normal(bits >> 48);
    }
  }
}

void FleetPaths::Begin(int first) {
  SetParameters(first);
  ThrowDice(first);
  for (Lanes* fraction : {&arrival_debt_, &departure_debt_, &repair_debt_, &loss_debt_,
                          &leaver_debt_, &end_debt_, &stock_debt_, &budget_, &kept_, &at_home_,
                          &handed_out_, &lost_, &waiting_for_laptops_, &waiting_for_hands_})
    *fraction = {};
  slot_ = 0;
  std::fill(just_left_.begin(), just_left_.end(), Lanes{});
  for (int lane = 0; lane < kLanes; ++lane) {
    need_[lane] = static_cast<float>(now_.in_need);
    equipped_[lane] = static_cast<float>(now_.equipped);
    stock_[lane] = static_cast<float>(now_.stock) -
                   Whole(static_cast<float>(now_.stock_overdue) * of_.old_unusable[lane] + 0.5F);
    in_repair_[lane] = static_cast<float>(now_.in_repair) * of_.repaired[lane];
    just_left_.front()[lane] = static_cast<float>(now_.held_by_leavers) * of_.returned[lane];
  }
}

// Arrivals and departures that nobody has announced yet, and failures: how many a day, for a week.
void FleetPaths::BeginWeek(int week) {
  const WeekDice& dice = dice_[At(week)];
  Lanes& arrivals = arrivals_a_day_;
  Lanes& departures = departures_a_day_;
  for (int lane = 0; lane < kLanes; ++lane) {
    arrivals[lane] = unannounced_[of_.arrival_lead[At(lane)]][At(week)];
    departures[lane] = unannounced_[of_.departure_lead[At(lane)]][At(week)];
  }
  for (int lane = 0; lane < kLanes; ++lane) {
    const float equipped = equipped_[lane];
    arrivals[lane] = Varied(of_.arrivals[lane] * arrivals[lane], dice.arrivals[lane]);
    departures[lane] =
        Varied(of_.departures[lane] * departures[lane] * need_[lane], dice.departures[lane]);
    repairs_a_day_[lane] = Varied(of_.repairs[lane] * equipped, dice.repairs[lane]);
    losses_a_day_[lane] = Varied(of_.losses[lane] * equipped, dice.losses[lane]);
  }
}

// What becomes stock: deliveries after the learned lag, and laptops that come back.
void FleetPaths::Receive(int day, const std::vector<Lanes>& delivered) {
  if (day > lag_) {
    const Lanes& received = delivered[At(day - lag_)];
    for (int lane = 0; lane < kLanes; ++lane) stock_[lane] += received[lane];
  }
  // Laptops that leavers give back today will take the place of those of turnaround_ + 1 days ago.
  slot_ = slot_ + 1 == just_left_.size() ? 0 : slot_ + 1;
  Lanes& due = just_left_[slot_];
  const Lanes& returns = dice_[At((day - 1) / kWeek)].returns;
  for (int lane = 0; lane < kLanes; ++lane) {
    const float at_home = at_home_[lane] + due[lane];
    due[lane] = 0;
    const float expected = in_repair_[lane] * of_.back_from_repair[lane];
    const float repaired = std::min(in_repair_[lane], Varied(expected, returns[lane]));
    const float brought = at_home * of_.back_from_home[lane];
    in_repair_[lane] -= repaired;
    at_home_[lane] = at_home - brought;
    back_debt_[lane] += repaired + brought;
    stock_[lane] += TakeWhole(back_debt_[lane], 1e6F);
  }
}

void FleetPaths::Depart(int day) {
  const float known = static_cast<float>(now_.leavers_equipped[At(day)]);
  const float known_others = static_cast<float>(now_.leavers_other[At(day)]);
  Lanes& leaving_home = just_left_[slot_];
  for (int lane = 0; lane < kLanes; ++lane) {
    departure_debt_[lane] += departures_a_day_[lane];
    const float groups = TakeWhole(departure_debt_[lane], 1e6F);
    const float others = known_others + groups * of_.departure_batch[lane];
    // Of those who were not equipped at as_of, the share that is by now.
    const float waiting_now = need_[lane] - equipped_[lane];
    leaver_debt_[lane] += others * equipped_[lane] / std::max(1.0F, need_[lane]);
    const float holders = TakeWhole(leaver_debt_[lane], others);
    const float waiting = std::min(others - holders, waiting_now);
    const float equipped = std::min(known + others - waiting, equipped_[lane]);
    equipped_[lane] -= equipped;
    need_[lane] -= equipped + waiting;
    leaving_home[lane] += equipped * of_.returned[lane];
  }
}

void FleetPaths::Arrive(int day) {
  const float known = static_cast<float>(now_.arrivals[At(day)]);
  for (int lane = 0; lane < kLanes; ++lane) {
    arrival_debt_[lane] += arrivals_a_day_[lane];
    need_[lane] += known + TakeWhole(arrival_debt_[lane], 1e6F) * of_.arrival_batch[lane];
  }
}

void FleetPaths::Fail() {
  for (int lane = 0; lane < kLanes; ++lane) {
    repair_debt_[lane] += repairs_a_day_[lane];
    loss_debt_[lane] += losses_a_day_[lane];
    const float repairs = TakeWhole(repair_debt_[lane], equipped_[lane]);
    const float losses = TakeWhole(loss_debt_[lane], equipped_[lane] - repairs);
    equipped_[lane] -= repairs + losses;
    in_repair_[lane] += repairs;
    lost_[lane] = repairs + losses;
  }
}

// Laptops of the stock of as_of whose planned life ends: those that still lie there, the oldest
// being handed out first, are stock no more, unless old ones are used. The others are held by then.
void FleetPaths::EndStock(int day) {
  const float planned = static_cast<float>(now_.ends_in_stock[At(day)]);
  if (planned == 0) return;
  const float stock_then = static_cast<float>(now_.stock);
  const float fresh_then = static_cast<float>(now_.stock - now_.stock_overdue);
  for (int lane = 0; lane < kLanes; ++lane) {
    const float left = std::max(0.0F, fresh_then - handed_out_[lane]);
    const float lying = planned * std::min(1.0F, left / std::max(1.0F, stock_then));
    stock_debt_[lane] += lying * of_.old_unusable[lane];
    stock_[lane] -= TakeWhole(stock_debt_[lane], std::max(0.0F, stock_[lane]));
    ends_due_[lane] += planned - lying;
  }
}

// Ends of life, as whole laptops of an expected number. Where laptops are kept until a successor
// lies there, those that were kept go then.
void FleetPaths::EndLives(int day) {
  const float* expected = expected_ends_.data() + day * kLifeDraws + of_.life_ends;
  for (int lane = 0; lane < kLanes; ++lane) ends_due_[lane] = expected[lane];
  EndStock(day);
  for (int lane = 0; lane < kLanes; ++lane) {
    const float due = ends_due_[lane];
    const float kept = kept_[lane] * of_.still_held[lane];
    const float waiting = of_.waiting_first[lane] * (need_[lane] - equipped_[lane]);
    const float successors = stock_[lane] - reserve_ - waiting;
    const float lie_there = successors > 0 ? 1 : 0;
    const float caught_up = lie_there * std::min(successors, of_.ends_catch_up[lane] * kept);
    const float stays = (1 - lie_there) * due * (1 - of_.ends_without[lane]);
    kept_[lane] = kept + stays - caught_up;
    end_debt_[lane] += due - stays + caught_up;
    const float whole = TakeWhole(end_debt_[lane], equipped_[lane]);
    equipped_[lane] -= whole;
    lost_[lane] += whole;
  }
}

void FleetPaths::HandOut(int day) {
  const float capacity = capacity_[At(day)];
  if (capacity <= 0) return;
  // A stride that is prime to the table's size visits all of it, in no order that matters.
  for (int lane = 0; lane < kLanes; ++lane)
    hand_out_noise_[lane] = normals_[(noise_[At(lane)] + 5077 * At(day)) % kNormalTable];
  const bool absolute = absolute_[At(day)] != 0;
  for (int lane = 0; lane < kLanes; ++lane) {
    const float wanted = std::min(need_[lane] - equipped_[lane], stock_[lane] - reserve_);
    const float usual = absolute ? capacity : capacity * of_.hand_outs[lane];
    const float today = usual * std::max(0.0F, 1 + daily_noise_ * hand_out_noise_[lane]);
    const float budget = std::min(1e7F, budget_[lane] + today);
    const float possible = Whole(budget);
    const float handed_out = std::max(0.0F, std::min(possible, wanted));
    budget_[lane] = wanted > 0 ? budget - possible : budget_[lane];
    stock_[lane] -= handed_out;
    equipped_[lane] += handed_out;
    handed_out_[lane] += handed_out;
  }
}

void FleetPaths::NoteWaiting() {
  for (int lane = 0; lane < kLanes; ++lane) {
    const float waiting = need_[lane] - equipped_[lane];
    const float for_hands = stock_[lane] > reserve_ ? waiting : 0;
    waiting_for_hands_[lane] += for_hands;
    waiting_for_laptops_[lane] += waiting - for_hands;
  }
}

void FleetPaths::Step(int day, const std::vector<Lanes>& delivered) {
  if ((day - 1) % kWeek == 0) BeginWeek((day - 1) / kWeek);
  Receive(day, delivered);
  Depart(day);
  Arrive(day);
  Fail();
  EndLives(day);
  HandOut(day);
  NoteWaiting();
}

}  // namespace parc::forecast
