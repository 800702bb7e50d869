#include "agent/files/text.h"
#include "agent/probes/probes.h"
#include "agent/probes/units.h"

namespace parc::agent {
namespace {

void ProbeFirewall(const World& world, const BusView& bus, v1::Security& security, Notes& notes) {
  const Root& root = world.root;
  const auto ufw = root.Read("etc/ufw/ufw.conf");
  const bool ufw_on = ufw.ok() && Lower(ParseKeyValues(*ufw)["ENABLED"]) == "yes";
  if (ufw_on) {
    security.set_firewall_tool("ufw");
  } else if (bus.firewalld_running.value_or(IsEnabled(root, "firewalld.service"))) {
    security.set_firewall_tool("firewalld");
  } else if (IsEnabled(root, "nftables.service")) {
    security.set_firewall_tool("nftables");
  } else if (!ufw.ok() && !absl::IsNotFound(ufw.status())) {
    notes.Unreadable("firewall.enabled", ufw.status());
    return;
  } else {
    security.set_firewall_enabled(false);
    if (ufw.ok()) security.set_firewall_tool("ufw");
    return;
  }
  security.set_firewall_enabled(true);
}

}  // namespace

std::optional<v1::Security> ProbeSecurity(const World& world, const BusView& bus,
                                          const InstalledPackages& packages, Notes& notes) {
  if (!world.root.Exists("etc")) return std::nullopt;
  v1::Security security;
  ProbeFirewall(world, bus, security, notes);
  ProbeExposure(world, security, notes);
  ProbeScreenLock(world, security, notes);
  ProbeAccounts(world, security, notes);
  if (packages.known) {
    ProbeAntivirus(world, packages.versions, security);
  } else if (!packages.failure.ok()) {
    notes.Unreadable("antivirus.tool", packages.failure);
  }
  if (security.ByteSizeLong() == 0) return std::nullopt;
  return security;
}

}  // namespace parc::agent
