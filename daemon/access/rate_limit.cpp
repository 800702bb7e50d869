#include "daemon/access/rate_limit.h"

#include <algorithm>

#include "daemon/access/time_units.h"

namespace parc::access {
namespace {

// Also when the clock was set back since: nobody is to wait until it catches up.
bool IsOver(std::int64_t begin, std::int64_t now) { return now - begin >= kMinute || now < begin; }

}  // namespace

bool RateLimit::Allows(std::string_view key, std::int64_t now) const {
  const auto found = paid_until_.find(std::string(key));
  return found == paid_until_.end() || found->second - now <= interval_ * (burst_ - 1) ||
         IsSetBack(found->second, now);
}

void RateLimit::Take(std::string_view key, std::int64_t now) {
  if (paid_until_.size() >= sweep_at_) ForgetRested(now);
  std::int64_t& paid_until = paid_until_[std::string(key)];
  paid_until = (IsSetBack(paid_until, now) ? now : std::max(paid_until, now)) + interval_;
}

void RateLimit::ForgetRested(std::int64_t now) {
  std::erase_if(paid_until_, [this, now](const auto& item) {
    return item.second <= now || IsSetBack(item.second, now);
  });
  // What is left still counts; sweeping again pays only once as much has come anew.
  sweep_at_ = std::max<std::size_t>(1024, 2 * paid_until_.size());
}

const FailureLimit::Minute* FailureLimit::Find(std::string_view source) const {
  auto found = minutes_.find(std::string(source));
  if (found == minutes_.end() && minutes_.size() >= kMaxSources) found = minutes_.find("");
  return found == minutes_.end() ? nullptr : &found->second;
}

bool FailureLimit::Allows(std::string_view source, std::int64_t now) const {
  const Minute* minute = Find(source);
  return minute == nullptr || IsOver(minute->begin, now) || minute->failures < kMaxFailures;
}

void FailureLimit::Count(std::string_view source, std::int64_t now) {
  if (minutes_.size() >= kMaxSources && !minutes_.contains(std::string(source))) {
    std::erase_if(minutes_, [now](const auto& item) { return IsOver(item.second.begin, now); });
    if (minutes_.size() >= kMaxSources) source = "";
  }
  Minute& minute = minutes_[std::string(source)];
  if (IsOver(minute.begin, now)) minute = {.begin = now, .failures = 0};
  ++minute.failures;
}

}  // namespace parc::access
