#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "absl/status/status.h"
#include "daemon/access/random.h"

namespace parc::swarm {

struct FleetPlan {
  std::filesystem::path state_dir;  // of a parcd that does not run; made when it is missing
  std::filesystem::path fleet;      // where the fleet goes; must not exist
  std::uint32_t devices = 0;        // 1 to 10,000,000
  std::uint32_t certificates = 0;   // how many get a key and certificate of their own; 0: all
};

// Puts `devices` assigned laptops, their holders and their devices into the state directory, and
// what agents need into the fleet's. A certificate comes by what enrolment does in the daemon: a
// token bound to the laptop, a request signed by a new key, and the issuing CA of the state
// directory (made for a trial when there is none). Devices beyond `certificates` get the same rows
// and no key.
//
// FAILED_PRECONDITION NOT_EMPTY when the database already holds laptops: a fleet like this is for a
// server of its own. DATABASE_IN_USE while a daemon runs there. `progress` is told how many are
// done, now and then.
absl::Status MakeFleet(const FleetPlan& plan, std::int64_t now, const access::RandomBytes& random,
                       const std::function<void(std::uint32_t)>& progress);

}  // namespace parc::swarm
