#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/inventory/civil_date.h"

// What a forecast answers, as data: words, charts and files are made of it elsewhere.
namespace parc::forecast {

using inventory::CivilDate;

inline constexpr std::string_view kModelVersion = "landmark-8";

inline constexpr std::array<double, 7> kLevels = {0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95};

// Values at kLevels, never falling. Quantiles of counts are counts.
using Quantiles = std::array<double, kLevels.size()>;
enum Level : std::size_t { kP05, kP10, kP25, kP50, kP75, kP90, kP95 };

// One day of the past, from the records.
struct PastDay {
  CivilDate day;
  int equipped = 0;
  int in_need = 0;

  bool operator==(const PastDay&) const = default;
};

// The end of one day to come.
struct Day {
  CivilDate day;
  Quantiles equipped{};  // people
  Quantiles in_need{};   // people
  Quantiles coverage{};  // equipped / in need, 0 to 1; 1 when nobody is in need
  double as_promised =
      0;  // people equipped if every line came when last promised, and nothing else

  bool operator==(const Day&) const = default;
};

struct Month {
  CivilDate end;  // last day of the month (or of the horizon)
  double in_need_p50 = 0;
  Quantiles equipped{};
  Quantiles coverage{};
  Quantiles arrivals{};  // laptops delivered within the month
  double attrition_p50 =
      0;  // held laptops that failed, were lost or reached their end within the month
  double waiting_p50 = 0;  // people in need without a laptop, at the end
  double reach_90 = 0;     // P(coverage >= 90 % at the end of the month)
  double reach_95 = 0;
  double reach_100 = 0;

  bool operator==(const Month&) const = default;
};

// A day that only some paths reach.
struct DateQuantiles {
  // Absent: that quantile is beyond the horizon.
  std::optional<CivilDate> p10, p25, p50, p75, p90;
  double never = 0;  // share of paths that do not reach it within the horizon

  bool operator==(const DateQuantiles&) const = default;
};

// An open order line (planned and added ones, too).
struct Line {
  std::string id;
  std::string supplier;
  std::string model;
  int open = 0;                       // units
  std::optional<CivilDate> promised;  // latest promise
  int revisions = 0;
  DateQuantiles complete;  // the day its last open unit arrives; cancelled paths: never
  double late = 0;         // P(complete more than 14 days after the latest promise, or never)
  double cancelled = 0;    // P(some of it is cancelled)
  // For the first target; absent when there is none or Effort::line_values left the line out.
  std::optional<double> value_of_expediting;  // P(target | arrives as promised) - P(target)
  std::optional<double> value_at_risk;        // P(target) - P(target | cancelled)

  bool operator==(const Line&) const = default;
};

struct TargetOutlook {
  std::string id;
  CivilDate date;
  double ratio = 1.0;
  double probability = 0;
  double monte_carlo_error = 0;  // one standard error of `probability`
  // First day after as_of on which the ratio is reached, over the whole horizon.
  DateQuantiles reached;
  bool in_the_past = false;  // date <= as_of: `probability` is 0 or 1, from the records of that day
  bool reached_now = false;  // the ratio holds at the end of as_of

  bool operator==(const TargetOutlook&) const = default;
};

// What keeps people waiting, over the days to come on which somebody waits.
enum class Bottleneck { kNone, kSupply, kPreparation };
std::string_view ToString(Bottleneck bottleneck);  // "NONE", "SUPPLY", "PREPARATION"

// Those of the design, then what data can be besides thin.
enum class WarningCode {
  kThinHistory,      // fewer than 8 past lines with a delivery: priors decide
  kSupplierUnseen,   // subject: a supplier of open lines that never delivered
  kSupplierPooled,   // subject: a supplier with 1 to 4 past lines: judged mostly by the others
  kStalePromise,     // subject: a line overdue by 30 days or more, without a new promise since
  kRegimeChange,     // value: recent remaining times as a multiple of the long run
  kNoCapacitySet,    // hand-outs per day are taken from the records alone, or are unlimited
  kRecordsTooShort,  // value: days of records, fewer than 90
  kOpenOrdersLessThanGap,  // value: laptops missing for the first target even if all arrives
  kBacktestUndercovers,    // value: measured share inside the 80 % intervals
  kNobodyInNeed,
  kTargetInThePast,  // subject: target
  kTargetReached,    // subject: target; it holds already
  kTargetFarAhead,   // subject: target; beyond the longest horizon: answered for the end of that
  kNoOpenOrder,
  kAllCancelled,        // every line on record was cancelled: no delivery to learn from
  kPromiseBeforeOrder,  // subject: a line promised for a day before it was ordered
  kOverDelivered,       // subject: a line that brought more than was ordered; value: units too many
};
std::string_view ToString(WarningCode code);  // "THIN_HISTORY", …

struct Warning {
  WarningCode code = WarningCode::kThinHistory;
  std::string subject;  // id of the line or target, name of the supplier; empty: the forecast
  double value = 0;     // see the code; else 0

  bool operator==(const Warning&) const = default;
};

struct Result {
  CivilDate as_of;
  int equipped_now = 0;
  int in_need_now = 0;
  int in_stock_now = 0;       // without the reserve
  int on_order_now = 0;       // open units of placed lines
  std::vector<PastDay> past;  // oldest first, to as_of
  std::vector<Day> days;      // as_of + 1, …, as_of + horizon
  std::vector<Month> months;
  std::vector<Line> lines;  // most critical first: by value at risk, then open quantity, then id
  std::vector<TargetOutlook> targets;  // in the order of Inputs::targets
  Bottleneck bottleneck = Bottleneck::kNone;
  double bottleneck_share = 0;  // of the waiting days that `bottleneck` explains, 0 to 1
  std::vector<Warning> warnings;

  std::string inputs_hash;
  std::string model_version;
  std::uint64_t seed = 0;
  int paths = 0;

  bool operator==(const Result&) const = default;
};

}  // namespace parc::forecast
