#pragma once

#include <bit>
#include <cstdint>

// Paths side by side: a step that all of them take is a loop over plain arrays, which the compiler
// turns into vector operations. Whole numbers in them are exact below 2^24.
namespace parc::forecast {

inline constexpr int kLanes = 16;

struct alignas(64) Lanes {
  float at[kLanes] = {};

  float& operator[](int lane) { return at[lane]; }
  float operator[](int lane) const { return at[lane]; }
};

// std::min and std::max by value: their references keep GCC 12 from making vector operations of a
// loop, now and then.
template <typename T>
constexpr T Least(T a, T b) {
  return b < a ? b : a;
}
template <typename T>
constexpr T Most(T a, T b) {
  return a < b ? b : a;
}

// x rounded down. REQUIRES: 0 <= x < 2^31.
inline float Whole(float x) { return static_cast<float>(static_cast<int>(x)); }

// x rounded up. REQUIRES: 0 <= x < 2^31.
inline int WholeUp(float x) {
  const int whole = static_cast<int>(x);
  return whole + (x > static_cast<float>(whole) ? 1 : 0);
}

// e^x within two units of the last place, for x in [-80, 80]. Plain arithmetic, so that a loop over
// it is vector operations (four times as fast as expf), and no C library decides on which day a
// laptop comes.
inline float Exp(float x) {
  constexpr float kLog2E = 1.44269504F, kLn2High = 0.693359375F, kLn2Low = -2.12194440e-4F;
  const int exponent = static_cast<int>(x * kLog2E + 127.5F);  // rounds: the sum is positive
  const float n = static_cast<float>(exponent - 127);
  const float r = (x - n * kLn2High) - n * kLn2Low;
  float sum = 1 / 720.0F;  // Taylor's, |r| <= 0.35
  sum = sum * r + 1 / 120.0F;
  sum = sum * r + 1 / 24.0F;
  sum = sum * r + 1 / 6.0F;
  sum = sum * r + 1 / 2.0F;
  sum = sum * r + 1;
  sum = sum * r + 1;
  return sum * std::bit_cast<float>(static_cast<std::uint32_t>(exponent) << 23);
}

}  // namespace parc::forecast
