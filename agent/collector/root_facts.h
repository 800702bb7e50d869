#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/collector/disk_health.h"
#include "agent/gateways/liveness.h"
#include "agent/probes/world.h"
#include "parc/v1/facts.pb.h"

// What only root can see. The collector is a program of its own that takes no parameters, looks at
// the same things every time and writes facts; nobody can make it do anything else.
namespace parc::agent {

// What is asked of the kernel; injected, so that tests have answers.
struct KernelQuestions {
  std::function<absl::StatusOr<bool>()> firewall_filters{};
  std::function<absl::StatusOr<DiskHealth>()> disk_health{};
  // UTC seconds of the newest handshake of these interfaces.
  std::function<std::optional<std::int64_t>(const std::vector<std::string>& interfaces)>
      newest_handshake{};
};

// Identity, disks, accounts, firewall and VPN profiles, as root sees them, and why not.
v1::Facts CollectForRoot(const World& world, const KernelQuestions& kernel);

// Answers of the gateways that can be asked, or known, only with what profiles hold. `memory` is
// the file of what they answered last. None is asked while a tunnel is up.
v1::Facts CollectKeyed(const World& world, const std::filesystem::path& memory,
                       const Liveness& options);

// Puts what the collector saw into the facts of the agent, in place of what the agent could not
// see.
void MergeCollected(const v1::Facts& collected, v1::Facts& facts);

// Notes that the collector was not there, or why it did not answer, on what only it can see.
void NoteMissingCollector(const absl::Status& why, v1::Facts& facts);

}  // namespace parc::agent
