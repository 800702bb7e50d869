#pragma once

#include <cstdint>

namespace parc::swarm {

// Dice that fall the same way for the same seed: xorshift64* (Vigna, "An experimental exploration
// of Marsaglia's xorshift generators, scrambled", 2016). A step costs a nanosecond, and a run can
// be repeated.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}

  std::uint64_t Next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1Du;
  }
  // 0 to `bound` - 1; `bound` is at least 1.
  std::uint32_t Below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((Next() >> 32) * bound) >> 32);
  }
  // 0 (included) to 1 (excluded).
  double Share() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

 private:
  std::uint64_t state_;
};

}  // namespace parc::swarm
