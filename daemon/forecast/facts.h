#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/forecast/inputs.h"

// Inputs made regular: days counted from as_of (0; the past is negative), ledgers sorted, what
// contradicts itself bounded. Everything behind Forecast() works on these.
namespace parc::forecast {

inline constexpr int kNoDay = 1 << 28;

// A quantity on a day.
struct Units {
  int day = 0;
  int quantity = 0;

  bool operator==(const Units&) const = default;
};

struct PromiseFact {
  int announced = 0;
  int promised = 0;  // never before the order

  bool operator==(const PromiseFact&) const = default;
};

struct LineFacts {
  std::string id, supplier, model;
  std::uint64_t key = 0;  // of its dice
  int ordered = 0;
  int quantity = 0;
  int open = 0;                       // at as_of; never negative
  std::vector<PromiseFact> promises;  // in order of announcement
  std::vector<int> shipped;           // days of announcement, in order
  std::vector<Units> deliveries;      // one a day, in order
  std::vector<Units> cancellations;   // in order
  bool expedited = false;             // scenario: arrives as last promised

  bool operator==(const LineFacts&) const = default;
};

struct Facts {
  CivilDate as_of;
  int since = 0;                 // first day of complete records, <= 0
  int horizon = 0;               // days
  std::vector<LineFacts> lines;  // by id, so that the order of rows does not matter

  int DayOf(const CivilDate& day) const { return static_cast<int>(ToDays(day) - ToDays(as_of)); }
  CivilDate DateOf(int day) const { return inventory::AddDays(as_of, day); }
};

// The last day that anything may be dated to, and the longest horizon.
inline constexpr int kLongestHorizon = 1830;

// Whether `inputs` can be answered; the refusals are listed at Forecast().
absl::Status Validate(const Inputs& inputs);

// The facts without the scenario, from which the models learn. REQUIRES: Validate(inputs).ok().
Facts Regularise(const Inputs& inputs);

// Adds the scenario's orders to `lines`, and cancels and expedites what it says.
void ApplyToLines(const Scenario& scenario, Facts& facts);

// What was known of a line at the end of `day` (<= 0).
struct LineState {
  int open = 0;            // units neither delivered nor cancelled
  int promised = kNoDay;   // latest promise
  int announced = kNoDay;  // when it was made
  int revisions = 0;
  bool partly_delivered = false;
  bool shipped = false;  // a shipment was announced since the last delivery
};
LineState StateOn(const LineFacts& line, int day);

}  // namespace parc::forecast
