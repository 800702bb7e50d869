#pragma once

#include <cstdint>
#include <string>

#include "daemon/inventory/civil_date.h"

namespace parc::test {

// A clock that moves when a test says so. Every Tick is a microsecond of its own, so that what
// happens later is known later.
class ManualClock {
 public:
  // 2020-03-20, noon in Paris.
  explicit ManualClock(std::int64_t now = 1'584'702'000'000'000) : now_(now) {}

  std::int64_t now() const { return now_; }
  std::int64_t Tick() { return ++now_; }
  void Advance(std::int64_t microseconds) { now_ += microseconds; }
  void Set(std::int64_t now) { now_ = now; }
  // Noon, UTC, of `date`.
  void SetDay(const inventory::CivilDate& date) {
    now_ = (inventory::ToDays(date) * 86'400 + 43'200) * 1'000'000;
  }
  inventory::CivilDate today() const { return inventory::DayOf(now_, zone()); }
  std::string zone() const { return "Europe/Paris"; }

 private:
  std::int64_t now_;
};

}  // namespace parc::test
