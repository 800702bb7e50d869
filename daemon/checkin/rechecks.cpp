#include "daemon/checkin/rechecks.h"

namespace parc::checkin {

bool Rechecks::Ask(std::int64_t laptop, std::int64_t now) {
  const store::Lock lock(mutex_);
  std::erase_if(wishes_, [now](const auto& entry) { return entry.second.until <= now; });
  if (wishes_.size() >= kMost && !wishes_.contains(laptop)) return false;
  wishes_[laptop] = {.until = now + kWaitFor, .called = false};
  return true;
}

bool Rechecks::IsQuick(std::int64_t laptop, std::int64_t now) {
  const store::Lock lock(mutex_);
  const auto found = wishes_.find(laptop);
  if (found == wishes_.end()) return false;
  Wish& wish = found->second;
  if (wish.until <= now) {
    wishes_.erase(found);
    return false;
  }
  if (!wish.called) wish = {.until = now + kQuickFor, .called = true};
  return true;
}

}  // namespace parc::checkin
