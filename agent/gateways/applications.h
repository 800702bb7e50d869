#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "agent/gateways/liveness.h"
#include "parc/v1/agent.pb.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

// How applications are looked for. Whatever their number, it takes no longer than `within`, and
// does not go beyond the network's `end`.
struct Reaching {
  Liveness network;
  std::chrono::milliseconds within{5000};
  std::chrono::milliseconds each{2500};
  std::size_t at_once = 16;
  // Through the VPN only: what is reached that way cannot be told while it is down.
  bool tunnel_up = false;
};

inline constexpr std::size_t kMaxApplications = 256;

// Connects to each, with `tls` also shakes hands, and hangs up; nothing is sent. Sorted by name.
// What there was no time for, or too little, is UNKNOWN.
v1::Applications ReachApplications(const std::vector<v1::ApplicationTarget>& targets,
                                   const Reaching& options);

// The same at most once in a quarter of an hour, of the file `memory` in between. Another list, or
// a tunnel that came up or went down, is looked at at once; so is what the network's `end` cut
// short.
v1::Applications RememberedApplications(const std::filesystem::path& memory,
                                        const std::vector<v1::ApplicationTarget>& targets,
                                        const Reaching& options);

}  // namespace parc::agent
