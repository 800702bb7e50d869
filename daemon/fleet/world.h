#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/fleet/import.h"
#include "daemon/inventory/civil_date.h"
#include "daemon/inventory/lifecycle.h"
#include "daemon/inventory/moment.h"

// A world: nine small CSV files with the people, the stock, the orders and the targets that a
// forecast needs, and nothing else. For handing a situation to whoever evaluates forecasts, and for
// forecasting it without a server. Semicolons, UTF-8, ISO dates, a header row, empty for none.
namespace parc::fleet {

class View;

struct WorldFile {
  std::string name;  // "orders.csv"
  std::string bytes;
};

// The names, in the order in which they are read. targets.csv and promise_revisions.csv may be
// missing, the others may not.
const std::vector<std::string_view>& WorldFileNames();

// What the files say, each row with its line; checked against the calendar and each other, compared
// with no database.
struct World {
  using Day = inventory::CivilDate;
  using MaybeDay = std::optional<inventory::CivilDate>;

  std::string id;
  Day as_of;  // the end of that day is known
  MaybeDay records_since;
  int horizon_days = 364;
  int step_days = 7;
  std::optional<double> capacity;  // hand-outs a working day, nominal
  std::optional<int> reserve;
  std::string country;

  struct Promise {
    Day announced;
    Day promised;
  };
  struct Delivery {
    Day day;
    int quantity = 0;
    std::int64_t row = 0;
  };
  struct Line {
    std::string id;
    std::string model;
    int quantity = 0;
    std::vector<Promise> promises;  // in the order of their announcement
    std::vector<Delivery> deliveries;
    MaybeDay cancelled_on;
    int cancelled = 0;
    std::int64_t row = 0;
  };
  struct Order {
    std::string id;
    std::string supplier;
    Day ordered;
    bool planned = false;
    std::vector<Line> lines;
    std::int64_t row = 0;
  };
  struct Person {
    std::string id;
    std::string site;
    int tier = 4;
    bool needs_laptop = true;
    MaybeDay start;
    MaybeDay end;
    std::int64_t row = 0;
  };
  enum class Status { kInStock, kAssigned, kInRepair, kRetired, kLost };
  struct Assignment {
    std::string person;
    Day from;
    MaybeDay to;  // the first day without it
  };
  struct Asset {
    std::string id;
    std::string line;  // id of the order line; empty when it came from none
    MaybeDay received;
    Status status = Status::kInStock;
    std::string assigned_to;
    MaybeDay end_of_life;
    MaybeDay ended;
    std::string end_reason;
    std::vector<Assignment> assignments;  // by first day
    std::int64_t row = 0;
  };
  struct Target {
    std::string id;
    Day date;
    double ratio = 1;  // not negative; above 1: never reached
    std::int64_t row = 0;
  };
  // What was read otherwise than it stands there, where the meaning is plain all the same.
  struct Note {
    std::string file;
    std::int64_t line = 0;
    std::string text;  // "tier: \"7\" lies outside 1 to 4; taken as 4"
  };
  std::vector<Order> orders;
  std::vector<Person> people;
  std::vector<Asset> assets;
  std::vector<Target> targets;
  std::vector<Note> notes;
};

// The probability of a target that its ratio or date decides alone: nothing for any other. Of
// these, a fleet's plan keeps none whose ratio it cannot have.
std::optional<double> CertainProbability(const World::Target& target, const World& world);

// INVALID_ARGUMENT BAD_WORLD says which line of which file is wrong, and why; its details are
// "file" and "line".
absl::StatusOr<World> ReadWorld(std::vector<WorldFile> files);

// One stretch of a laptop's life.
struct LifeStep {
  inventory::CivilDate from;
  inventory::LaptopState state = inventory::LaptopState::kInStock;
  std::string person;  // holder; empty when nobody
  std::string reason;

  bool operator==(const LifeStep&) const = default;
};

// The life that the rows of an asset tell, oldest first, at most one step a day. Where its status
// and its assignments disagree, the status holds as of the world's day.
std::vector<LifeStep> LifeOf(const World::Asset& asset, const World& world);

struct WorldExport {
  std::string id;
  int horizon_days = 364;
  int step_days = 7;
  std::string people;  // a filter, as ForecastInputs takes it; empty: everybody
};

// The world of `moment`, ready to be read again. Names, units and whatever else a world has no
// column for are left out; laptops keep five coarse states.
absl::StatusOr<std::vector<WorldFile>> ExportWorld(View& view, const WorldExport& options,
                                                   const inventory::Moment& moment);

}  // namespace parc::fleet
