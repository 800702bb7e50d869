#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// Dice of our own: the standard library's distributions differ between vendors, and a forecast must
// not. Sequences are addressed, not shared: (seed, purpose, path) always gives the same numbers, so
// that two scenarios over the same facts differ by what was changed and by nothing else (common
// random numbers).
namespace parc::forecast {

// A key for a purpose, e.g. a line's id.
std::uint64_t KeyOf(std::string_view text);

// Splitmix64 (Steele, Lea, Flood 2014): 64 bits of state, passes BigCrush.
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t purpose, std::uint64_t index)
      : Dice(OfIndex(seed, index).For(purpose)) {}
  // The same in two halves, for many purposes of one index: OfIndex(seed, index).For(purpose).
  static Dice OfIndex(std::uint64_t seed, std::uint64_t index) {
    return Dice(Mix(seed + kStep * (index + 1)));
  }
  Dice For(std::uint64_t purpose) const { return Dice(Mix(state_ ^ purpose)); }

  std::uint64_t Bits() {
    state_ += kStep;
    return Mix(state_);
  }
  // Bits besides those that Bits() will give: what begins the sequence is as mixed as they are.
  std::uint64_t Start() const { return state_; }
  // What the Bits() after `skipped` others would give.
  std::uint64_t At(std::uint64_t skipped) const { return Mix(state_ + kStep * (skipped + 1)); }
  // In (0, 1), both ends excluded.
  double Uniform() { return (static_cast<double>(Bits() >> 12) + 0.5) * 0x1p-52; }
  double Normal();       // mean 0, variance 1
  double Exponential();  // mean 1
  // Marsaglia & Tsang 2000. `shape` > 0, scale 1.
  double Gamma(double shape);
  double Beta(double a, double b);
  // By inversion of one uniform, so that it grows with `mean`; beyond a mean of 40 by the
  // Cornish-Fisher expansion, whose error is below one unit.
  int Poisson(double mean);

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ULL;

  explicit Dice(std::uint64_t state) : state_(state) {}
  static std::uint64_t Mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }

  std::uint64_t state_;
};

// The standard normal: density, distribution, its inverse on (0, 1) (Wichura 1988, AS 241,
// 16 digits), and density / upper tail at x (the inverse Mills ratio), stable in the far tail.
double NormalDensity(double x);
double NormalCdf(double x);
double NormalQuantile(double p);
double InverseMills(double x);

// The same quantile from the lowest 11 bits, by table: for the path loop.
inline constexpr std::size_t kNormalTable = 1U << 11;
const std::array<float, kNormalTable>& NormalTable();

}  // namespace parc::forecast
