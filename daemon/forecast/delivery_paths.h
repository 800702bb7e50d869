#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "daemon/forecast/dice.h"
#include "daemon/forecast/model.h"

// When the open units of every line come, path by path.
namespace parc::forecast {

// A lot of a line on one path.
struct Lot {
  int day = 0;  // of arrival, from as_of; >= 1
  int quantity = 0;
};

class DeliveryPaths {
 public:
  // `lines` are those with open units, under the scenario.
  DeliveryPaths(const Model& model, const std::vector<LineFacts>& lines, double tension);

  // Adds what arrives on each day 1 … horizon of `path` to `delivered`. `line_day` and
  // `line_cancelled` get one entry a line, `stride` apart; null: not wanted. Allocates nothing.
  void Sample(int path, int* delivered, int* line_day, int* line_cancelled, int stride);

 private:
  struct LineDice {
    int supplier = 0;
    int earliest = 0;       // day from which its time counts
    int late_in = 0;        // days from then until it is late against its first promise
    int expedited_day = 0;  // 0: it is not
    LotShares lots{};
  };
  double Normal(std::uint64_t bits) const {
    return static_cast<double>(normals_[bits & (kNormalTable - 1)]);
  }
  void SetTempo(int path, const DeliveryDraw& draw);
  int ArrivalOf(int from, double log_days) const;
  void SampleLine(std::size_t line, int path, double shock, int* delivered, int* day,
                  int* cancelled) const;

  const std::vector<LineFacts>& lines_;
  std::uint64_t seed_;
  int horizon_;
  std::vector<LineDice> dice_;
  std::vector<std::uint64_t> supplier_keys_;
  const std::vector<DeliveryDraw>& draws_;
  std::vector<double> never_cancelled_;  // by draw: P(not within the horizon)
  std::vector<float> means_;             // draw-major: [draw][line]
  std::vector<double> supplier_shocks_;  // of the path at hand
  // Of the path at hand: days of progress done by the end of each day 0 … horizon, and for each
  // whole number of them the first day by whose end they are done (horizon + 1: later).
  std::vector<float> progress_;
  std::vector<std::int32_t> day_of_;
  double log_tension_;
  const std::array<float, kNormalTable>& errors_;  // quantiles of a line's standardised error
  const std::array<float, kNormalTable>& normals_;
};

}  // namespace parc::forecast
