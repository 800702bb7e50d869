#pragma once

#include <chrono>
#include <cstdint>

namespace parc::app {

// UTC microseconds: the daemon's only look at the clock on the wall. Everything else is told the
// time.
inline std::int64_t Now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace parc::app
