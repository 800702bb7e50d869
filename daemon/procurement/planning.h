#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/inventory/civil_date.h"

// What a forecast assumes beside the records of laptops, people and orders.
namespace parc::procurement {

// Days on which nothing is prepared or handed out, both included.
struct Closure {
  inventory::CivilDate first;
  inventory::CivilDate last;

  bool operator==(const Closure&) const = default;
};

// As of a moment; nothing where nobody has said so.
struct Planning {
  std::optional<double> preparation_capacity;  // laptops a working day, nominal
  std::optional<int> reserve_stock;            // laptops that are kept aside, never handed out
  // Complete records begin on this day: before it, only what survived is known.
  std::optional<inventory::CivilDate> records_since;
  // Whose public holidays are no working days: "FR", "FR-AM" with the two of Alsace-Moselle, or any
  // other two letters of ISO 3166 (no holidays). Empty: FR.
  std::string country;
  std::vector<Closure> closures;

  bool operator==(const Planning&) const = default;
};

// A share of the people in need that is to be equipped on one day at least, until `due`.
struct Target {
  std::string id;  // unique whatever the case
  inventory::CivilDate due;
  double ratio = 1;    // equipped ÷ in need, above 0, at most 1
  std::string people;  // a filter over people; empty: everybody

  bool operator==(const Target&) const = default;
};

}  // namespace parc::procurement
