#pragma once

#include <filesystem>
#include <vector>

#include "agent/gateways/liveness.h"
#include "agent/probes/world.h"
#include "agent/vpn/profile.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

// How gateways are asked while facts are collected.
struct GatewayQuestions {
  std::vector<Gateway> configured;  // beside those that the profiles name
  std::filesystem::path memory;     // file of what they answered last
  Liveness options;
  bool ask = true;  // false: none is asked, only named
};

// All facts of this laptop.
v1::Facts CollectFacts(const World& world, const GatewayQuestions& questions);

}  // namespace parc::agent
