#include "daemon/checkin/rechecks.h"

#include <sstream>

#include "fmt/format.h"

namespace parc::checkin {

Rechecks::Asked Rechecks::Ask(std::int64_t laptop, std::int64_t now) {
  const store::Lock lock(mutex_);
  std::erase_if(wishes_, [now](const auto& entry) { return entry.second.until <= now; });
  const auto found = wishes_.find(laptop);
  if (found == wishes_.end() && wishes_.size() >= kMost) return Asked::kTooMany;
  Wish& wish = wishes_[laptop];
  wish.until = now + kWaitFor;
  wish.called = false;
  changed_ = true;
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
  if (!wish.called) {
    wish = {.until = now + kQuickFor, .called = true, .quick_until = now + kQuickFor};
    changed_ = true;
  }
  return true;
}

std::optional<std::string> Rechecks::TakeChanged() {
  const store::Lock lock(mutex_);
  if (!changed_) return std::nullopt;
  changed_ = false;
  std::string text;
  for (const auto& [laptop, wish] : wishes_) {
    text += fmt::format("{} {} {} {}\n", laptop, wish.until, wish.called ? 1 : 0, wish.quick_until);
  }
  return text;
}

void Rechecks::Restore(std::string_view text, std::int64_t now) {
  const store::Lock lock(mutex_);
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line) && wishes_.size() < kMost;) {
    std::istringstream words(line);
    std::int64_t laptop = 0;
    Wish wish;
    words >> laptop >> wish.until >> wish.called >> wish.quick_until;
    // A clock that was set back since makes no wish last longer than when it was made.
    const bool sound = !words.fail() && wish.until > now && wish.until <= now + kWaitFor;
    if (sound) wishes_[laptop] = wish;
  }
}

}  // namespace parc::checkin
