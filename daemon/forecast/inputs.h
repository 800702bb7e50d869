#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/inventory/civil_date.h"

// All that a forecast knows, as plain values. Whoever fills them says what was known at the end of
// `as_of` and nothing later; what is later all the same (a delivery of tomorrow) is refused by
// Forecast(), not used. Order of rows does not matter: the same facts give the same answer.
namespace parc::forecast {

using inventory::CivilDate;

// A person of the population that the forecast is about. In need on day d: needs_laptop, and
// start <= d < end (absent start: always was; absent end: stays). Dates after as_of are arrivals
// and departures that are already announced. People who left stay in the list: rates of arrival and
// departure are learned from them.
struct Person {
  std::string id;
  bool needs_laptop = true;
  std::optional<CivilDate> start;
  std::optional<CivilDate> end;  // first day without the need

  bool operator==(const Person&) const = default;
};

// Five coarse states: IN_STOCK, PREPARING, PREPARED and RETURNED are all kInStock, LOST and STOLEN
// are kLost.
enum class AssetState { kInStock, kAssigned, kInRepair, kRetired, kLost };

struct Asset {
  std::string id;
  std::optional<CivilDate> received;  // absent: before anybody wrote it down
  AssetState state = AssetState::kInStock;
  std::string assigned_to;               // person; empty when nobody holds it
  std::optional<CivilDate> end_of_life;  // planned
  std::optional<CivilDate> ended;        // when it became kRetired or kLost

  bool operator==(const Asset&) const = default;
};

// Who held what. Complete since `records_since`; earlier ones may be missing.
struct Assignment {
  std::string asset;
  std::string person;
  CivilDate from;
  std::optional<CivilDate> to;  // first day without it; absent: still held

  bool operator==(const Assignment&) const = default;
};

struct Promise {
  CivilDate announced;
  CivilDate promised;

  bool operator==(const Promise&) const = default;
};

struct Shipment {
  CivilDate announced;
  int quantity = 0;

  bool operator==(const Shipment&) const = default;
};

struct Delivery {
  CivilDate day;
  int quantity = 0;

  bool operator==(const Delivery&) const = default;
};

struct Cancellation {
  CivilDate day;
  int quantity = 0;

  bool operator==(const Cancellation&) const = default;
};

// One line of an order, with the ledger of what was said and what came. The first promise, made
// with the order, is an ordinary row of `promises` whose `announced` is the order date.
struct OrderLine {
  std::string id;
  std::string supplier;
  std::string model;
  CivilDate ordered;  // after as_of: planned, will be placed that day
  int quantity = 0;   // units
  std::vector<Promise> promises;
  std::vector<Shipment> shipments;
  std::vector<Delivery> deliveries;
  std::vector<Cancellation> cancellations;

  bool operator==(const OrderLine&) const = default;
};

// The event: equipped / in need >= ratio at the end of at least one day in (as_of, date].
struct Target {
  std::string id;
  CivilDate date;
  double ratio = 1.0;  // (0, 1]

  bool operator==(const Target&) const = default;
};

// Working days: Monday to Friday without the public holidays of the country and the closures.
struct WorkCalendar {
  std::string country = "FR";   // "FR": the 11 holidays of metropolitan France; others have none
  bool alsace_moselle = false;  // Good Friday and 26 December, too
  std::vector<CivilDate> closures;

  bool operator==(const WorkCalendar&) const = default;
};

struct Preparation {
  std::optional<double> capacity_per_day;  // nominal hand-outs per working day; absent: not known
  int reserve_stock = 0;                   // units kept aside, never handed out
  WorkCalendar calendar;

  bool operator==(const Preparation&) const = default;
};

// --- What if ------------------------------------------------------------------------------------

// `--add QTY@DATE:SUPPLIER[:MODEL]`: an order placed on `ordered`, delivered as that supplier
// delivers.
struct AddedOrder {
  int quantity = 0;
  CivilDate ordered;
  std::string supplier;
  std::string model;                  // empty: any
  std::optional<CivilDate> promised;  // absent: what this supplier usually promises

  bool operator==(const AddedOrder&) const = default;
};

struct CapacityChange {
  CivilDate from;  // both days included
  CivilDate to;
  double per_day = 0;

  bool operator==(const CapacityChange&) const = default;
};

struct Headcount {
  CivilDate day;
  int people = 0;  // in need

  bool operator==(const Headcount&) const = default;
};

// Changes to the facts. A default-constructed one changes nothing.
struct Scenario {
  std::vector<AddedOrder> added;
  std::vector<std::string> cancelled_lines;  // ids of open lines that will never come
  std::vector<std::string> expedited_lines;  // ids of open lines that arrive as last promised
  std::vector<CapacityChange> capacity;
  std::optional<double> attrition_per_year;  // share of held laptops lost for good in a year, >= 0
  double tension = 1.0;                      // every remaining delay times this, > 0
  std::vector<Headcount> hires;
  std::vector<Headcount> leavers;

  bool operator==(const Scenario&) const = default;
};

// --- Everything ---------------------------------------------------------------------------------

struct Inputs {
  CivilDate as_of;  // the end of this day is known
  // First day from which records are complete; absent: the first day anything is recorded.
  std::optional<CivilDate> records_since;
  int horizon_days = 365;  // 1 to 1,830; stretched to the last target, but not beyond that

  Preparation preparation;
  std::vector<Person> people;
  std::vector<Asset> assets;
  std::vector<Assignment> assignments;
  std::vector<OrderLine> lines;
  std::vector<Target> targets;
  Scenario scenario;

  // The share of past outcomes inside the 80 % intervals of stored forecasts, once they were
  // scored; absent: not known. Below 0.7 it gives the warning BACKTEST_UNDERCOVERS.
  std::optional<double> measured_coverage_80;

  std::optional<std::uint64_t> seed;  // absent: SeedOf(inputs)
  int paths = 2000;                   // 50 to 200,000

  bool operator==(const Inputs&) const = default;
};

// 16 hexadecimal digits over every fact (not scenario, targets, seed or paths), whatever the order
// of rows: equal when a forecast was asked of the same facts.
std::string InputsHash(const Inputs& inputs);

// The seed of a forecast that is given none, a function of the facts: the same question has the
// same answer, and scenarios over the same facts share their dice.
std::uint64_t SeedOf(const Inputs& inputs);

}  // namespace parc::forecast
