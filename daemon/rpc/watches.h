#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/fleet/fleet_tail.h"
#include "daemon/fleet/views.h"
#include "daemon/rpc/long_call.h"

namespace parc::rpc {

// Clients that follow the fleet. Each has a mark of its own in the fleet's histories and is told
// what came after it, so that one who reads slowly holds up neither the others nor who writes.
class Watches {
 public:
  static constexpr std::size_t kMost = 64;
  // Who is further behind goes on with what is newest, and is told how much was left out.
  static constexpr std::int64_t kMostBehind = 20'000;
  static constexpr std::int64_t kLongest = std::int64_t{1800} * 1'000'000;  // microseconds

  Watches() = default;
  Watches(Watches&&) = delete;

  // Follows `filter` from `mark` on. RESOURCE_EXHAUSTED BUSY when there are too many.
  absl::Status Add(std::shared_ptr<LongCall> call, std::string filter, fleet::FleetMark mark);
  // Tells everybody what is new, by `views`; returns at once. To be called about every second.
  void Tick(fleet::Views& views, const fleet::ViewContext& context);
  // Ends every call.
  void Stop();

 private:
  struct Watch;
  static void Tell(Watch& watch, fleet::View& view);

  std::mutex mutex_;
  std::vector<std::shared_ptr<Watch>> watches_;  // guarded by mutex_
  bool stopped_ = false;                         // guarded by mutex_
};

}  // namespace parc::rpc
