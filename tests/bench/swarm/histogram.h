#pragma once

#include <array>
#include <cstdint>

namespace parc::swarm {

// Counts durations in buckets that are never wider than 1/64 of what they hold (the layout of
// HdrHistogram, http://hdrhistogram.org), so that a quantile is right to 1.6 % from 1 µs to 19
// hours.
class Histogram {
 public:
  // Negative values count as 0, larger ones as the largest.
  void Add(std::int64_t micros);
  void Merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  std::int64_t max() const { return max_; }
  double mean() const;
  // The smallest bucket bound that at least `share` (0 to 1) of the values do not exceed, at most
  // max(); 0 when empty.
  std::int64_t Quantile(double share) const;

 private:
  static constexpr int kSubBits = 6;  // 64 buckets for each power of two
  static constexpr int kBuckets = (36 - kSubBits + 1) << kSubBits;
  static int BucketOf(std::uint64_t micros);
  static std::int64_t UpperBound(int bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace parc::swarm
