#pragma once

#include "absl/status/status.h"

namespace parc::app {

inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;  // the command line is not understood
// As sysexits.h has them.
inline constexpr int kExitStorage = 74;  // EX_IOERR: the database or its disk
inline constexpr int kExitConfig = 78;   // EX_CONFIG: the configuration, or files that it names

// What the process tells by its exit code when it ends with `status`.
int ExitCodeOf(const absl::Status& status);

}  // namespace parc::app
