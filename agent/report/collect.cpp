#include "agent/report/collect.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "agent/collector/root_facts.h"
#include "agent/gateways/applications.h"
#include "agent/gateways/memory.h"
#include "agent/probes/probes.h"
#include "agent/probes/tools.h"
#include "agent/vpn/find.h"

namespace parc::agent {
namespace {

// Gateways that the agent is to know of: configured, in profiles that it can read, and in those
// that only the collector can.
std::vector<Gateway> GatewaysOf(const GatewayQuestions& questions, std::vector<Gateway> found,
                                const v1::Vpn& collected) {
  std::vector<Gateway> gateways = questions.configured;
  std::move(found.begin(), found.end(), std::back_inserter(gateways));
  const auto is_known = [&](const v1::VpnGateway& named) {
    return std::any_of(gateways.begin(), gateways.end(), [&](const Gateway& gateway) {
      return gateway.protocol == named.protocol() && gateway.host == named.host() &&
             gateway.port == named.port();
    });
  };
  for (const v1::VpnGateway& named : collected.gateways()) {
    if (is_known(named)) continue;
    Gateway gateway;
    gateway.protocol = named.protocol();
    gateway.host = named.host();
    gateway.port = named.port();
    gateway.wrapped = named.answer() == v1::GATEWAY_ANSWER_UNKNOWN;
    gateways.push_back(std::move(gateway));
  }
  std::stable_sort(gateways.begin(), gateways.end());
  gateways.erase(std::unique(gateways.begin(), gateways.end()), gateways.end());
  return gateways;
}

// What the keyed collector learned counts; the others are asked without a key.
void CollectGateways(const GatewayQuestions& questions, std::vector<Gateway> gateways, bool quiet,
                     const Collectors& collectors, v1::Vpn& vpn) {
  v1::Vpn keyed;
  if (questions.ask && collectors.gateways) {
    if (auto answer = collectors.gateways(); answer.ok()) keyed = std::move(*answer->mutable_vpn());
  }
  for (v1::VpnGateway& answer : *keyed.mutable_gateways()) {
    const bool told = answer.answer() != v1::GATEWAY_ANSWER_UNSPECIFIED || answer.has_resolved();
    const auto is_it = [&](const Gateway& gateway) {
      return gateway.protocol == answer.protocol() && gateway.host == answer.host() &&
             gateway.port == answer.port();
    };
    if (!told) continue;
    std::erase_if(gateways, is_it);
    *vpn.add_gateways() = std::move(answer);
  }
  GatewayMemory memory(questions.memory);
  for (v1::VpnGateway& gateway : memory.Facts(gateways, quiet, questions.options)) {
    *vpn.add_gateways() = std::move(gateway);
  }
  std::sort(vpn.mutable_gateways()->begin(), vpn.mutable_gateways()->end(),
            [](const v1::VpnGateway& a, const v1::VpnGateway& b) {
              return std::tuple(a.protocol(), a.port(), a.host()) <
                     std::tuple(b.protocol(), b.port(), b.host());
            });
}

v1::Agent AboutAgent(const OwnCertificate& own) {
  constexpr std::int64_t kMicros = 1'000'000;
  v1::Agent agent;
  agent.mutable_certificate_not_after_time()->set_seconds(own.not_after / kMicros);
  agent.mutable_certificate_renew_time()->set_seconds(own.renew_at / kMicros);
  return agent;
}

}  // namespace

v1::Facts CollectFacts(const World& world, const GatewayQuestions& questions,
                       const Collectors& collectors) {
  v1::Facts facts;
  Notes notes;
  const BusView bus = world.bus ? world.bus() : BusView();
  const InstalledPackages packages = ReadPackages(world);
  if (auto os = ProbeOs(world, notes)) *facts.mutable_os() = *std::move(os);
  if (auto part = ProbeHardware(world, notes)) *facts.mutable_hardware() = *std::move(part);
  if (auto part = ProbeStorage(world, notes)) *facts.mutable_storage() = *std::move(part);
  if (auto part = ProbeNetwork(world, bus, notes)) *facts.mutable_network() = *std::move(part);
  if (auto part = ProbeSecurity(world, bus, packages, notes)) {
    *facts.mutable_security() = *std::move(part);
  }
  if (auto part = ProbeUpdates(world, notes)) *facts.mutable_updates() = *std::move(part);
  if (auto part = ProbeClock(world)) *facts.mutable_clock() = *std::move(part);
  if (auto part = ProbeTools(world, packages, notes)) *facts.mutable_tools() = *std::move(part);

  v1::Vpn& vpn = *facts.mutable_vpn();
  std::vector<v1::VpnClient> clients = FindClients(world.root, packages, notes);
  if (const auto daemon = FindIkeDaemon(world.root, clients)) vpn.set_ike_daemon(*daemon);
  for (v1::VpnClient& client : clients) *vpn.add_clients() = std::move(client);
  *vpn.mutable_tunnel() = ProbeTunnel(world, facts.network(), bus);
  FoundProfiles found = FindProfiles(world.root, notes);
  for (v1::VpnProfile& profile : found.profiles) *vpn.add_profiles() = std::move(profile);
  for (v1::Unreadable& note : notes.Sorted()) *facts.add_unreadable() = std::move(note);

  auto collected = collectors.facts ? collectors.facts()
                                    : absl::StatusOr<v1::Facts>(absl::NotFoundError("none"));
  if (collected.ok()) {
    MergeCollected(*collected, facts);
  } else {
    NoteMissingCollector(collected.status(), facts);
    collected = v1::Facts();
  }
  const bool quiet = !questions.ask || vpn.tunnel().up();
  CollectGateways(questions, GatewaysOf(questions, std::move(found.gateways), collected->vpn()),
                  quiet, collectors, vpn);
  if (world.own_certificate) *facts.mutable_agent() = AboutAgent(*world.own_certificate);
  if (questions.ask) {
    // Also when there is none: then none is missing, which is another thing than not to know.
    v1::Applications& applications = *facts.mutable_applications();
    Reaching reaching;
    reaching.network = questions.options;
    reaching.tunnel_up = vpn.tunnel().up();
    if (!questions.applications.empty()) {
      applications =
          RememberedApplications(questions.applications_memory, questions.applications, reaching);
    }
  }
  return facts;
}

}  // namespace parc::agent
