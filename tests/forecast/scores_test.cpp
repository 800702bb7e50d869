#include <catch2/catch.hpp>

#include "daemon/forecast/scores.h"
#include "daemon/forecast/summary.h"

namespace parc::forecast {

TEST_CASE("the score of a point forecast is its absolute error") {
  CHECK(WeightedIntervalScore(PointForecast(10), 10) == Approx(0));
  CHECK(WeightedIntervalScore(PointForecast(10), 14) == Approx(4));
  CHECK(WeightedIntervalScore(PointForecast(10), 3) == Approx(7));
}

TEST_CASE("width costs inside, and distance costs outside") {
  const Quantiles quantiles = {0, 2, 4, 5, 6, 8, 10};
  // Inside all: (0 + 0.25 x 2 + 0.1 x 6 + 0.05 x 10) / 3.5.
  CHECK(WeightedIntervalScore(quantiles, 5) == Approx(1.6 / 3.5));
  // At 9: median 2, beyond 6 by 3 and beyond 8 by 1, inside 90 %.
  CHECK(WeightedIntervalScore(quantiles, 9) == Approx((2 + 0.5 + 3 + 0.6 + 1 + 0.5) / 3.5));
}

TEST_CASE("the ends of an interval are inside it") {
  const Quantiles quantiles = {0, 2, 4, 5, 6, 8, 10};
  CHECK(Inside(quantiles, kP10, kP90, 2));
  CHECK(Inside(quantiles, kP10, kP90, 8));
  CHECK_FALSE(Inside(quantiles, kP10, kP90, 8.5));
}

TEST_CASE("quantiles are order statistics, whether counted or sorted") {
  std::vector<int> near, far, scratch;
  for (int i = 1; i <= 100; ++i) near.push_back(101 - i);
  for (int i = 1; i <= 100; ++i) far.push_back(i * 1000000);
  CHECK(QuantilesOf(near.data(), 100, scratch) == Quantiles{5, 10, 25, 50, 75, 90, 95});
  CHECK(QuantilesOf(far.data(), 100, scratch) ==
        Quantiles{5e6, 10e6, 25e6, 50e6, 75e6, 90e6, 95e6});
  const int one = -3;
  CHECK(QuantilesOf(&one, 1, scratch) == PointForecast(-3));
}

}  // namespace parc::forecast
