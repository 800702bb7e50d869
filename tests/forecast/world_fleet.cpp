#include <algorithm>
#include <cmath>
#include <deque>
#include <map>

#include "daemon/forecast/calendar.h"
#include "fmt/format.h"
#include "tests/forecast/world_orders.h"

namespace parc::forecast::testing {
namespace {

constexpr int kAhead = 364;
constexpr int kWarmUp = 200;  // days that the world runs before its records begin
constexpr int kNever = 1 << 28;

struct Somebody {
  int start = -kNever, end = kNever;
  int start_known = -kNever, end_known = kNever;  // day on which it was announced
  int laptop = -1;
};

struct Laptop {
  int line = -1;
  int received = 0;
  int end_of_life = kNever;
  AssetState state = AssetState::kInStock;
  int holder = -1;
  int ready = 0;  // in stock from then on
  int ended = kNever;
};

struct Rules {
  double arrivals, departures, failures, repaired, capacity;
  double announced;
  int repair_days, return_days, reserve;
  int life_days;
  bool ends_at_once;
};

class Fleet {
 public:
  Fleet(const Rules& rules, Dice& dice, int first, int people, double equipped)
      : rules_(rules), dice_(dice), size_(people) {
    for (int i = 0; i < people; ++i) {
      people_.push_back({});
      PlanDeparture(people_.back(), first);
      if (dice_.Uniform() > equipped) {
        waiting_.push_back(i);
        continue;
      }
      const int age = static_cast<int>(rules_.life_days * dice_.Uniform());
      const int laptop = NewLaptop(-1, first - age);
      Give(laptop, i, first - static_cast<int>(age * dice_.Uniform()));
    }
  }

  void Receive(int day, int delivered_line, int units) {
    for (int i = 0; i < units; ++i) {
      const int laptop = NewLaptop(delivered_line, day);
      laptops_[static_cast<std::size_t>(laptop)].ready =
          day + 1 + static_cast<int>(2 * dice_.Uniform());
      stock_.push_back(laptop);
    }
  }

  void Live(int day, bool worked) {
    MovePeople(day);
    WearLaptops(day);
    if (worked) HandOut(day);
  }

  int Equipped(int day) const {
    int count = 0;
    for (const Somebody& somebody : people_)
      count += InNeed(somebody, day) && somebody.laptop >= 0 ? 1 : 0;
    return count;
  }
  int NeedOn(int day) const {
    return static_cast<int>(std::count_if(people_.begin(), people_.end(),
                                          [&](const Somebody& one) { return InNeed(one, day); }));
  }

  // What the records say at the end of day 0.
  void Write(Inputs& inputs, int since) const;

 private:
  static bool InNeed(const Somebody& somebody, int day) {
    return somebody.start <= day && day < somebody.end;
  }

  void PlanDeparture(Somebody& somebody, int from) {
    if (rules_.departures <= 0) return;
    somebody.end = from + 1 + static_cast<int>(365 / rules_.departures * dice_.Exponential());
    somebody.end_known =
        somebody.end - static_cast<int>(rules_.announced * (0.5 + dice_.Uniform()));
  }

  int NewLaptop(int line, int received) {
    Laptop laptop{.line = line, .received = received};
    laptop.end_of_life = received + rules_.life_days + static_cast<int>(20 * dice_.Normal());
    laptops_.push_back(laptop);
    return static_cast<int>(laptops_.size()) - 1;
  }

  void Give(int laptop, int person, int day) {
    laptops_[static_cast<std::size_t>(laptop)].state = AssetState::kAssigned;
    laptops_[static_cast<std::size_t>(laptop)].holder = person;
    people_[static_cast<std::size_t>(person)].laptop = laptop;
    held_.push_back({laptop, person, day, kNever});
    open_[laptop] = held_.size() - 1;
  }

  void Take(int laptop, int day) {
    Laptop& one = laptops_[static_cast<std::size_t>(laptop)];
    people_[static_cast<std::size_t>(one.holder)].laptop = -1;
    one.holder = -1;
    held_[open_[laptop]].to = day;
    open_.erase(laptop);
  }

  void End(Laptop& laptop, int day, AssetState state) {
    laptop.state = state;
    laptop.ended = day;
  }

  void MovePeople(int day) {
    // Groups of people, more often at the beginning of a month.
    const bool first_days = inventory::FromDays(18341 + day).day <= 3;
    const double mean = size_ * rules_.arrivals / 365 * (first_days ? 4.0 : 0.67);
    for (int i = dice_.Poisson(mean); i > 0; --i) {
      Somebody somebody{.start =
                            day + static_cast<int>(rules_.announced * (0.5 + dice_.Uniform()))};
      somebody.start_known = day;
      PlanDeparture(somebody, somebody.start);
      people_.push_back(somebody);
    }
    for (std::size_t i = 0; i < people_.size(); ++i) {
      Somebody& somebody = people_[i];
      if (somebody.start == day) waiting_.push_back(static_cast<int>(i));
      if (somebody.end != day || somebody.laptop < 0) continue;
      leaving_.push_back(
          {somebody.laptop, day + static_cast<int>(rules_.return_days * dice_.Exponential())});
    }
    std::erase_if(waiting_,
                  [&](int i) { return !InNeed(people_[static_cast<std::size_t>(i)], day); });
    for (std::size_t i = 0; i < leaving_.size();) {
      if (leaving_[i].day > day) {
        ++i;
        continue;
      }
      BringBack(leaving_[i].laptop, day);
      leaving_.erase(leaving_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  void BringBack(int laptop, int day) {
    if (!open_.contains(laptop)) return;
    Take(laptop, day);
    Laptop& one = laptops_[static_cast<std::size_t>(laptop)];
    if (dice_.Uniform() < 0.07) return End(one, day, AssetState::kLost);
    one.state = AssetState::kInStock;
    one.ready = day + 2;
    stock_.push_back(laptop);
  }

  void WearLaptops(int day) {
    for (std::size_t i = 0; i < laptops_.size(); ++i) {
      Laptop& laptop = laptops_[i];
      const int id = static_cast<int>(i);
      if (laptop.state == AssetState::kInRepair && laptop.ready <= day) {
        if (dice_.Uniform() < rules_.repaired) {
          laptop.state = AssetState::kInStock;
          stock_.push_back(id);
        } else {
          End(laptop, day, AssetState::kRetired);
        }
      }
      if (laptop.state != AssetState::kAssigned) continue;
      if (!InNeed(people_[static_cast<std::size_t>(laptop.holder)], day)) continue;
      if (dice_.Uniform() < rules_.failures / 365) {
        waiting_.push_back(laptop.holder);
        Take(id, day);
        if (dice_.Uniform() < 0.1) {
          End(laptop, day, AssetState::kLost);
          continue;
        }
        laptop.state = AssetState::kInRepair;
        laptop.ready = day + 3 + static_cast<int>(rules_.repair_days * dice_.Gamma(2) / 2);
      } else if (laptop.end_of_life <= day &&
                 (rules_.ends_at_once || ReadyStock(day) > rules_.reserve)) {
        waiting_.push_front(laptop.holder);
        Take(id, day);
        End(laptop, day, AssetState::kRetired);
      }
    }
  }

  int ReadyStock(int day) const {
    return static_cast<int>(std::count_if(stock_.begin(), stock_.end(), [&](int laptop) {
      return laptops_[static_cast<std::size_t>(laptop)].ready <= day;
    }));
  }

  void HandOut(int day) {
    int possible = dice_.Poisson(rules_.capacity);
    for (std::size_t i = 0; i < stock_.size() && possible > 0 && !waiting_.empty();) {
      const int laptop = stock_[i];
      if (static_cast<int>(stock_.size()) <= rules_.reserve) break;
      if (laptops_[static_cast<std::size_t>(laptop)].ready > day) {
        ++i;
        continue;
      }
      stock_.erase(stock_.begin() + static_cast<std::ptrdiff_t>(i));
      Give(laptop, waiting_.front(), day);
      waiting_.pop_front();
      --possible;
    }
  }

  struct Held {
    int laptop, person, from, to;
  };
  struct Leaving {
    int laptop, day;
  };
  Rules rules_;
  Dice& dice_;
  int size_;
  std::vector<Somebody> people_;
  std::vector<Laptop> laptops_;
  std::deque<int> waiting_;
  std::deque<int> stock_;
  std::vector<Leaving> leaving_;
  std::vector<Held> held_;
  std::map<int, std::size_t> open_;
};

CivilDate At(int day) { return inventory::FromDays(18341 + day); }

void Fleet::Write(Inputs& inputs, int since) const {
  for (std::size_t i = 0; i < people_.size(); ++i) {
    const Somebody& somebody = people_[i];
    if (somebody.start_known > 0 || somebody.end < since) continue;
    Person person;
    person.id = fmt::format("p{}", i);
    if (somebody.start > -kNever) person.start = At(somebody.start);
    if (somebody.end < kNever && somebody.end_known <= 0) person.end = At(somebody.end);
    inputs.people.push_back(person);
  }
  for (std::size_t i = 0; i < laptops_.size(); ++i) {
    const Laptop& laptop = laptops_[i];
    if (laptop.ended < since) continue;
    Asset asset;
    asset.id = fmt::format("a{}", i);
    asset.received = At(laptop.received);
    asset.state = laptop.state;
    if (laptop.holder >= 0) asset.assigned_to = fmt::format("p{}", laptop.holder);
    asset.end_of_life = At(laptop.end_of_life);
    if (laptop.ended <= 0) asset.ended = At(laptop.ended);
    inputs.assets.push_back(asset);
  }
  for (const Held& held : held_) {
    if (held.to < since) continue;
    Assignment row;
    row.asset = fmt::format("a{}", held.laptop);
    row.person = fmt::format("p{}", held.person);
    row.from = At(held.from);
    if (held.to < kNever) row.to = At(held.to);
    inputs.assignments.push_back(row);
  }
}

void WriteLine(const WorldLine& line, int index, int since, Inputs& inputs) {
  OrderLine out;
  int came = 0;
  for (const auto& delivery : line.deliveries) {
    if (delivery.day > 0) continue;
    out.deliveries.push_back({At(delivery.day), delivery.value});
    came += delivery.value;
  }
  if (line.cancelled_on <= 0 && line.cancelled > 0)
    out.cancellations.push_back({At(line.cancelled_on), line.cancelled});
  const bool done = came + (line.cancelled_on <= 0 ? line.cancelled : 0) >= line.quantity;
  int last = line.cancelled_on <= 0 ? line.cancelled_on : -kNever;
  for (const auto& delivery : line.deliveries)
    if (delivery.day <= 0) last = std::max(last, delivery.day);
  if (done && last < since) return;  // before anybody kept records
  out.id = fmt::format("l{}", index);
  out.supplier = fmt::format("s{}", line.supplier);
  out.model = fmt::format("m{}", line.model);
  out.ordered = At(line.ordered);
  out.quantity = line.quantity;
  for (const auto& promise : line.promises) {
    const bool with_order = promise.day == line.ordered;
    if (promise.day <= 0 || with_order)
      out.promises.push_back({At(promise.day), At(promise.value)});
  }
  inputs.lines.push_back(out);
}

}  // namespace

World MakeWorld(const Family& family, std::uint64_t seed, int index) {
  Dice dice(seed, KeyOf(family.name), static_cast<std::uint64_t>(index));
  const int people = static_cast<int>(Within(dice, family.people));
  const int since = -static_cast<int>(Within(dice, family.records_days));
  const int first = since - kWarmUp;
  const double equipped = Within(dice, family.equipped);
  Rules rules{};
  rules.arrivals = Within(dice, family.arrivals);
  rules.departures = Within(dice, family.departures);
  rules.announced = Within(dice, family.announced);
  rules.failures = Within(dice, family.failures);
  rules.repaired = Within(dice, family.repaired);
  rules.repair_days = 8 + static_cast<int>(30 * dice.Uniform());
  rules.return_days = 2 + static_cast<int>(10 * dice.Uniform());
  rules.reserve = static_cast<int>(people * 0.02 * dice.Uniform());
  rules.life_days = static_cast<int>(365 * Within(dice, family.life_years));
  rules.ends_at_once = family.ends_at_once;
  const double nominal = std::max(1.0, std::floor(people * Within(dice, family.capacity)));
  rules.capacity = nominal * Within(dice, family.capacity_factor);
  const double years = (kAhead - first) / 365.0;
  const double lost = rules.failures * (1 - 0.9 * rules.repaired) + 365.0 / rules.life_days +
                      0.1 * rules.departures + rules.arrivals - rules.departures;
  const double missing = people * (1 - equipped + std::max(0.0, lost * years * 0.8));
  const int planned = static_cast<int>(200 * dice.Uniform());
  const std::vector<WorldLine> lines =
      MakeLines(family, dice, std::max(5, static_cast<int>(missing * Within(dice, family.supply))),
                first, planned);

  World world;
  Inputs& known = world.known;
  known.as_of = At(0);
  known.records_since = At(since);
  known.horizon_days = kAhead;
  known.preparation.capacity_per_day = nominal;
  known.preparation.reserve_stock = rules.reserve;
  const std::vector<bool> worked =
      WorkingDays(known.preparation.calendar, 18341 + first, kAhead - first + 1);
  Fleet fleet(rules, dice, first, people, equipped);
  for (int day = first + 1; day <= kAhead; ++day) {
    for (std::size_t i = 0; i < lines.size(); ++i)
      for (const auto& delivery : lines[i].deliveries)
        if (delivery.day == day) fleet.Receive(day, static_cast<int>(i), delivery.value);
    fleet.Live(day, worked[static_cast<std::size_t>(day - first)]);
    if (day == 0) fleet.Write(known, since);
    if (day <= 0) continue;
    world.equipped.push_back(fleet.Equipped(day));
    world.in_need.push_back(fleet.NeedOn(day));
  }
  for (std::size_t i = 0; i < lines.size(); ++i)
    WriteLine(lines[i], static_cast<int>(i), since, known);
  known.targets = {{"t1", At(120), 0.90}, {"t2", At(240), 0.95}, {"t3", At(364), 0.98}};
  return world;
}

}  // namespace parc::forecast::testing
