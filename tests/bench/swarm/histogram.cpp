#include "tests/bench/swarm/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace parc::swarm {

int Histogram::BucketOf(std::uint64_t micros) {
  const auto bits = static_cast<int>(std::bit_width(micros));
  if (bits <= kSubBits) return static_cast<int>(micros);
  const int shift = bits - kSubBits - 1;
  const int bucket =
      ((shift + 1) << kSubBits) + static_cast<int>((micros >> shift) - (1u << kSubBits));
  return std::min(bucket, kBuckets - 1);
}

std::int64_t Histogram::UpperBound(int bucket) {
  if (bucket < (1 << kSubBits)) return bucket;
  const int shift = (bucket >> kSubBits) - 1;
  const std::int64_t lowest = (std::int64_t{bucket & ((1 << kSubBits) - 1)} + (1 << kSubBits))
                              << shift;
  return lowest + (std::int64_t{1} << shift) - 1;
}

void Histogram::Add(std::int64_t micros) {
  micros = std::clamp<std::int64_t>(micros, 0, UpperBound(kBuckets - 1));
  ++buckets_[static_cast<std::size_t>(BucketOf(static_cast<std::uint64_t>(micros)))];
  ++count_;
  max_ = std::max(max_, micros);
  sum_ += static_cast<double>(micros);
}

void Histogram::Merge(const Histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

double Histogram::mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

std::int64_t Histogram::Quantile(double share) const {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
  std::uint64_t seen = 0;
  for (int bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[static_cast<std::size_t>(bucket)];
    if (seen >= rank) return std::min(UpperBound(bucket), max_);
  }
  return max_;
}

}  // namespace parc::swarm
