#pragma once

#include <atomic>
#include <cstdint>
#include <deque>

#include "daemon/posture/policy.h"

namespace parc::posture {

// The policy by which laptops are judged now. Read from any thread; changed by one at a time.
class PolicyInForce {
 public:
  // `stale_after`, when not 0, stands in the place of what any policy says (the daemon's own
  // setting).
  explicit PolicyInForce(Policy policy, std::int64_t stale_after = 0);
  PolicyInForce(PolicyInForce&&) = delete;

  // Stays valid as long as this object: whoever judges by a policy may go on when another comes.
  const Policy& Get() const { return *current_.load(std::memory_order_acquire); }
  void Put(Policy policy);

 private:
  const std::int64_t stale_after_;
  std::deque<Policy> kept_;  // all that were in force; few, since a person applies each
  std::atomic<const Policy*> current_{nullptr};
};

}  // namespace parc::posture
