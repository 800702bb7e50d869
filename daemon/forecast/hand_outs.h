#pragma once

#include <optional>

#include "daemon/forecast/history.h"

// How many laptops a working day can hand out, from days past. What was handed out on a day is the
// least of three things: what hands could do, the laptops ready, the people waiting. Only where
// laptops and people were left over at the end of the day does it tell what hands could do; on
// other days hands could have done as much, or more.
namespace parc::forecast {

struct HandOutPace {
  double mean = 0;   // hand-outs per working day
  double noise = 0;  // coefficient of variation from day to day
  double days = 0;   // worth of evidence, in days that were limited by hands; 0: nothing is known
  bool every_day = false;  // records show hand-outs on days that the calendar calls free
};

HandOutPace LearnPace(const Facts& facts, const Inputs& inputs, const DailyCounts& counts);

// A day for the estimate below.
struct PaceDay {
  double handed_out = 0;
  bool at_least = false;  // laptops or people ran out: hands could have done more
  double weight = 1;
};
// A normal mean from days of which some are lower bounds (Tobit by EM), starting from `prior`,
// which counts as `prior_days`.
HandOutPace FitPace(const std::vector<PaceDay>& days, double prior, double prior_days);

}  // namespace parc::forecast
