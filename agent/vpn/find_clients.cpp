#include <array>
#include <map>

#include "agent/files/text.h"
#include "agent/vpn/find.h"

namespace parc::agent {
namespace {

struct Known {
  v1::VpnTool tool;
  std::string_view package;
  std::string_view program;
};

constexpr std::array<Known, 8> kKnown = {{
    {v1::VPN_TOOL_OPENVPN, "openvpn", "usr/sbin/openvpn"},
    {v1::VPN_TOOL_WIREGUARD, "wireguard-tools", "usr/bin/wg"},
    {v1::VPN_TOOL_STRONGSWAN, "strongswan-starter", "usr/sbin/ipsec"},
    {v1::VPN_TOOL_STRONGSWAN, "strongswan-swanctl", "usr/sbin/swanctl"},
    {v1::VPN_TOOL_STRONGSWAN, "charon-cmd", "usr/sbin/charon-cmd"},
    {v1::VPN_TOOL_STRONGSWAN, "strongswan-nm", "usr/lib/ipsec/charon-nm"},
    {v1::VPN_TOOL_OPENCONNECT, "openconnect", "usr/sbin/openconnect"},
    {v1::VPN_TOOL_FORTISSL, "openfortivpn", "usr/bin/openfortivpn"},
}};

using Versions = std::map<v1::VpnTool, std::string>;

// Paragraphs of `Key: value` lines with an empty line between them (deb822(5)).
class StatusReader {
 public:
  void Take(std::string_view line) {
    if (line.empty()) {
      Finish();
    } else if (line.substr(0, 9) == "Package: ") {
      package_ = std::string(Trim(line.substr(9)));
    } else if (line.substr(0, 8) == "Status: ") {
      installed_ = Trim(line.substr(8)) == "install ok installed" ||
                   Trim(line.substr(8)) == "hold ok installed";
    } else if (line.substr(0, 9) == "Version: ") {
      version_ = std::string(Trim(line.substr(9)));
    }
  }

  void Finish() {
    for (const Known& known : kKnown) {
      if (installed_ && package_ == known.package) found_.emplace(known.tool, Printable(version_));
    }
    package_.clear();
    version_.clear();
    installed_ = false;
  }

  const Versions& found() const { return found_; }

 private:
  std::string package_;
  std::string version_;
  bool installed_ = false;
  Versions found_;
};

}  // namespace

std::vector<v1::VpnClient> FindClients(const Root& root, Notes& notes) {
  constexpr std::size_t kMaxStatus = 64 * 1024 * 1024;
  StatusReader reader;
  const auto read = root.ReadLines("var/lib/dpkg/status", kMaxStatus,
                                   [&](std::string_view line) { reader.Take(line); });
  reader.Finish();
  Versions found = reader.found();
  if (absl::IsNotFound(read)) {
    for (const Known& known : kKnown) {
      if (root.Exists(known.program)) found.emplace(known.tool, "");
    }
  } else {
    notes.Unreadable("vpn.clients", read);
  }
  std::vector<v1::VpnClient> clients;
  for (const auto& [tool, version] : found) {
    v1::VpnClient& client = clients.emplace_back();
    client.set_tool(tool);
    client.set_version(version);
  }
  return clients;
}

}  // namespace parc::agent
