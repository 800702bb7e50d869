#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <set>

#include "daemon/forecast/dice.h"
#include "daemon/forecast/lanes.h"
#include "daemon/forecast/matrix.h"

namespace parc::forecast {
namespace {

struct Moments {
  double mean = 0, variance = 0;
};

Moments MomentsOf(const std::function<double(Dice&)>& draw) {
  constexpr int kCount = 40000;
  Dice dice(1, 2, 3);
  double sum = 0, squares = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = draw(dice);
    sum += x;
    squares += x * x;
  }
  const double mean = sum / kCount;
  return {mean, squares / kCount - mean * mean};
}

}  // namespace

TEST_CASE("the inverse of the normal distribution is its inverse, far into the tails") {
  for (const double p : {1e-12, 1e-6, 0.001, 0.05, 0.3, 0.5, 0.8, 0.975, 0.999999})
    CHECK(NormalCdf(NormalQuantile(p)) == Approx(p).epsilon(1e-12));
  CHECK(NormalQuantile(0.975) == Approx(1.959963984540054).epsilon(1e-14));
}

TEST_CASE("the inverse Mills ratio stays above its argument where the tail underflows") {
  CHECK(InverseMills(0) == Approx(0.7978845608028654));
  CHECK(InverseMills(8.001) == Approx(InverseMills(7.999)).epsilon(1e-3));
  CHECK(InverseMills(100) == Approx(100.01).epsilon(1e-5));
}

TEST_CASE("samplers have the moments of their distributions") {
  struct Row {
    const char* name;
    std::function<double(Dice&)> draw;
    double mean, variance;
  };
  const Row rows[] = {
      {"uniform", [](Dice& d) { return d.Uniform(); }, 0.5, 1.0 / 12},
      {"normal", [](Dice& d) { return d.Normal(); }, 0, 1},
      {"exponential", [](Dice& d) { return d.Exponential(); }, 1, 1},
      {"gamma 0.3", [](Dice& d) { return d.Gamma(0.3); }, 0.3, 0.3},
      {"gamma 7", [](Dice& d) { return d.Gamma(7); }, 7, 7},
      {"beta 2 6", [](Dice& d) { return d.Beta(2, 6); }, 0.25, 0.25 * 0.75 / 9},
      {"Poisson 3", [](Dice& d) { return d.Poisson(3); }, 3, 3},
      {"Poisson 250", [](Dice& d) { return d.Poisson(250); }, 250, 250},
      {"table", [](Dice& d) { return NormalTable()[d.Bits() % kNormalTable]; }, 0, 1},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Moments moments = MomentsOf(row.draw);
    const double error = std::sqrt(row.variance / 40000);
    CHECK(std::abs(moments.mean - row.mean) < 5 * error);
    CHECK(moments.variance == Approx(row.variance).epsilon(0.06));
  }
}

TEST_CASE("the same address has the same numbers, another one has others") {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed : {1, 2})
    for (std::uint64_t purpose : {1, 2})
      for (std::uint64_t index : {0, 1, 2}) {
        CHECK(Dice(seed, purpose, index).Bits() == Dice(seed, purpose, index).Bits());
        seen.insert(Dice(seed, purpose, index).Bits());
      }
  CHECK(seen.size() == 12);
}

TEST_CASE("the dice are the same on every machine") {
  Dice dice(20200320, KeyOf("line"), 7);
  CHECK(dice.Bits() == 0x81a3208f627248cbULL);
  CHECK(dice.Bits() == 0x233594919bf5ac19ULL);
}

TEST_CASE("a Poisson draw grows with its mean, so that scenarios share their dice") {
  for (std::uint64_t i = 0; i < 200; ++i) {
    int before = 0;
    for (const double mean : {0.1, 1.0, 5.0, 30.0, 39.0, 45.0, 60.0, 200.0}) {
      const int count = Dice(1, 1, i).Poisson(mean);
      CHECK(count >= before);
      before = count;
    }
  }
}

TEST_CASE("Cholesky solves, and its transpose draws with the inverse as covariance") {
  SymmetricMatrix matrix(2);
  matrix.At(0, 0) = 4;
  matrix.At(1, 0) = 1;
  matrix.At(1, 1) = 3;
  const Cholesky cholesky(matrix);
  const std::vector<double> b = {1, 2};
  const std::vector<double> x = cholesky.Solve(b);
  CHECK(x[0] == Approx(1.0 / 11));
  CHECK(x[1] == Approx(7.0 / 11));
  const std::vector<double> diagonal = cholesky.InverseDiagonal();
  CHECK(diagonal[0] == Approx(3.0 / 11));
  CHECK(diagonal[1] == Approx(4.0 / 11));
  // L'^-1 e_i are the columns of a root of the inverse.
  const std::vector<double> first = cholesky.SolveTransposed(std::vector<double>{1, 0});
  const std::vector<double> second = cholesky.SolveTransposed(std::vector<double>{0, 1});
  CHECK(first[0] * first[0] + second[0] * second[0] == Approx(3.0 / 11));
  CHECK(first[0] * first[1] + second[0] * second[1] == Approx(-1.0 / 11));
}

TEST_CASE("a throw of dice can be looked up without those before it") {
  Dice dice(1, 2, 3);
  const Dice untouched = Dice::OfIndex(1, 3).For(2);
  for (std::uint64_t skipped = 0; skipped < 5; ++skipped)
    CHECK(untouched.At(skipped) == dice.Bits());
}

TEST_CASE("the path loop's exponential is right to a millionth, at both ends of its range, too") {
  for (double x = -80; x <= 80; x += 0.0137) {
    const float rounded = static_cast<float>(x);
    const double wanted = std::exp(static_cast<double>(rounded));
    CHECK(static_cast<double>(Exp(rounded)) == Approx(wanted).epsilon(1e-6));
  }
}

}  // namespace parc::forecast
