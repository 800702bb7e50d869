#pragma once

#include <vector>

#include "parc/v1/forecasts.pb.h"

// What a fan chart draws, as numbers: the same for the terminal, for SVG and for the tables beside
// them. Days are counted since 1970-01-01; people are people.
namespace parc::client::render {

struct FanPoint {
  int day = 0;
  double p05 = 0, p10 = 0, p25 = 0, p50 = 0, p75 = 0, p90 = 0, p95 = 0;
  double promised = 0;  // equipped if every line came when last promised
};

struct FanActual {
  int day = 0;
  double equipped = 0;
};

struct Fan {
  int today = 0;       // as-of
  int target_day = 0;  // 0: none
  double target = 0;   // people: the ratio of those in need on that day
  double ratio = 1;
  double needed = 0;  // as of today
  std::vector<FanActual> past;
  std::vector<FanPoint> future;  // today first, every band closed
  bool promises = false;         // that line differs from standing still

  int first_day() const { return past.empty() ? today : past.front().day; }
  int last_day() const { return future.empty() ? today : future.back().day; }
};

// With at most `past_days` of the past, and the future as far as it holds anything to see: some
// weeks after the target's day and after the fan stops moving.
Fan FanOf(const v1::Forecast& forecast, int past_days = 180);

// The fan at `day`, linear between its points, which hold that day.
FanPoint At(const Fan& fan, double day);

// A scale of people that shows all of `fan`: round numbers for bottom, top and step.
struct Scale {
  double bottom = 0, top = 0, step = 1;
};
Scale ScaleOf(const Fan& fan);

// Days on which a month begins, within [first, last]: every one, or every second, third … when
// there are more than `most`.
std::vector<int> MonthStarts(int first, int last, int most);

}  // namespace parc::client::render
