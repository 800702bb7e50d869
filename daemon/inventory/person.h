#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/inventory/civil_date.h"

namespace parc::inventory {

enum class Telework { kNotRequested, kRequested, kApproved };

// Somebody the fleet is for.
struct Person {
  std::string id;  // the organisation's own number; unique whatever the case
  std::string name;
  std::string mail;
  std::string unit;
  std::string population;  // e.g. "Siège"; coverage is told per population
  std::string site;        // site code; empty when unknown
  int tier = 4;            // 1 (priority mission) to 4
  bool needs_laptop = true;
  Telework telework = Telework::kNotRequested;
  std::optional<CivilDate> start;
  std::optional<CivilDate> end;
  std::map<std::string, std::string> extra;
  std::int64_t revision = 0;

  bool equipped = false;             // output only: holds a laptop in state ASSIGNED
  std::vector<std::string> laptops;  // output only: asset tags they hold

  bool operator==(const Person&) const = default;
};

// A place of work, or a stock room that belongs to one.
struct Site {
  std::string code;
  std::string name;
  std::string department;
  std::string parent;  // site code; empty for a site of its own
  std::int64_t revision = 0;

  bool operator==(const Site&) const = default;
};

}  // namespace parc::inventory
