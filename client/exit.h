#pragma once

#include "absl/status/status.h"

namespace parc::client {

// What `parc` tells its caller. Part of the interface: scripts branch on these.
enum class Exit {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kNotFound = 3,
  kConflict = 4,
  kAccess = 5,
  kUnavailable = 6,
  kPartial = 7,  // some of what was asked was done
  kUnmet = 10,   // an expectation (--expect …) does not hold
  kPipe = 141,   // who read our output went away: what a shell says of SIGPIPE
};

Exit ExitFor(const absl::Status& status);

}  // namespace parc::client
