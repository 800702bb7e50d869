#include "daemon/checkin/rechecks.h"

namespace parc::checkin {

Rechecks::Asked Rechecks::Ask(std::int64_t laptop, std::int64_t now) {
  const store::Lock lock(mutex_);
  std::erase_if(wishes_, [now](const auto& entry) { return entry.second.until <= now; });
  const auto found = wishes_.find(laptop);
  if (found == wishes_.end() && wishes_.size() >= kMost) return Asked::kTooMany;
  Wish& wish = wishes_[laptop];
  wish.until = now + kWaitFor;
  wish.called = false;
  return wish.quick_until > now ? Asked::kIsQuick : Asked::kWaits;
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
  if (!wish.called)
    wish = {.until = now + kQuickFor, .called = true, .quick_until = now + kQuickFor};
  return true;
}

}  // namespace parc::checkin
