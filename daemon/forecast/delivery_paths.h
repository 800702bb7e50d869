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
  // `lane` of `delivered`. `line_day`, unless null, gets each line's entry of Outcome::line_day, in
  // that lane. Allocates nothing.
  void Sample(int path, std::vector<Lanes>& delivered, int lane, int* line_day);

 private:
  struct LineDice {
    std::uint64_t key = 0;
    int open = 0;  // 0: expedited
    int supplier = 0;
    int earliest = 0;         // day from which its time counts
    float late_in = 0;        // days from then until it is late against its first promise
    LotShares lots_before{};  // share of lines that come in fewer than 1, 2, … lots; never more
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
    std::uint32_t lots = 0;
    std::uint64_t units_a_lot = 0;  // times 2^32, rounded up
    float cancelled_on = 0;
    int last_day = 0;  // of its lots so far; beyond the horizon, horizon + 1
    int cancelled = 0;
  };
  // The lots of the path at hand, one after the other: each piece of the arithmetic is a loop over
  // all of them, without a branch that dice decide.
  struct Lots {
    std::vector<int> line, number, units;  // number: 0, 1, … within the line
    std::vector<float> log_days, days;     // of progress, kShift added
    std::vector<std::uint32_t> bits;       // decide whether a cancellation takes it
  };
  // The tempo of the path at hand, in steps of kTempoStep days.
  struct Step {
    float done = 0;      // progress at its beginning
    float slowness = 0;  // days for one of progress
  };

  float Normal(std::uint64_t bits) const { return normals_[bits & (kNormalTable - 1)]; }
  void SetTempo(int path, const DeliveryDraw& draw);
  float ProgressAt(int day) const;
  int DayOf(float progress) const;
  void DrawLines(int path, const DeliveryDraw& draw);
  std::size_t DrawLots(const DeliveryDraw& draw);
  void PlaceLots(std::size_t lots, const DeliveryDraw& draw, std::vector<Lanes>& delivered,
                 int lane);

  std::uint64_t seed_;
  int horizon_;
  std::vector<LineDice> lines_;
  std::vector<Expedited> expedited_;
  std::vector<std::uint64_t> supplier_keys_;
  const std::vector<DeliveryDraw>& draws_;
  std::vector<float> means_;  // draw-major: [draw][line]
  float log_tension_;
  const std::array<float, kNormalTable>& errors_;  // quantiles of a line's standardised error
  const std::array<float, kNormalTable>& normals_;
  const std::array<float, kNormalTable>& exponentials_;

  // Of the path at hand.
  std::vector<float> supplier_shocks_;
  std::vector<Step> steps_;            // one more than the horizon has, without end
  std::vector<std::uint8_t> step_of_;  // by whole kProgressUnits of progress: step in which it is
  std::vector<LineOnPath> states_;
  Lots lots_;
};

}  // namespace parc::forecast
