#include "agent/collector/root_facts.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "agent/gateways/memory.h"
#include "agent/probes/probes.h"
#include "agent/vpn/find.h"

namespace parc::agent {
namespace {

// A laptop without them has no file that root alone may read.
constexpr std::array<std::string_view, 14> kOfCollector = {"hardware.serial",
                                                           "hardware.uuid",
                                                           "hardware.board_serial",
                                                           "disk.encryption_kdf",
                                                           "disk.healthy",
                                                           "disk.wear_percent",
                                                           "root.locked",
                                                           "accounts.open",
                                                           "firewall.filters",
                                                           "vpn.profiles",
                                                           "vpn.certificate.expires",
                                                           "vpn.certificate.key_matches",
                                                           "vpn.certificate.trusted",
                                                           "vpn.ca.expires"};
constexpr std::string_view kCrl = "vpn.crl.next_update";
constexpr std::int64_t kFreshSeconds = 180;

bool IsOfCollector(const std::string& fact) {
  return fact == kCrl ||
         std::find(kOfCollector.begin(), kOfCollector.end(), fact) != kOfCollector.end();
}

std::vector<std::string> TunnelsUp(const v1::Network& network) {
  std::vector<std::string> names;
  for (const v1::NetworkInterface& interface : network.interfaces()) {
    if (interface.kind() == v1::INTERFACE_KIND_TUNNEL && interface.up()) {
      names.push_back(interface.name());
    }
  }
  return names;
}

void CollectHardware(const World& world, v1::Facts& facts, Notes& notes) {
  const auto all = ProbeHardware(world, notes);
  if (!all) return;
  v1::Hardware& hardware = *facts.mutable_hardware();
  hardware.set_serial(all->serial());
  hardware.set_uuid(all->uuid());
  hardware.set_board_serial(all->board_serial());
}

void CollectDisks(const World& world, const KernelQuestions& kernel, v1::Facts& facts,
                  Notes& notes) {
  v1::Storage& storage = *facts.mutable_storage();
  if (const auto all = ProbeStorage(world, notes)) {
    storage.set_encryption_kdf(all->encryption_kdf());
  }
  if (!kernel.disk_health) return;
  const auto health = kernel.disk_health();
  if (health.ok()) {
    storage.set_disks_healthy(health->healthy);
    if (health->wear_percent) storage.set_disk_wear_percent(*health->wear_percent);
  } else if (absl::IsNotFound(health.status())) {
    notes.Unreadable("disk.healthy", "there is no NVMe disk to ask");
  } else {
    constexpr std::string_view kNotAllowed =
        "the kernel asks for CAP_SYS_ADMIN, which the root collector is not given";
    const bool refused = absl::IsPermissionDenied(health.status());
    for (const std::string_view fact : {"disk.healthy", "disk.wear_percent"}) {
      notes.Unreadable(fact, refused ? kNotAllowed
                                     : std::string_view(health.status().message().data(),
                                                        health.status().message().size()));
    }
  }
}

void CollectSecurity(const World& world, const KernelQuestions& kernel, v1::Facts& facts,
                     Notes& notes) {
  v1::Security& security = *facts.mutable_security();
  v1::Security all;
  ProbeAccounts(world, all, notes);
  if (all.has_root_locked()) security.set_root_locked(all.root_locked());
  if (all.has_open_accounts()) security.set_open_accounts(all.open_accounts());
  if (!kernel.firewall_filters) return;
  const auto filters = kernel.firewall_filters();
  const auto legacy = world.root.ReadWord("proc/net/ip_tables_names");
  if (!filters.ok()) {
    notes.Unreadable("firewall.filters", "the kernel's rules cannot be read");
  } else if (!*filters && legacy.ok() && !legacy->empty()) {
    notes.Unreadable("firewall.filters", "rules of iptables-legacy are not read");
  } else {
    security.set_firewall_filters(*filters);
  }
}

v1::VpnGateway Named(const Gateway& gateway) {
  v1::VpnGateway facts;
  facts.set_protocol(gateway.protocol);
  facts.set_host(gateway.host);
  facts.set_port(gateway.port);
  if (gateway.wrapped) facts.set_answer(v1::GATEWAY_ANSWER_UNKNOWN);
  return facts;
}

void CollectVpn(const World& world, const KernelQuestions& kernel, v1::Facts& facts, Notes& notes) {
  v1::Vpn& vpn = *facts.mutable_vpn();
  FoundProfiles found = FindProfiles(world.root, notes);
  for (v1::VpnProfile& profile : found.profiles) *vpn.add_profiles() = std::move(profile);
  for (const Gateway& gateway : found.gateways) *vpn.add_gateways() = Named(gateway);
  Notes others;
  const auto network = ProbeNetwork(world, {}, others);
  const auto tunnels = network ? TunnelsUp(*network) : std::vector<std::string>();
  if (tunnels.empty() || !kernel.newest_handshake) return;
  if (const auto newest = kernel.newest_handshake(tunnels)) {
    const std::int64_t age = world.now / 1'000'000 - *newest;
    vpn.mutable_tunnel()->set_handshake_fresh(age < kFreshSeconds);
  }
}

void PutNotes(const Notes& notes, v1::Facts& facts) {
  for (v1::Unreadable& note : notes.Sorted()) {
    if (IsOfCollector(note.fact())) *facts.add_unreadable() = std::move(note);
  }
}

void Sort(v1::Facts& facts) {
  std::sort(facts.mutable_unreadable()->begin(), facts.mutable_unreadable()->end(),
            [](const v1::Unreadable& a, const v1::Unreadable& b) { return a.fact() < b.fact(); });
}

void DropNotes(v1::Facts& facts) {
  google::protobuf::RepeatedPtrField<v1::Unreadable> kept;
  for (const v1::Unreadable& note : facts.unreadable()) {
    if (!IsOfCollector(note.fact())) *kept.Add() = note;
  }
  facts.mutable_unreadable()->Swap(&kept);
}

void MergeParts(const v1::Facts& collected, v1::Facts& facts) {
  if (collected.has_hardware()) {
    const v1::Hardware& from = collected.hardware();
    v1::Hardware& to = *facts.mutable_hardware();
    if (!from.serial().empty()) to.set_serial(from.serial());
    if (!from.uuid().empty()) to.set_uuid(from.uuid());
    if (!from.board_serial().empty()) to.set_board_serial(from.board_serial());
  }
  // Sections that the agent has nothing of stay away when the collector has nothing either.
  const v1::Storage& disks = collected.storage();
  if (disks.ByteSizeLong() > 0) {
    v1::Storage& to = *facts.mutable_storage();
    to.set_encryption_kdf(disks.encryption_kdf());
    if (disks.has_disks_healthy()) to.set_disks_healthy(disks.disks_healthy());
    if (disks.has_disk_wear_percent()) to.set_disk_wear_percent(disks.disk_wear_percent());
  }
  const v1::Security& guards = collected.security();
  if (guards.ByteSizeLong() > 0) {
    v1::Security& to = *facts.mutable_security();
    if (guards.has_root_locked()) to.set_root_locked(guards.root_locked());
    if (guards.has_open_accounts()) to.set_open_accounts(guards.open_accounts());
    if (guards.has_firewall_filters()) to.set_firewall_filters(guards.firewall_filters());
  }
}

}  // namespace

v1::Facts CollectForRoot(const World& world, const KernelQuestions& kernel) {
  v1::Facts facts;
  Notes notes;
  CollectHardware(world, facts, notes);
  CollectDisks(world, kernel, facts, notes);
  CollectSecurity(world, kernel, facts, notes);
  CollectVpn(world, kernel, facts, notes);
  PutNotes(notes, facts);
  return facts;
}

v1::Facts CollectKeyed(const World& world, const std::filesystem::path& memory,
                       const Liveness& options) {
  v1::Facts facts;
  facts.mutable_vpn();  // an answer without a gateway is another thing than none
  Notes notes;
  const auto network = ProbeNetwork(world, {}, notes);
  const bool quiet = network && TunnelIsUp(*network);
  const FoundProfiles found = FindProfiles(world.root, notes);
  for (v1::VpnGateway& gateway : GatewayMemory(memory).KeyedFacts(found.keyed, quiet, options)) {
    *facts.mutable_vpn()->add_gateways() = std::move(gateway);
  }
  return facts;
}

void MergeCollected(const v1::Facts& collected, v1::Facts& facts) {
  MergeParts(collected, facts);
  if (collected.has_vpn()) {
    v1::Vpn& vpn = *facts.mutable_vpn();
    *vpn.mutable_profiles() = collected.vpn().profiles();
    if (collected.vpn().tunnel().has_handshake_fresh()) {
      vpn.mutable_tunnel()->set_handshake_fresh(collected.vpn().tunnel().handshake_fresh());
    }
  }
  DropNotes(facts);
  for (const v1::Unreadable& note : collected.unreadable()) {
    if (IsOfCollector(note.fact())) *facts.add_unreadable() = note;
  }
  Sort(facts);
}

void NoteMissingCollector(const absl::Status& why, v1::Facts& facts) {
  const std::string reason(absl::IsNotFound(why) ? kNeedsRootCollector : kRootCollectorSilent);
  const auto note = [&](const char* fact) {
    v1::Unreadable& unreadable = *facts.add_unreadable();
    unreadable.set_fact(fact);
    unreadable.set_reason(reason);
  };
  if (facts.has_security()) note("firewall.filters");
  if (facts.storage().disks_size() > 0) {
    note("disk.healthy");
    note("disk.wear_percent");
  }
  Sort(facts);
}

}  // namespace parc::agent
