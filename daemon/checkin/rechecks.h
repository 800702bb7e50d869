#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/store/mutex.h"

namespace parc::checkin {

// Laptops that were asked for reports in quick succession. In memory, with a text that brings them
// back after a restart. Thread safe.
class Rechecks {
 public:
  // A laptop that does not call is waited for so long; from its first contact on it stays quick for
  // so long.
  static constexpr std::int64_t kWaitFor = std::int64_t{24 * 3600} * 1'000'000;
  static constexpr std::int64_t kQuickFor = std::int64_t{600} * 1'000'000;
  static constexpr std::size_t kMost = 10'000;

  enum class Asked {
    kWaits,    // it comes quickly from its next contact on
    kIsQuick,  // it comes quickly already, and goes on
    kTooMany,  // nothing was asked for: too many are already
  };
  Asked Ask(std::int64_t laptop, std::int64_t now);
  // Whether the laptop, which is in contact now, is to come back quickly.
  bool IsQuick(std::int64_t laptop, std::int64_t now);

  // What Restore() takes; nothing when that has not changed since the last call.
  std::optional<std::string> TakeChanged();
  // Passes over what is no wish, or is over.
  void Restore(std::string_view text, std::int64_t now);

 private:
  struct Wish {
    std::int64_t until = 0;
    bool called = false;           // since it was asked for
    std::int64_t quick_until = 0;  // 0 before the first call
  };

  store::Mutex mutex_;
  bool changed_ PARC_GUARDED_BY(mutex_) = false;
  std::map<std::int64_t, Wish> wishes_ PARC_GUARDED_BY(mutex_);  // by laptop
};

}  // namespace parc::checkin
