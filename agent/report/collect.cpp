#include "agent/report/collect.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "agent/collector/root_facts.h"
#include "agent/gateways/applications.h"
#include "agent/gateways/memory.h"
#include "agent/net/beside.h"
#include "agent/probes/probes.h"
#include "agent/probes/tools.h"
#include "agent/vpn/find.h"

namespace parc::agent {
namespace {

constexpr std::string_view kPackagesLate = "the package manager did not answer in time";
constexpr std::string_view kSpaceLate = "a file system did not answer in time";
constexpr std::string_view kNoTime = "there was no time left to ask";
constexpr std::string_view kCollectorLate = "the root collector did not answer in time";

bool IsOf(const v1::VpnGateway& facts, const Gateway& gateway) {
  return facts.protocol() == gateway.protocol && facts.host() == gateway.host &&
         facts.port() == gateway.port;
}

v1::VpnGateway Untold(const Gateway& gateway) {
  v1::VpnGateway facts;
  facts.set_protocol(gateway.protocol);
  facts.set_host(gateway.host);
  facts.set_port(gateway.port);
  facts.set_answer(v1::GATEWAY_ANSWER_UNKNOWN);
  return facts;
}

// Configured, or in profiles that the agent can read.
std::vector<Gateway> OwnGateways(const GatewayQuestions& questions, std::vector<Gateway> found) {
  std::vector<Gateway> gateways = questions.configured;
  std::move(found.begin(), found.end(), std::back_inserter(gateways));
  return gateways;
}

// Those of the collector's profiles that are not among `own`.
std::vector<Gateway> CollectedGateways(const v1::Vpn& collected, const std::vector<Gateway>& own) {
  std::vector<Gateway> gateways;
  for (const v1::VpnGateway& named : collected.gateways()) {
    if (std::any_of(own.begin(), own.end(), [&](const auto& known) { return IsOf(named, known); }))
      continue;
    Gateway gateway;
    gateway.protocol = named.protocol();
    gateway.host = named.host();
    gateway.port = named.port();
    gateway.wrapped = named.answer() == v1::GATEWAY_ANSWER_UNKNOWN;
    gateways.push_back(std::move(gateway));
  }
  return gateways;
}

void SortUnique(std::vector<Gateway>& gateways) {
  std::stable_sort(gateways.begin(), gateways.end());
  gateways.erase(std::unique(gateways.begin(), gateways.end()), gateways.end());
}

// Asks without a key, or remembers, until the questions' end.
std::vector<v1::VpnGateway> AskGateways(const GatewayQuestions& questions,
                                        const std::vector<Gateway>& gateways, bool quiet,
                                        Notes& notes) {
  Beside<std::vector<v1::VpnGateway>> asked(
      [questions, gateways, quiet](Deadline) {
        return GatewayMemory(questions.memory).Facts(gateways, quiet, questions.options);
      },
      questions.options.end);
  auto answers = asked.Take();
  // Also of an earlier report: it is asked again when its time has come. Without the key of a
  // wrapped gateway there is another reason.
  const auto was_cut_short = [&](const v1::VpnGateway& answer) {
    const auto needs_no_key = [&](const Gateway& gateway) {
      return IsOf(answer, gateway) && !gateway.wrapped &&
             gateway.protocol != v1::GATEWAY_PROTOCOL_WIREGUARD;
    };
    return answer.answer() == v1::GATEWAY_ANSWER_UNKNOWN &&
           std::any_of(gateways.begin(), gateways.end(), needs_no_key);
  };
  if (!answers || std::any_of(answers->begin(), answers->end(), was_cut_short)) {
    notes.Unreadable("vpn.gateway.answer", kNoTime);
    notes.Unreadable("vpn.gateway.resolved", kNoTime);
  }
  if (answers) return *std::move(answers);
  std::vector<v1::VpnGateway> untold;
  for (const Gateway& gateway : gateways) untold.push_back(Untold(gateway));
  return untold;
}

// Asked without the profile, which only root can read and which may name an authority of its own: a
// certificate that this system does not trust proves nothing.
void LeaveTrustOpen(v1::VpnGateway& gateway, Notes& notes) {
  if (!gateway.has_certificate_trusted() || gateway.certificate_trusted()) return;
  gateway.clear_certificate_trusted();
  gateway.clear_certificate_not_after_time();
  notes.Unreadable("vpn.gateway.certificate.trusted", kNeedsRootCollector);
  notes.Unreadable("vpn.gateway.certificate.expires", kNeedsRootCollector);
}

// What the keyed collector learned counts; the others are asked without a key.
void CollectGateways(const GatewayQuestions& questions, std::vector<Gateway> own,
                     std::vector<Gateway> collected, bool quiet, absl::StatusOr<v1::Facts> keyed,
                     Notes& notes, v1::Vpn& vpn) {
  std::vector<Gateway> gateways = std::move(own);
  const std::vector<Gateway> of_root = collected;
  if (keyed.ok() || absl::IsNotFound(keyed.status())) {
    std::move(collected.begin(), collected.end(), std::back_inserter(gateways));
  } else {
    // Without its key such a gateway would say less, or be taken for a stranger.
    SortUnique(collected);
    for (const Gateway& gateway : collected) *vpn.add_gateways() = Untold(gateway);
    const std::string_view why =
        absl::IsDeadlineExceeded(keyed.status()) ? kCollectorLate : kRootCollectorSilent;
    if (!collected.empty()) {
      notes.Unreadable("vpn.gateway.answer", why);
      notes.Unreadable("vpn.gateway.resolved", why);
    }
  }
  SortUnique(gateways);
  if (!keyed.ok()) keyed = v1::Facts();
  for (v1::VpnGateway& answer : *keyed->mutable_vpn()->mutable_gateways()) {
    const bool told = answer.answer() != v1::GATEWAY_ANSWER_UNSPECIFIED || answer.has_resolved();
    if (!told) continue;
    std::erase_if(gateways, [&](const Gateway& gateway) { return IsOf(answer, gateway); });
    *vpn.add_gateways() = std::move(answer);
  }
  for (v1::VpnGateway& gateway : AskGateways(questions, gateways, quiet, notes)) {
    const auto is_it = [&](const Gateway& one) { return IsOf(gateway, one); };
    if (std::any_of(of_root.begin(), of_root.end(), is_it)) LeaveTrustOpen(gateway, notes);
    *vpn.add_gateways() = std::move(gateway);
  }
  std::sort(vpn.mutable_gateways()->begin(), vpn.mutable_gateways()->end(),
            [](const v1::VpnGateway& a, const v1::VpnGateway& b) {
              return std::tuple(a.protocol(), a.port(), a.host()) <
                     std::tuple(b.protocol(), b.port(), b.host());
            });
}

Beside<v1::Applications> AskApplications(const GatewayQuestions& questions, bool tunnel_up) {
  if (!questions.ask || questions.applications.empty()) return {};
  return {[questions, tunnel_up](Deadline) {
            Reaching reaching;
            reaching.network = questions.options;
            reaching.tunnel_up = tunnel_up;
            return RememberedApplications(questions.applications_memory, questions.applications,
                                          reaching);
          },
          questions.options.end};
}

// A file server that is not there stops whoever looks at its folder.
std::function<std::optional<Space>(std::string_view)> SpaceInTime(const World& world,
                                                                  Deadline until, Notes& notes) {
  if (!world.space) return {};
  return [space = world.space, until, &notes](std::string_view path) -> std::optional<Space> {
    Beside<std::optional<Space>> asked(
        [space, place = std::string(path)](Deadline) { return space(place); }, until);
    const auto answer = asked.Take();
    if (!answer) {
      for (const std::string_view fact : {"disk.least_free_bytes", "disk.least_free_percent"}) {
        notes.Unreadable(fact, kSpaceLate);
      }
    }
    return answer.value_or(std::nullopt);
  };
}

// What the package manager says in time, in place of what `world` says.
InstalledPackages TakePackages(const Sources& sources, Beside<PackageAnswer> asked, World& world,
                               Notes& notes) {
  bool late = false;
  if (sources.packages) {
    auto answer = asked.Take();
    late = !answer || answer->late;
    if (!answer) answer.emplace();
    world.updates = std::move(answer->updates);
    world.rpm_packages = std::move(answer->rpm_packages);
  }
  InstalledPackages packages = ReadPackages(world);
  if (!late) return packages;
  if (!world.updates) {
    for (const std::string_view fact : {"updates.pending", "updates.security_pending"}) {
      notes.Unreadable(fact, kPackagesLate);
    }
  }
  if (!packages.known && packages.failure.ok()) {
    packages.failure = absl::DeadlineExceededError(std::string(kPackagesLate));
  }
  return packages;
}

absl::StatusOr<v1::Facts> TakeCollected(
    const std::function<absl::StatusOr<v1::Facts>(Deadline)>& source,
    Beside<absl::StatusOr<v1::Facts>> asked) {
  if (!source) return absl::NotFoundError("none");
  auto answer = asked.Take();
  if (!answer) return absl::DeadlineExceededError(std::string(kRootCollectorSilent));
  return *std::move(answer);
}

v1::Agent AboutAgent(const OwnCertificate& own) {
  constexpr std::int64_t kMicros = 1'000'000;
  v1::Agent agent;
  agent.mutable_certificate_not_after_time()->set_seconds(own.not_after / kMicros);
  agent.mutable_certificate_renew_time()->set_seconds(own.renew_at / kMicros);
  return agent;
}

}  // namespace

v1::Facts CollectFacts(const World& given, const GatewayQuestions& asked, const Sources& sources,
                       const Patience& patience) {
  const Deadline end(patience.whole);
  Beside<BusView> asked_bus(sources.bus, end.AtMost(patience.bus));
  Beside<PackageAnswer> asked_packages(sources.packages, end.AtMost(patience.packages));
  Beside<absl::StatusOr<v1::Facts>> asked_root(sources.root, end.AtMost(patience.root));
  Beside<absl::StatusOr<v1::Facts>> asked_keyed;
  if (asked.ask) asked_keyed = {sources.keyed, end.AtMost(patience.keyed)};
  v1::Facts facts;
  Notes notes;
  World world = given;
  world.space = SpaceInTime(given, end.AtMost(patience.space), notes);
  if (sources.portal) {
    world.portal = [&] {
      Beside<std::optional<bool>> asked_portal(sources.portal, end.AtMost(patience.portal));
      return asked_portal.Take().value_or(std::nullopt);
    };
  }
  GatewayQuestions questions = asked;
  questions.options.end = end;

  if (auto os = ProbeOs(world, notes)) *facts.mutable_os() = *std::move(os);
  if (auto part = ProbeHardware(world, notes)) *facts.mutable_hardware() = *std::move(part);
  if (auto part = ProbeStorage(world, notes)) *facts.mutable_storage() = *std::move(part);
  if (auto part = ProbeClock(world)) *facts.mutable_clock() = *std::move(part);
  const BusView bus = asked_bus.Take().value_or(BusView());
  if (auto part = ProbeNetwork(world, bus, notes)) *facts.mutable_network() = *std::move(part);
  v1::Vpn& vpn = *facts.mutable_vpn();
  *vpn.mutable_tunnel() = ProbeTunnel(world, facts.network(), bus);
  FoundProfiles found = FindProfiles(world.root, notes);
  for (v1::VpnProfile& profile : found.profiles) *vpn.add_profiles() = std::move(profile);

  const bool quiet = !questions.ask || vpn.tunnel().up();
  auto asked_applications = AskApplications(questions, vpn.tunnel().up());
  auto collected = TakeCollected(sources.root, std::move(asked_root));
  std::vector<Gateway> own = OwnGateways(questions, std::move(found.gateways));
  std::vector<Gateway> of_root =
      collected.ok() ? CollectedGateways(collected->vpn(), own) : std::vector<Gateway>();
  CollectGateways(questions, std::move(own), std::move(of_root), quiet,
                  questions.ask ? TakeCollected(sources.keyed, std::move(asked_keyed))
                                : absl::NotFoundError("not asked"),
                  notes, vpn);
  // Also when there is none: then none is missing, which is another thing than not to know.
  if (questions.ask) *facts.mutable_applications() = {};
  if (auto answers = asked_applications.Take()) {
    *facts.mutable_applications() = *std::move(answers);
  } else if (questions.ask && !questions.applications.empty()) {
    facts.clear_applications();
    notes.Unreadable("applications.count", kNoTime);
  }

  const InstalledPackages packages = TakePackages(sources, std::move(asked_packages), world, notes);
  if (auto part = ProbeSecurity(world, bus, packages, notes)) {
    *facts.mutable_security() = *std::move(part);
  }
  if (auto part = ProbeUpdates(world, notes)) *facts.mutable_updates() = *std::move(part);
  if (auto part = ProbeTools(world, packages, notes)) *facts.mutable_tools() = *std::move(part);
  std::vector<v1::VpnClient> clients = FindClients(world.root, packages, notes);
  if (const auto daemon = FindIkeDaemon(world.root, clients)) vpn.set_ike_daemon(*daemon);
  for (v1::VpnClient& client : clients) *vpn.add_clients() = std::move(client);
  if (world.own_certificate) *facts.mutable_agent() = AboutAgent(*world.own_certificate);

  for (v1::Unreadable& note : notes.Sorted()) *facts.add_unreadable() = std::move(note);
  if (collected.ok()) {
    MergeCollected(*collected, facts);
  } else {
    NoteMissingCollector(collected.status(), facts);
  }
  return facts;
}

}  // namespace parc::agent
