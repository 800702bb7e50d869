#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "daemon/forecast/facts.h"

// Landmarks (van Houwelingen 2007): what was known of a line on a day, and how long its open units
// took from then on. One row of a regression each; README.md, "Delivery".
namespace parc::forecast {

enum Covariate : std::size_t {
  kIntercept,      // a promise 45 days away, nothing else known
  kPromised,       // log((promised days left + 5) / 50); 0 days left once overdue
  kOverdue,        // 1 once the promised day has passed
  kOverdueDays,    // log(1 + days overdue / 10)
  kElapsed,        // log(1 + days since the order / 30)
  kRevisions,      // log(1 + number of revised promises)
  kFreshRevision,  // 1 when the promise was revised within 21 days
  kPartly,         // 1 when part of it was delivered
  kShipped,        // 1 when a shipment is announced
  kFar,            // log of promised days left beyond 120, as a multiple of that; else 0
  kSilence,        // log(1 + days since anything was announced / 30)
  kNoPromise,      // 1 when there is no promise at all
  kSize,           // log(quantity / 30)
  kCovariates
};
using Covariates = std::array<double, kCovariates>;

// REQUIRES: day >= line.ordered.
Covariates CovariatesOf(const LineFacts& line, const LineState& state, int day);

// One lot of the units that were open at a landmark, or the remainder that has not come.
struct Observation {
  Covariates covariates{};
  std::size_t supplier = 0;
  std::size_t model = 0;
  int from = 0;              // day of the landmark
  int to = 0;                // day it came, or was last seen open
  std::size_t landmark = 0;  // observations of the same landmark are lots of one line
  bool censored = false;     // not come by then; since cancelled or still open
  double weight = 0;
};

// Numbers for names; one more for every name of an open line without a past.
struct Groups {
  std::map<std::string, std::size_t, std::less<>> suppliers, models;
};
Groups GroupsOf(const Facts& facts);

// Times are log(days + kShift): seen from a day in the middle, what is left of a wait is spread
// evenly down to nothing, which the plain logarithm would make a long tail of.
inline constexpr double kShift = 6;

// Whether a line is late against its first promise, as an index: 0 before, 1 after; the day from
// which it is.
int LateFrom(const LineFacts& line);

// In how many lots a line came.
struct LotCount {
  float log_quantity = 0;
  int lots = 0;
};

// What past and open lines teach. Only landmarks from facts.since on: before, only survivors are
// known.
struct LandmarkData {
  std::vector<Observation> observations;
  std::size_t landmarks = 0;
  int lines_delivered = 0;  // lines with a delivery after a landmark
  // Cancellations and the days of open lines that they could have been on, older ones counting
  // less: before the first promise, and after it.
  std::array<double, 2> cancellations{}, open_days{};
  double cancelled_units = 0;    // of cancelled lines, and
  double cancellable_units = 0;  // what was open when it happened
  std::vector<LotCount> lots;    // of lines that came whole, from their orders
};
LandmarkData Landmarks(const Facts& facts, const Groups& groups);

}  // namespace parc::forecast
