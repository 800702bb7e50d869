#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "daemon/forecast/dice.h"
#include "daemon/forecast/history.h"

// When laptops go whose planned life ends: on the day, or some time after it, and whether they are
// kept while no successor lies there. Two practices differ in what a successor is: any laptop in
// stock, or one that nobody without a laptop waits for. README.md, "Fleet".
namespace parc::forecast {

// A draw of what is not known about ends of life.
struct LifeEndsDraw {
  // Laptops held at as_of that go on each day 1 … horizon (index 0 is unused) while successors lie
  // there: an expected number.
  std::vector<float> expected;
  double without = 1;          // share of them that go all the same when no successor lies there
  double catch_up = 1;         // share of those kept that go on a day on which successors do
  bool waiting_first = false;  // a laptop that somebody without one waits for is no successor
};

class LifeEnds {
 public:
  LifeEnds(const Facts& facts, const Inputs& inputs, const DailyCounts& counts);

  LifeEndsDraw Draw(const FleetNow& now, int horizon, std::uint64_t seed,
                    std::uint64_t index) const;

 private:
  static constexpr std::size_t kStretches = 5;  // of lateness, each with a rate of its own

  // What was seen on days of one kind.
  struct Seen {
    double on_the_day = 0, not_on_the_day = 0;
    std::array<double, kStretches> ended{}, days{};
  };

  // Both kinds together, with the priors: days without a successor count as so many days with one.
  struct Pooled {
    double on_the_day = 0, trials = 0;
    std::array<double, kStretches> ended{}, days{};
    double OnTheDay() const;  // share
  };
  // Ends without a successor, and how many there would have been if that made no difference.
  struct Without {
    double seen = 0, expected = 0;
    double Share() const;
  };

  // What the records say if one practice is the office's.
  struct Practice {
    Seen with, without;        // successors that lay there
    std::vector<int> overdue;  // laptops held past their life, by how late they are

    Pooled PooledAt(double share) const;
    Without EndsWithout() const;
    double LogLikelihood() const;
  };

  static std::size_t StretchOf(int late);
  static Practice Learn(const Facts& facts, const Inputs& inputs, const DailyCounts& counts,
                        const std::vector<char>& successor, double without);

  Practice any_, waiting_first_;      // by what a successor is
  double waiting_first_share_ = 0.5;  // probability that it is the latter
};

}  // namespace parc::forecast
