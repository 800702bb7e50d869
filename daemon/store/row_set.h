#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

namespace parc::store {

// Row ids, a bit for each, small ones only: those of tables that nothing is deleted from. SQL asks
// has_bit(bits, id).
class RowSet {
 public:
  void Put(std::int64_t row) {
    const auto at = static_cast<std::size_t>(row) / 8;
    if (at >= bits_.size()) bits_.resize(std::max(at + 1, bits_.size() * 2), '\0');
    bits_[at] = static_cast<char>(bits_[at] | Bit(row));
  }
  void Add(const RowSet& other) {
    if (bits_.size() < other.bits_.size()) bits_.resize(other.bits_.size(), '\0');
    for (std::size_t i = 0; i < other.bits_.size(); ++i)
      bits_[i] = static_cast<char>(bits_[i] | other.bits_[i]);
  }
  void Remove(const RowSet& other) {
    for (std::size_t i = 0; i < std::min(bits_.size(), other.bits_.size()); ++i)
      bits_[i] = static_cast<char>(bits_[i] & ~other.bits_[i]);
  }
  void Intersect(const RowSet& other) {
    if (bits_.size() > other.bits_.size()) bits_.resize(other.bits_.size());
    for (std::size_t i = 0; i < bits_.size(); ++i)
      bits_[i] = static_cast<char>(bits_[i] & other.bits_[i]);
  }

  std::int64_t Count() const {
    std::int64_t count = 0;
    for (const char byte : bits_) count += std::popcount(static_cast<unsigned char>(byte));
    return count;
  }
  // Calls `each` with every row, in their order.
  template <typename Body>
  void Each(Body each) const {
    for (std::size_t at = 0; at < bits_.size(); ++at) {
      for (unsigned byte = static_cast<unsigned char>(bits_[at]); byte != 0; byte &= byte - 1)
        each(static_cast<std::int64_t>(8 * at) + std::countr_zero(byte));
    }
  }
  const std::string& bits() const { return bits_; }

 private:
  static int Bit(std::int64_t row) { return 1 << (row % 8); }

  std::string bits_;
};

}  // namespace parc::store
