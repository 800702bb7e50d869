#include "daemon/rpc/convert_facts.h"

#include <algorithm>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/convert_common.h"
#include "fmt/format.h"

namespace parc::rpc {
namespace {

using inventory::FactSheet;
using inventory::FieldId;
using inventory::Section;

// Scalars: absent stays absent, and in proto3 an empty text is an absent one.
void Put(FactSheet& sheet, FieldId id, const std::string& text) {
  if (!text.empty()) sheet.values[id] = text;
}
void PutInt(FactSheet& sheet, FieldId id, bool has, std::int64_t value) {
  if (has) sheet.values[id] = value;
}
void PutBool(FactSheet& sheet, FieldId id, bool has, bool value) {
  if (has) sheet.values[id] = value;
}

// "WIFI" of INTERFACE_KIND_WIFI; empty for UNSPECIFIED and for values of a later agent.
template <typename Enum>
std::string EnumName(Enum value, std::string_view prefix, const std::string& (*name)(Enum)) {
  const std::string& full = name(value);
  if (static_cast<int>(value) == 0 || full.size() <= prefix.size()) return {};
  return full.substr(prefix.size());
}

// Why a fact stays open whose value has no name here.
constexpr char kOfLater[] = "a value that only a later Parc knows";

void FromOs(const parc::v1::Os& os, FactSheet& sheet) {
  Put(sheet, FieldId::kOsId, os.id());
  Put(sheet, FieldId::kOsName, os.name());
  Put(sheet, FieldId::kOsVersion, os.version());
  Put(sheet, FieldId::kOsKernel, os.kernel());
  Put(sheet, FieldId::kOsArchitecture, os.architecture());
  PutInt(sheet, FieldId::kOsUptimeHours, os.has_uptime_seconds(), os.uptime_seconds() / 3600);
}

void FromHardware(const parc::v1::Hardware& hardware, FactSheet& sheet) {
  Put(sheet, FieldId::kHardwareManufacturer, hardware.manufacturer());
  Put(sheet, FieldId::kHardwareModel, hardware.model());
  Put(sheet, FieldId::kHardwareSerial, hardware.serial());
  Put(sheet, FieldId::kHardwareUuid, hardware.uuid());
  Put(sheet, FieldId::kBoardSerial, hardware.board_serial());
  Put(sheet, FieldId::kBiosVersion, hardware.bios_version());
  Put(sheet, FieldId::kCpuModel, hardware.cpu_model());
  PutInt(sheet, FieldId::kCpuThreads, hardware.has_cpu_threads(), hardware.cpu_threads());
  PutInt(sheet, FieldId::kMemoryBytes, hardware.has_memory_bytes(), hardware.memory_bytes());
  PutBool(sheet, FieldId::kTpm2, hardware.has_tpm2(), hardware.tpm2());
  PutBool(sheet, FieldId::kSecureBoot, hardware.has_secure_boot(), hardware.secure_boot());
  PutBool(sheet, FieldId::kEfi, hardware.has_efi(), hardware.efi());
  PutInt(sheet, FieldId::kMemoryErrorsCorrected, hardware.has_memory_errors_corrected(),
         hardware.memory_errors_corrected());
  PutInt(sheet, FieldId::kMemoryErrorsUncorrected, hardware.has_memory_errors_uncorrected(),
         hardware.memory_errors_uncorrected());
  std::optional<std::int64_t> worst;
  std::optional<std::int64_t> cycles;
  for (const parc::v1::Battery& battery : hardware.batteries()) {
    if (battery.has_cycle_count())
      cycles = std::max<std::int64_t>(cycles.value_or(0), battery.cycle_count());
    if (!battery.has_health_percent()) continue;
    worst =
        std::min<std::int64_t>(worst.value_or(battery.health_percent()), battery.health_percent());
  }
  PutInt(sheet, FieldId::kBatteryHealth, worst.has_value(), worst.value_or(0));
  PutInt(sheet, FieldId::kBatteryCycles, cycles.has_value(), cycles.value_or(0));
}

absl::Status FromStorage(const parc::v1::Storage& storage, FactSheet& sheet) {
  for (const parc::v1::Disk& disk : storage.disks()) {
    inventory::DiskFact fact{
        .name = disk.name(), .model = disk.model(), .size_bytes = {}, .rotational = {}};
    if (disk.has_size_bytes()) {
      if (disk.size_bytes() < 0) {
        return InvalidField("OUT_OF_RANGE", "facts.storage.disks.size_bytes", "is negative");
      }
      fact.size_bytes = disk.size_bytes();
    }
    if (disk.has_rotational()) fact.rotational = disk.rotational();
    sheet.disks.push_back(std::move(fact));
  }
  PutBool(sheet, FieldId::kRootEncrypted, storage.has_root_encrypted(), storage.root_encrypted());
  PutBool(sheet, FieldId::kDiskEncrypted, storage.has_all_encrypted(), storage.all_encrypted());
  Put(sheet, FieldId::kDiskEncryptionKdf, storage.encryption_kdf());
  PutInt(sheet, FieldId::kDiskLeastFreeBytes, storage.has_least_free_bytes(),
         storage.least_free_bytes());
  PutInt(sheet, FieldId::kDiskLeastFreePercent, storage.has_least_free_percent(),
         storage.least_free_percent());
  PutInt(sheet, FieldId::kDiskLeastFreeInodes, storage.has_least_free_inodes_percent(),
         storage.least_free_inodes_percent());
  PutBool(sheet, FieldId::kDiskHealthy, storage.has_disks_healthy(), storage.disks_healthy());
  PutInt(sheet, FieldId::kDiskWear, storage.has_disk_wear_percent(), storage.disk_wear_percent());
  if (storage.has_root_free_bytes() && storage.has_root_total_bytes() &&
      storage.root_total_bytes() != 0) {
    const std::int64_t free = storage.root_free_bytes();
    const std::int64_t total = storage.root_total_bytes();
    if (free < 0 || total < 0 || free > total) {
      return InvalidField("OUT_OF_RANGE", "facts.storage.root_free_bytes",
                          "is no part of root_total_bytes");
    }
    // In floating point, as free × 100 may not fit.
    sheet.values[FieldId::kDiskFreePercent] =
        static_cast<std::int64_t>(static_cast<double>(free) * 100.0 / static_cast<double>(total));
  }
  return absl::OkStatus();
}

void FromNetwork(const parc::v1::Network& network, FactSheet& sheet) {
  PutBool(sheet, FieldId::kNetworkOnline, network.has_online(), network.online());
  Put(sheet, FieldId::kNetworkConnectivity,
      EnumName(network.connectivity(), "CONNECTIVITY_", parc::v1::Connectivity_Name));
  PutBool(sheet, FieldId::kNetworkCaptivePortal, network.has_captive_portal(),
          network.captive_portal());
  PutInt(sheet, FieldId::kNetworkMtu, network.has_mtu(), network.mtu());
  for (const parc::v1::NetworkInterface& interface : network.interfaces()) {
    sheet.interfaces.push_back(
        {.name = interface.name(),
         .mac = interface.mac(),
         .kind = EnumName(interface.kind(), "INTERFACE_KIND_", parc::v1::InterfaceKind_Name),
         .up = interface.up()});
  }
}

std::vector<std::string> TextOf(const parc::v1::Ports& ports) {
  std::vector<std::string> texts;
  for (const std::int32_t port : ports.ports()) texts.push_back(fmt::format("{}", port));
  return texts;
}

absl::Status FromSecurity(const parc::v1::Security& security, FactSheet& sheet) {
  PutBool(sheet, FieldId::kFirewallFilters, security.has_firewall_filters(),
          security.firewall_filters());
  if (security.has_exposed()) sheet.values[FieldId::kListenExposed] = TextOf(security.exposed());
  PutBool(sheet, FieldId::kScreenLockEnforced, security.has_screen_lock_enforced(),
          security.screen_lock_enforced());
  PutInt(sheet, FieldId::kScreenLockDelay, security.has_screen_lock_seconds(),
         security.screen_lock_seconds());
  PutBool(sheet, FieldId::kRootLocked, security.has_root_locked(), security.root_locked());
  PutInt(sheet, FieldId::kAccountsOpen, security.has_open_accounts(), security.open_accounts());
  PutInt(sheet, FieldId::kAccountsAdministrators, security.has_administrators(),
         security.administrators());
  Put(sheet, FieldId::kAntivirusTool, security.antivirus_tool());
  PutBool(sheet, FieldId::kAntivirusEnabled, security.has_antivirus_enabled(),
          security.antivirus_enabled());
  if (security.has_antivirus_signatures_time()) {
    PARC_ASSIGN(
        sheet.values[FieldId::kAntivirusSignatures],
        TimeFrom(security.antivirus_signatures_time(), "facts.security.antivirus_signatures_time"));
  }
  PutBool(sheet, FieldId::kFirewallEnabled, security.has_firewall_enabled(),
          security.firewall_enabled());
  Put(sheet, FieldId::kFirewallTool, security.firewall_tool());
  return absl::OkStatus();
}

absl::Status FromUpdates(const parc::v1::Updates& updates, FactSheet& sheet) {
  PutInt(sheet, FieldId::kUpdatesSecurity, updates.has_security_pending(),
         updates.security_pending());
  PutInt(sheet, FieldId::kUpdatesPending, updates.has_pending(), updates.pending());
  PutBool(sheet, FieldId::kRebootRequired, updates.has_reboot_required(),
          updates.reboot_required());
  PutBool(sheet, FieldId::kUpdatesAutomatic, updates.has_automatic(), updates.automatic());
  if (updates.has_refreshed_time()) {
    PARC_ASSIGN(const std::int64_t refreshed,
                TimeFrom(updates.refreshed_time(), "facts.updates.refreshed_time"));
    sheet.values[FieldId::kUpdatesRefreshed] = refreshed;
  }
  if (updates.has_security_since_time()) {
    PARC_ASSIGN(sheet.values[FieldId::kUpdatesSecuritySince],
                TimeFrom(updates.security_since_time(), "facts.updates.security_since_time"));
  }
  return absl::OkStatus();
}

void FromClock(const parc::v1::Clock& clock, FactSheet& sheet) {
  PutBool(sheet, FieldId::kClockSynchronised, clock.has_synchronised(), clock.synchronised());
  PutInt(sheet, FieldId::kClockMaxError, clock.has_max_error_micros(), clock.max_error_micros());
  PutBool(sheet, FieldId::kClockSane, clock.has_sane(), clock.sane());
}

absl::StatusOr<inventory::VpnProfileFact> FromProfile(const parc::v1::VpnProfile& profile) {
  inventory::VpnProfileFact fact;
  fact.tool = EnumName(profile.tool(), "VPN_TOOL_", parc::v1::VpnTool_Name);
  fact.source = profile.source();
  fact.valid = profile.valid();
  fact.problem = profile.problem();
  fact.gateway = profile.gateway();
  fact.port = profile.port();
  const parc::v1::VpnCertificate& certificate = profile.certificate();
  if (certificate.has_not_before_time()) {
    PARC_ASSIGN(
        fact.certificate_starts,
        TimeFrom(certificate.not_before_time(), "facts.vpn.profiles.certificate.not_before_time"));
  }
  if (certificate.has_not_after_time()) {
    PARC_ASSIGN(
        fact.certificate_expires,
        TimeFrom(certificate.not_after_time(), "facts.vpn.profiles.certificate.not_after_time"));
  }
  if (certificate.has_key_matches()) fact.key_matches = certificate.key_matches();
  if (certificate.has_trusted()) fact.trusted = certificate.trusted();
  if (profile.has_root_only()) fact.root_only = profile.root_only();
  if (profile.has_autoconnect()) fact.autoconnect = profile.autoconnect();
  if (profile.has_ca_not_after_time()) {
    PARC_ASSIGN(fact.ca_expires,
                TimeFrom(profile.ca_not_after_time(), "facts.vpn.profiles.ca_not_after_time"));
  }
  if (profile.has_crl_next_update_time()) {
    PARC_ASSIGN(fact.crl_next_update, TimeFrom(profile.crl_next_update_time(),
                                               "facts.vpn.profiles.crl_next_update_time"));
  }
  return fact;
}

void FromTunnel(const parc::v1::VpnTunnel& tunnel, FactSheet& sheet) {
  PutBool(sheet, FieldId::kVpnTunnelUp, tunnel.has_up(), tunnel.up());
  PutBool(sheet, FieldId::kVpnTunnelHandshakeFresh, tunnel.has_handshake_fresh(),
          tunnel.handshake_fresh());
  PutBool(sheet, FieldId::kVpnTunnelFullIpv4, tunnel.has_full_ipv4(), tunnel.full_ipv4());
  PutBool(sheet, FieldId::kVpnTunnelFullIpv6, tunnel.has_full_ipv6(), tunnel.full_ipv6());
  PutBool(sheet, FieldId::kVpnTunnelDns, tunnel.has_dns(), tunnel.dns());
  PutInt(sheet, FieldId::kVpnTunnelMtu, tunnel.has_mtu(), tunnel.mtu());
}

absl::StatusOr<inventory::VpnGatewayFact> FromGateway(const parc::v1::VpnGateway& gateway) {
  inventory::VpnGatewayFact fact;
  fact.protocol = EnumName(gateway.protocol(), "GATEWAY_PROTOCOL_", parc::v1::GatewayProtocol_Name);
  fact.host = gateway.host();
  fact.port = gateway.port();
  if (gateway.has_resolved()) fact.resolved = gateway.resolved();
  fact.answer = EnumName(gateway.answer(), "GATEWAY_ANSWER_", parc::v1::GatewayAnswer_Name);
  if (gateway.has_latency_micros()) fact.latency_micros = gateway.latency_micros();
  if (gateway.has_certificate_trusted()) fact.certificate_trusted = gateway.certificate_trusted();
  if (gateway.has_certificate_not_after_time()) {
    PARC_ASSIGN(fact.certificate_expires,
                TimeFrom(gateway.certificate_not_after_time(),
                         "facts.vpn.gateways.certificate_not_after_time"));
  }
  return fact;
}

absl::Status FromVpn(const parc::v1::Vpn& vpn, FactSheet& sheet) {
  PutBool(sheet, FieldId::kVpnIkeDaemon, vpn.has_ike_daemon(), vpn.ike_daemon());
  FromTunnel(vpn.tunnel(), sheet);
  std::vector<std::string> clients;
  std::vector<std::string> versions;
  for (const parc::v1::VpnClient& client : vpn.clients()) {
    std::string tool = EnumName(client.tool(), "VPN_TOOL_", parc::v1::VpnTool_Name);
    if (tool.empty()) continue;
    if (!client.version().empty()) versions.push_back(tool + " " + client.version());
    clients.push_back(std::move(tool));
  }
  if (!versions.empty()) sheet.values[FieldId::kVpnClientVersions] = std::move(versions);
  // Clients that have no name here are clients all the same: nobody may conclude that there is
  // none.
  if (!clients.empty()) {
    sheet.values[FieldId::kVpnClients] = std::move(clients);
  } else if (vpn.clients_size() > 0) {
    sheet.unreadable["vpn.clients"] = kOfLater;
  }
  for (const parc::v1::VpnProfile& profile : vpn.profiles()) {
    PARC_ASSIGN(inventory::VpnProfileFact fact, FromProfile(profile));
    sheet.vpn_profiles.push_back(std::move(fact));
  }
  for (const parc::v1::VpnGateway& gateway : vpn.gateways()) {
    PARC_ASSIGN(inventory::VpnGatewayFact fact, FromGateway(gateway));
    if (fact.answer.empty() && gateway.answer() != parc::v1::GATEWAY_ANSWER_UNSPECIFIED) {
      sheet.unreadable["vpn.gateway.answer"] = kOfLater;
    }
    sheet.vpn_gateways.push_back(std::move(fact));
  }
  return absl::OkStatus();
}

void FromTools(const parc::v1::Tools& tools, FactSheet& sheet) {
  std::vector<std::string> names;
  std::vector<std::string> versions;
  for (const parc::v1::Tool& tool : tools.tools()) {
    if (tool.name().empty()) continue;
    names.push_back(tool.name());
    versions.push_back(tool.version().empty() ? tool.name() : tool.name() + " " + tool.version());
  }
  sheet.values[FieldId::kToolsInstalled] = std::move(names);
  sheet.values[FieldId::kToolsVersions] = std::move(versions);
}

void FromApplications(const parc::v1::Applications& applications, FactSheet& sheet) {
  std::vector<std::string> reachable;
  std::vector<std::string> unreachable;
  for (const parc::v1::ApplicationAnswer& answer : applications.answers()) {
    if (answer.application().empty()) continue;
    switch (answer.answer()) {
      case parc::v1::GATEWAY_ANSWER_AUTHENTICATED:
      case parc::v1::GATEWAY_ANSWER_REACHABLE:
        reachable.push_back(answer.application());
        break;
      case parc::v1::GATEWAY_ANSWER_REFUSED:
      case parc::v1::GATEWAY_ANSWER_SILENT:
        unreachable.push_back(answer.application());
        break;
      default:
        break;
    }
  }
  sheet.values[FieldId::kApplicationsCount] =
      static_cast<std::int64_t>(applications.answers_size());
  sheet.values[FieldId::kApplicationsReachable] = std::move(reachable);
  sheet.values[FieldId::kApplicationsUnreachable] = std::move(unreachable);
}

absl::Status FromAgent(const parc::v1::Agent& agent, FactSheet& sheet) {
  if (agent.has_certificate_not_after_time()) {
    PARC_ASSIGN(
        sheet.values[FieldId::kAgentCertificateExpires],
        TimeFrom(agent.certificate_not_after_time(), "facts.agent.certificate_not_after_time"));
  }
  if (agent.has_certificate_renew_time()) {
    PARC_ASSIGN(sheet.values[FieldId::kAgentRenewalDue],
                TimeFrom(agent.certificate_renew_time(), "facts.agent.certificate_renew_time"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FactSheet> FactsFrom(const parc::v1::Facts& facts) {
  FactSheet sheet;
  const auto speaks_of = [&](Section section, bool has) {
    if (has) sheet.sections.insert(section);
    return has;
  };
  if (speaks_of(Section::kOs, facts.has_os())) FromOs(facts.os(), sheet);
  if (speaks_of(Section::kHardware, facts.has_hardware())) FromHardware(facts.hardware(), sheet);
  if (speaks_of(Section::kStorage, facts.has_storage())) {
    PARC_TRY(FromStorage(facts.storage(), sheet));
  }
  if (speaks_of(Section::kNetwork, facts.has_network())) FromNetwork(facts.network(), sheet);
  if (speaks_of(Section::kSecurity, facts.has_security())) {
    PARC_TRY(FromSecurity(facts.security(), sheet));
  }
  if (speaks_of(Section::kUpdates, facts.has_updates())) {
    PARC_TRY(FromUpdates(facts.updates(), sheet));
  }
  if (speaks_of(Section::kClock, facts.has_clock())) FromClock(facts.clock(), sheet);
  if (speaks_of(Section::kVpn, facts.has_vpn())) PARC_TRY(FromVpn(facts.vpn(), sheet));
  if (speaks_of(Section::kTools, facts.has_tools())) FromTools(facts.tools(), sheet);
  if (speaks_of(Section::kApplications, facts.has_applications())) {
    FromApplications(facts.applications(), sheet);
  }
  if (speaks_of(Section::kAgent, facts.has_agent())) PARC_TRY(FromAgent(facts.agent(), sheet));
  for (const parc::v1::Unreadable& source : facts.unreadable()) {
    sheet.unreadable[source.fact()] = source.reason();
  }
  return sheet;
}

}  // namespace parc::rpc
