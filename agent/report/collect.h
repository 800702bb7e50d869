#pragma once

#include <chrono>
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

// What may answer slowly or never. Each is asked beside everything else, is told when to end, and
// is left behind when it does not: so it owns what it touches. Those that are empty are not there.
struct Sources {
  std::function<BusView(Deadline)> bus{};
  // See AskForPortal.
  std::function<std::optional<bool>(Deadline)> portal{};
  // In place of what the world says of updates and packages.
  std::function<PackageAnswer(Deadline)> packages{};
  // The root collector's two answers; NOT_FOUND when it is not there.
  std::function<absl::StatusOr<v1::Facts>(Deadline)> root{};
  std::function<absl::StatusOr<v1::Facts>(Deadline)> keyed{};
};

// How long each is waited for. No report is held up for more than ten seconds: `whole` ends them
// all, however many of them hang, and of those that are asked one after the other (bus, portal,
// gateways, applications) each may take a moment more.
struct Patience {
  std::chrono::milliseconds whole{9000};
  std::chrono::milliseconds bus{3000};
  std::chrono::milliseconds portal{2000};
  std::chrono::milliseconds space{2000};
  std::chrono::milliseconds packages{8000};
  std::chrono::milliseconds root{4000};
  std::chrono::milliseconds keyed{6500};
};

// All facts of this laptop. What did not come in time is UNKNOWN, with the reason among what could
// not be read.
v1::Facts CollectFacts(const World& world, const GatewayQuestions& questions,
                       const Sources& sources = {}, const Patience& patience = {});

}  // namespace parc::agent
