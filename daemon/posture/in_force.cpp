#include "daemon/posture/in_force.h"

#include <utility>

namespace parc::posture {

PolicyInForce::PolicyInForce(Policy policy, std::int64_t stale_after) : stale_after_(stale_after) {
  Put(std::move(policy));
}

void PolicyInForce::Put(Policy policy) {
  if (stale_after_ > 0) policy.stale_after = stale_after_;
  kept_.push_back(std::move(policy));
  current_.store(&kept_.back(), std::memory_order_release);
}

}  // namespace parc::posture
