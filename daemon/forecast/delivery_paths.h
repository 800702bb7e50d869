#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "daemon/forecast/dice.h"
#include "daemon/forecast/lanes.h"
#include "daemon/forecast/model.h"

// When the open units of every line come, path by path.
namespace parc::forecast {

// Instead of a day, as kNoDay: it never comes.
inline constexpr int kCancelled = kNoDay + 1;

class DeliveryPaths {
 public:
  // `lines` are those with open units, under the scenario.
  DeliveryPaths(const Model& model, const std::vector<LineFacts>& lines, double tension);

  // Adds what arrives on each day 1 … horizon of `path`, and later on day horizon + 1, to lane
  // `lane` of `delivered`. Of `line_day`, unless null, kLanes for each line, that lane is raised to
  // the day on which the line's last unit comes; beyond the horizon, horizon + 1; kCancelled when
  // not all of them come. Allocates nothing.
  void Sample(int path, std::vector<Lanes>& delivered, int lane, int* line_day);

 private:
  struct LineDice {
    std::uint64_t key = 0;
    int supplier = 0;
    int earliest = 0;   // day from which its time counts
    float late_in = 0;  // days from then until it is late against its first promise
    int open = 0;       // 0: expedited
    // It comes in more than 1, 2, … lots when 15 bits of dice are at least these, 16 bits each.
    std::array<std::uint64_t, kMostLots / 4> more_lots{};
  };
  struct Expedited {
    std::size_t at = 0;  // of lines_
    int day = 0;
    int units = 0;
  };
  // A line on the path at hand.
  struct LineOnPath {
    Dice dice{0, 0, 0};
    float centre = 0;  // of the log days of its lots
    float begun = 0;   // progress on the day from which its time counts
    float cancelled_on = 0;
    int earliest = 0;
    std::uint64_t units_a_lot = 0;  // times 2^32, rounded up
    int lots = 0;
  };
  // Some lots of the path at hand, piece by piece of the arithmetic: loops of a length that is
  // known, without a branch that dice decide.
  static constexpr std::size_t kLotsAtOnce = 64;
  struct alignas(64) Lots {
    float log_days[kLotsAtOnce], days[kLotsAtOnce], begun[kLotsAtOnce], cancelled_on[kLotsAtOnce];
    int earliest[kLotsAtOnce], luck[kLotsAtOnce], whole_units[kLotsAtOnce];
    // Where in day_of_, which share of the way to the next entry, and what it says there.
    int entry[kLotsAtOnce];
    float past_entry[kLotsAtOnce], day[kLotsAtOnce];
    // What becomes of them; of one that does not come, kCancelled and no units.
    int arrival[kLotsAtOnce], last_day[kLotsAtOnce];
    float units[kLotsAtOnce];
  };

  float Normal(std::uint64_t bits) const { return normals_[bits & (kNormalTable - 1)]; }
  void SetTempo(int path, const DeliveryDraw& draw);
  void SetDays();
  float ProgressAt(int day) const;
  void DrawLines(int path, const DeliveryDraw& draw);
  std::size_t NumberLots();
  void DrawLots(std::size_t first, std::size_t count, const DeliveryDraw& draw);

  std::uint64_t seed_;
  int horizon_;
  std::vector<LineDice> lines_;
  std::vector<Expedited> expedited_;
  std::vector<std::size_t> planned_;  // of lines_, those whose time does not count yet
  std::vector<std::uint64_t> supplier_keys_;
  const std::vector<DeliveryDraw>& draws_;
  std::vector<float> means_;  // draw-major: [draw][line]
  float log_tension_;
  const std::array<float, kNormalTable>& errors_;  // quantiles of a line's standardised error
  const std::array<float, kNormalTable>& normals_;
  const std::array<float, kNormalTable>& exponentials_;
  std::vector<float> progress_;  // of the entries of day_of_

  // Of the path at hand.
  std::vector<float> supplier_shocks_;
  // The tempo, in steps of kTempoStep days, one more than the horizon has: days for one of
  // progress, and the progress at the step's beginning.
  std::vector<float> slowness_, done_;
  // The day on which progress_[j] is made. From entry `beyond_` on, beyond the horizon.
  std::vector<float> day_of_;
  int beyond_ = 0;
  std::vector<LineOnPath> states_;
  // The lots of all lines, one after the other: whose, and which of its lots from 0 on.
  std::vector<int> line_of_lot_, number_of_lot_;
  Lots lots_{};
};

}  // namespace parc::forecast
