#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/gateways/liveness.h"
#include "agent/probes/world.h"
#include "agent/vpn/profile.h"
#include "parc/v1/agent.pb.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

// How gateways are asked while facts are collected.
struct GatewayQuestions {
  std::vector<Gateway> configured;  // beside those that the profiles name
  std::filesystem::path memory;     // file of what they answered last
  Liveness options;
  bool ask = true;  // false: none is asked, only named
  // Applications that the server asked about, and what they answered last.
  std::vector<v1::ApplicationTarget> applications{};
  std::filesystem::path applications_memory{};
};

// The root collector's two answers, when it is there: NOT_FOUND otherwise.
struct Collectors {
  std::function<absl::StatusOr<v1::Facts>()> facts{};
  std::function<absl::StatusOr<v1::Facts>()> gateways{};
};

// All facts of this laptop.
v1::Facts CollectFacts(const World& world, const GatewayQuestions& questions,
                       const Collectors& collectors = {});

}  // namespace parc::agent
