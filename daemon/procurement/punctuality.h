#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/inventory/civil_date.h"
#include "daemon/procurement/order.h"

// How punctual suppliers are: a view over the ledger. Samples are small, so nothing is told without
// its interval, and nothing from fewer lines than an interval needs.
namespace parc::procurement {

// A share of trials with the interval of Wilson (1927), 95 %. Unlike the textbook's p ± 2 s it
// stays within 0 and 1 and is honest for a handful of trials: 3 of 3 is "between 44 % and 100 %".
struct Share {
  int hits = 0;
  int trials = 0;
  double low = 0;
  double high = 1;

  bool operator==(const Share&) const = default;
};
Share WilsonShare(int hits, int trials);

// A number of days; `open`: at least so many, and it is not over yet.
struct Observation {
  int days = 0;
  bool open = false;
};

// The median of observations and its 95 % interval by order statistics (David & Nagaraja, Order
// Statistics, 7.1): no distribution is assumed. What is still open counts at its present length for
// the lower limits and as endless for the upper ones.
struct MedianDays {
  int observations = 0;
  std::optional<int> median;  // nothing without an observation
  bool at_least = false;      // half of them or more are open: the median is this or more
  // Nothing for fewer than kFewest observations.
  std::optional<int> low;
  std::optional<int> high;  // nothing, too, when there is no upper limit yet

  bool operator==(const MedianDays&) const = default;
};
inline constexpr int kFewest = 6;  // the smallest sample whose extremes bound the median at 95 %
MedianDays MedianOf(std::vector<Observation> observations);

// Whether slips grow or shrink with the date that was promised: Kendall's test at 10 %, its
// size by the median of all pairwise slopes (Theil 1950, Sen 1968). Ties and pairs that an open
// line leaves undecided count for neither.
enum class Trend { kTooFew, kNone, kBetter, kWorse };
struct SlipTrend {
  Trend trend = Trend::kTooFew;
  double days_per_quarter = 0;  // when kBetter or kWorse

  bool operator==(const SlipTrend&) const = default;
};
inline constexpr int kFewestForTrend = 8;
struct Slip {
  inventory::CivilDate promised;
  Observation late;
};
SlipTrend TrendOf(const std::vector<Slip>& slips);

struct Punctuality {
  std::string supplier;
  int orders = 0;
  int lines = 0;
  int units = 0;
  int open_units = 0;
  int late_lines = 0;  // open after the newest promised date
  // Over the lines whose first promised date has passed, delivered or not: whoever waits only for
  // what is delivered praises those that never deliver. A line is delivered when its last unit that
  // was not cancelled came; slip is counted from its first promised date, early is negative.
  Share on_time;
  MedianDays slip;
  SlipTrend trend;
  // From the order to the last unit, over all lines that were placed.
  MedianDays lead_time;

  bool operator==(const Punctuality&) const = default;
};

// One for each supplier of `orders`, which are as of the end of `day`; by name. Suppliers are the
// same whatever the case. Planned orders do not count.
std::vector<Punctuality> PunctualityOf(const std::vector<Order>& orders,
                                       const inventory::CivilDate& day);

// The day on which the last unit that was not cancelled came; nothing while units are open, and for
// a line of which nothing came.
std::optional<inventory::CivilDate> DeliveredOn(const OrderLine& line);

// The promise that the order was placed on: of those announced first, the one recorded first.
const Promise* FirstPromise(const OrderLine& line);

}  // namespace parc::procurement
