#include <array>
#include <map>

#include "agent/vpn/find.h"

namespace parc::agent {
namespace {

struct Known {
  v1::VpnTool tool;
  std::string_view package;
  std::string_view program;
};

constexpr std::array<Known, 9> kKnown = {{
    {v1::VPN_TOOL_OPENVPN, "openvpn", "usr/sbin/openvpn"},
    {v1::VPN_TOOL_WIREGUARD, "wireguard-tools", "usr/bin/wg"},
    {v1::VPN_TOOL_STRONGSWAN, "strongswan-starter", "usr/sbin/ipsec"},
    {v1::VPN_TOOL_STRONGSWAN, "strongswan-swanctl", "usr/sbin/swanctl"},
    {v1::VPN_TOOL_STRONGSWAN, "charon-cmd", "usr/sbin/charon-cmd"},
    {v1::VPN_TOOL_STRONGSWAN, "strongswan-nm", "usr/lib/ipsec/charon-nm"},
    {v1::VPN_TOOL_STRONGSWAN, "strongswan", "usr/sbin/strongswan"},
    {v1::VPN_TOOL_OPENCONNECT, "openconnect", "usr/sbin/openconnect"},
    {v1::VPN_TOOL_FORTISSL, "openfortivpn", "usr/bin/openfortivpn"},
}};

}  // namespace

std::vector<v1::VpnClient> FindClients(const Root& root, const InstalledPackages& packages,
                                       Notes& notes) {
  notes.Unreadable("vpn.clients", packages.failure);
  std::map<v1::VpnTool, std::string> found;
  for (const Known& known : kKnown) {
    if (packages.known) {
      const auto package = packages.versions.find(known.package);
      if (package != packages.versions.end()) found.emplace(known.tool, package->second);
    } else if (packages.failure.ok() && root.Exists(known.program)) {
      found.emplace(known.tool, "");
    }
  }
  std::vector<v1::VpnClient> clients;
  for (const auto& [tool, version] : found) {
    v1::VpnClient& client = clients.emplace_back();
    client.set_tool(tool);
    client.set_version(version);
  }
  return clients;
}

std::optional<bool> FindIkeDaemon(const Root& root, const std::vector<v1::VpnClient>& clients) {
  for (const v1::VpnClient& client : clients) {
    if (client.tool() != v1::VPN_TOOL_STRONGSWAN) continue;
    // NetworkManager starts its own when it is needed.
    if (root.Exists("usr/lib/ipsec/charon-nm") || root.Exists("usr/libexec/strongswan/charon-nm")) {
      return true;
    }
    return root.HasName("run/charon.vici") || root.HasName("run/strongswan/charon.vici") ||
           root.HasName("run/charon.pid") || root.HasName("run/strongswan/charon.pid");
  }
  return std::nullopt;
}

}  // namespace parc::agent
