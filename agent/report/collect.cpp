#include "agent/report/collect.h"

#include <algorithm>
#include <utility>

#include "agent/gateways/memory.h"
#include "agent/probes/probes.h"
#include "agent/vpn/find.h"

namespace parc::agent {
namespace {

v1::Vpn CollectVpn(const World& world, const GatewayQuestions& questions, bool quiet,
                   Notes& notes) {
  v1::Vpn vpn;
  for (v1::VpnClient& client : FindClients(world.root, notes)) {
    *vpn.add_clients() = std::move(client);
  }
  FoundProfiles found = FindProfiles(world.root, notes);
  for (v1::VpnProfile& profile : found.profiles) *vpn.add_profiles() = std::move(profile);
  std::vector<Gateway> gateways = questions.configured;
  gateways.insert(gateways.end(), found.gateways.begin(), found.gateways.end());
  std::stable_sort(gateways.begin(), gateways.end());
  gateways.erase(std::unique(gateways.begin(), gateways.end()), gateways.end());
  GatewayMemory memory(questions.memory);
  for (v1::VpnGateway& gateway : memory.Facts(gateways, quiet, questions.options)) {
    *vpn.add_gateways() = std::move(gateway);
  }
  return vpn;
}

}  // namespace

v1::Facts CollectFacts(const World& world, const GatewayQuestions& questions) {
  v1::Facts facts;
  Notes notes;
  if (auto os = ProbeOs(world, notes)) *facts.mutable_os() = *std::move(os);
  if (auto part = ProbeHardware(world, notes)) *facts.mutable_hardware() = *std::move(part);
  if (auto part = ProbeStorage(world, notes)) *facts.mutable_storage() = *std::move(part);
  if (auto part = ProbeNetwork(world, notes)) *facts.mutable_network() = *std::move(part);
  if (auto part = ProbeSecurity(world, notes)) *facts.mutable_security() = *std::move(part);
  if (auto part = ProbeUpdates(world, notes)) *facts.mutable_updates() = *std::move(part);
  if (auto part = ProbeClock(world)) *facts.mutable_clock() = *std::move(part);
  const bool quiet = !questions.ask || (facts.has_network() && TunnelIsUp(facts.network()));
  *facts.mutable_vpn() = CollectVpn(world, questions, quiet, notes);
  for (v1::Unreadable& note : notes.Sorted()) *facts.add_unreadable() = std::move(note);
  return facts;
}

}  // namespace parc::agent
