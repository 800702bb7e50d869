#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/inventory/civil_date.h"
#include "daemon/inventory/lifecycle.h"

namespace parc::inventory {

// An amount of one currency, in millionths of its unit.
struct Money {
  std::int64_t micros = 0;
  std::string currency;  // ISO 4217, e.g. "EUR"

  bool operator==(const Money&) const = default;
};

// The record of one laptop: what it is, where it is in its life, who holds it.
struct Laptop {
  std::string asset_tag;  // unique whatever the case
  std::string serial;     // as printed; empty when unknown
  std::string manufacturer;
  std::string model;
  LaptopState state = LaptopState::kInStock;
  CivilDate state_since;    // effective
  std::string holder;       // person id; empty when nobody holds it
  std::string holder_name;  // output only
  std::string site;         // site code; empty when unknown
  std::string order_line;   // "REFERENCE/LINE"; empty when it came from no order
  std::optional<CivilDate> purchase_date;
  std::optional<Money> price;
  std::optional<CivilDate> warranty_end;
  std::optional<CivilDate> end_of_life;  // when it is to be taken out of service
  std::vector<std::string> tags;         // sorted, no repetition
  std::string notes;
  std::map<std::string, std::string> extra;  // columns of an import that Parc has no field for
  std::int64_t revision = 0;                 // grows with every change; the etag

  bool operator==(const Laptop&) const = default;
};

// One thing that happened to a laptop.
struct LaptopHistoryEntry {
  std::string laptop;  // asset tag
  LaptopEvent event = LaptopEvent::kUpdate;
  std::optional<LaptopState> from;
  LaptopState to = LaptopState::kInStock;
  std::string person;  // person id it concerned; empty when none
  std::string person_name;
  CivilDate effective;
  std::int64_t committed = 0;  // UTC microseconds
  std::string actor;           // e.g. "tokens/3f2a…"
  std::string actor_name;      // the token's owner; empty when no token of people did it
  std::string reason;
};

}  // namespace parc::inventory
