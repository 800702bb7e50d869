#include <array>

#include "agent/files/text.h"
#include "agent/probes/probes.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

// systemd enables a unit by a link in a `.wants` folder.
bool IsEnabled(const Root& root, std::string_view unit) {
  constexpr std::array<std::string_view, 3> kTargets = {"multi-user.target", "sysinit.target",
                                                        "basic.target"};
  for (const std::string_view target : kTargets) {
    if (root.HasName(fmt::format("etc/systemd/system/{}.wants/{}.service", target, unit))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<v1::Security> ProbeSecurity(const World& world, Notes& notes) {
  const Root& root = world.root;
  if (!root.Exists("etc")) return std::nullopt;
  v1::Security security;
  const auto ufw = root.Read("etc/ufw/ufw.conf");
  const bool ufw_on = ufw.ok() && Lower(ParseKeyValues(*ufw)["ENABLED"]) == "yes";
  if (ufw_on) {
    security.set_firewall_tool("ufw");
  } else if (IsEnabled(root, "firewalld")) {
    security.set_firewall_tool("firewalld");
  } else if (IsEnabled(root, "nftables")) {
    security.set_firewall_tool("nftables");
  } else if (!ufw.ok() && !absl::IsNotFound(ufw.status())) {
    notes.Unreadable("firewall.enabled", ufw.status());
    return std::nullopt;
  } else {
    security.set_firewall_enabled(false);
    if (ufw.ok()) security.set_firewall_tool("ufw");
    return security;
  }
  security.set_firewall_enabled(true);
  return security;
}

}  // namespace parc::agent
