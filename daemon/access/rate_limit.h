#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace parc::access {

// One use per `interval` for each key, `burst` of them at once after a pause. Not thread safe.
class RateLimit {
 public:
  RateLimit(std::int64_t interval, int burst) : interval_(interval), burst_(burst) {}

  // Whether `key` may go on now; Take() then counts it. Keys that only ask cost no memory.
  bool Allows(std::string_view key, std::int64_t now) const;
  void Take(std::string_view key, std::int64_t now);
  std::size_t size() const { return paid_until_.size(); }

 private:
  void ForgetRested(std::int64_t now);
  // More is paid for than a burst can be: the clock was set back since, and the count means
  // nothing.
  bool IsSetBack(std::int64_t paid_until, std::int64_t now) const {
    return paid_until - now > interval_ * burst_;
  }

  const std::int64_t interval_;
  const int burst_;
  // Until when each key's uses are paid for, at one per interval (the generic cell rate algorithm).
  std::unordered_map<std::string, std::int64_t> paid_until_;
  std::size_t sweep_at_ = 1024;
};

// Locks a source out for the rest of the minute in which it failed `kMaxFailures` times. Not thread
// safe.
class FailureLimit {
 public:
  static constexpr int kMaxFailures = 10;

  bool Allows(std::string_view source, std::int64_t now) const;
  void Count(std::string_view source, std::int64_t now);
  std::size_t size() const { return minutes_.size(); }

 private:
  // More sources than this at once are an attack: new ones share one count then.
  static constexpr std::size_t kMaxSources = 4096;

  struct Minute {
    std::int64_t begin = 0;
    int failures = 0;
  };
  const Minute* Find(std::string_view source) const;

  std::unordered_map<std::string, Minute> minutes_;
};

}  // namespace parc::access
