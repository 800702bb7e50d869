#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "agent/files/root.h"

namespace parc::agent {

struct Space {
  std::int64_t total = 0;
  std::int64_t free = 0;  // what an ordinary user may fill
};

struct KernelClock {
  bool synchronised = false;
  std::int64_t max_error_micros = 0;
};

// What the package manager's own simulation said.
struct PendingUpdates {
  int pending = 0;
  int security = 0;

  bool operator==(const PendingUpdates&) const = default;
};

// All that probes may see. The functions may be empty: the fact is then absent.
struct World {
  const Root& root;
  std::string architecture;  // as uname(2) says
  std::function<std::optional<Space>()> root_space;
  std::function<std::optional<KernelClock>()> clock;
  std::optional<PendingUpdates> updates;
};

}  // namespace parc::agent
