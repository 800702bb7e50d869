#pragma once

#include <array>
#include <cstddef>

#include "daemon/forecast/dice.h"

// The distribution of standardised errors of waits: normal with somewhat heavier tails a priori,
// bent to the errors that were seen. README.md, "Delivery".
namespace parc::forecast {

class ErrorShape {
 public:
  ErrorShape();

  // An error of `z` standard deviations, or of at least that.
  void Add(double z, bool at_least, double weight);
  // Quantiles in even steps, as NormalTable().
  std::array<float, kNormalTable> Quantiles() const;

 private:
  static constexpr std::size_t kBins = 120;
  using Bins = std::array<double, kBins>;

  Bins seen_{};      // mass of the prior and of errors seen
  Bins at_least_{};  // of those that are at least so large
};

}  // namespace parc::forecast
