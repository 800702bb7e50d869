#include "tests/posture/posture_support.h"

#include <catch2/catch.hpp>

namespace parc::posture {

using inventory::FactSheet;
using inventory::Field;
using inventory::FieldId;
using inventory::Kind;
using inventory::Section;

FactSheet GoodFacts() {
  FactSheet sheet;
  sheet.sections = {Section::kOs,           Section::kHardware, Section::kStorage,
                    Section::kNetwork,      Section::kSecurity, Section::kUpdates,
                    Section::kClock,        Section::kVpn,      Section::kTools,
                    Section::kApplications, Section::kAgent};
  Set(sheet, "os.id", "debian");
  Set(sheet, "os.version", "12");
  Set(sheet, "os.uptime_hours", "10");
  Set(sheet, "hardware.serial", "PF0ABCDE");
  Set(sheet, "hardware.uuid", "4c4c4544-0035-3010-8051-b7c04f4d3332");
  Set(sheet, "battery.health", "91");
  Set(sheet, "tpm2", "true");
  Set(sheet, "secure_boot", "true");
  Set(sheet, "disk.encrypted", "true");
  Set(sheet, "disk.root_encrypted", "true");
  Set(sheet, "disk.free_percent", "60");
  Set(sheet, "disk.least_free_percent", "55");
  Set(sheet, "disk.least_free_bytes", "20000000000");
  Set(sheet, "disk.least_free_inodes_percent", "80");
  Set(sheet, "disk.encryption_kdf", "argon2id");
  Set(sheet, "disk.healthy", "true");
  Set(sheet, "memory.errors_uncorrected", "0");
  Set(sheet, "network.captive_portal", "false");
  Set(sheet, "listen.exposed", "");
  Set(sheet, "screen_lock.enforced", "true");
  Set(sheet, "screen_lock.delay_seconds", "300");
  Set(sheet, "root.locked", "true");
  Set(sheet, "accounts.open", "0");
  Set(sheet, "accounts.administrators", "1");
  Set(sheet, "antivirus.tool", "clamav");
  Set(sheet, "antivirus.enabled", "true");
  Set(sheet, "antivirus.signatures", "2020-03-20T06:00:00Z");
  Set(sheet, "updates.automatic", "true");
  Set(sheet, "network.online", "true");
  Set(sheet, "network.connectivity", "FULL");
  Set(sheet, "vpn.tunnel.handshake_fresh", "true");
  Set(sheet, "clock.sane", "true");
  Set(sheet, "firewall.filters", "true");
  Set(sheet, "disk.wear_percent", "12");
  Set(sheet, "agent.version", "0.1.0");
  Set(sheet, "agent.certificate.expires", "2020-05-01T00:00:00Z");
  Set(sheet, "agent.certificate.renewal_due", "2020-04-01T00:00:00Z");
  Set(sheet, "firewall.enabled", "true");
  Set(sheet, "firewall.tool", "ufw");
  Set(sheet, "updates.security_pending", "0");
  Set(sheet, "updates.refreshed", "2020-03-20T06:00:00Z");
  Set(sheet, "reboot_required", "false");
  Set(sheet, "clock.synchronised", "true");
  Set(sheet, "clock.max_error_micros", "20000");
  Set(sheet, "clock.skew_seconds", "1");
  sheet.values[FieldId::kVpnClients] = std::vector<std::string>{"OPENVPN"};
  Set(sheet, "vpn.ike_daemon", "true");
  Set(sheet, "vpn.tunnel.up", "true");
  Set(sheet, "vpn.tunnel.full_ipv4", "true");
  Set(sheet, "vpn.tunnel.full_ipv6", "true");
  Set(sheet, "vpn.tunnel.dns", "true");
  Set(sheet, "vpn.tunnel.mtu", "1420");
  sheet.values[FieldId::kToolsInstalled] = std::vector<std::string>{"teams"};
  sheet.values[FieldId::kToolsVersions] = std::vector<std::string>{"teams 1.5"};
  sheet.values[FieldId::kApplicationsCount] = std::int64_t{2};
  sheet.values[FieldId::kApplicationsReachable] = std::vector<std::string>{"mail", "wiki"};
  sheet.values[FieldId::kApplicationsUnreachable] = std::vector<std::string>{};
  sheet.disks = {{"nvme0n1", "Disk", 512'000'000'000, false}};
  sheet.interfaces = {{"eth0", "d4:81:d7:00:00:01", "ETHERNET", true}};
  sheet.vpn_profiles = {{"OPENVPN", "openvpn", true, "", "vpn.example.org", 1194,
                         kNoon - 100 * kDay, kNoon + 100 * kDay, true, true, true, true,
                         kNoon + 1000 * kDay, kNoon + 5 * kDay}};
  sheet.vpn_gateways = {
      {"OPENVPN_UDP", "vpn.example.org", 1194, true, "REACHABLE", 9'000, true, kNoon + 90 * kDay}};
  DeriveFacts(sheet);
  return sheet;
}

void Set(FactSheet& sheet, std::string_view fact, std::string_view text) {
  INFO(fact);
  const Field* field = inventory::Find(inventory::Resource::kLaptops, fact);
  REQUIRE(field != nullptr);
  switch (field->kind) {
    case Kind::kBool:
      sheet.values[field->id] = text == "true";
      break;
    case Kind::kInt:
      sheet.values[field->id] = std::int64_t{std::stoll(std::string(text))};
      break;
    case Kind::kTime:
      sheet.values[field->id] = inventory::ParseIsoTime(text).value();
      break;
    case Kind::kList:
      sheet.values[field->id] =
          text.empty() ? std::vector<std::string>() : std::vector<std::string>{std::string(text)};
      break;
    default:
      sheet.values[field->id] = std::string(text);
  }
}

void Remove(FactSheet& sheet, std::string_view fact) {
  INFO(fact);
  const Field* field = inventory::Find(inventory::Resource::kLaptops, fact);
  REQUIRE(field != nullptr);
  sheet.values.erase(field->id);
}

Policy PolicyOf(std::vector<Check> checks) {
  auto policy = MakePolicy(1, kDay, std::move(checks));
  INFO(policy.status());
  REQUIRE(policy.ok());
  return *std::move(policy);
}

Check CheckOf(std::string id, Severity severity, std::string expression, std::int64_t grace) {
  Check check;
  check.id = std::move(id);
  check.severity = severity;
  check.expression = std::move(expression);
  check.grace = grace;
  return check;
}

const CheckResult& Of(const Judgement& judgement, std::string_view check) {
  for (const CheckResult& result : judgement.checks) {
    if (result.check == check) return result;
  }
  FAIL("no result of " << check);
  std::abort();
}

}  // namespace parc::posture
