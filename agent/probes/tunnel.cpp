#include <algorithm>
#include <array>

#include "agent/files/text.h"
#include "agent/probes/probes.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

// One address in each half of the Internet, so that 0/1 and 128/1 are both looked at. Routes are
// looked up; nothing is sent.
constexpr std::array<const char*, 2> kFar4 = {"9.9.9.9", "198.51.100.1"};
constexpr std::array<const char*, 2> kFar6 = {"2620:fe::fe", "a000::1"};

using Names = std::vector<std::string>;

bool Contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Nothing when the family has no way out at all.
std::optional<bool> AllThrough(const World& world, const std::array<const char*, 2>& far,
                               const Names& tunnels) {
  std::optional<bool> through;
  for (const char* const address : far) {
    const auto interface = world.route(address);
    if (!interface) continue;
    through = through.value_or(true) && Contains(tunnels, *interface);
  }
  return through;
}

// resolv.conf(5). The kernel knows by which interface each server is asked; a resolver on the
// laptop itself hides that.
std::optional<bool> NamesInside(const World& world, const Names& tunnels, std::string_view file) {
  const auto text = world.root.Read(file);
  if (!text.ok()) return std::nullopt;
  std::optional<bool> inside;
  for (const std::string_view line : SplitLines(*text)) {
    const auto words = SplitWords(line);
    if (words.size() < 2 || words[0] != "nameserver") continue;
    if (words[1].substr(0, 4) == "127." || words[1] == "::1") continue;
    const auto interface = world.route(std::string(words[1].substr(0, words[1].find('%'))));
    if (!interface) continue;
    inside = inside.value_or(false) || Contains(tunnels, *interface);
  }
  return inside;
}

std::optional<bool> DnsInside(const World& world, const Names& tunnels, const BusView& bus) {
  if (bus.has_resolved) {
    for (const std::string& name : tunnels) {
      const auto index = world.root.ReadWord(fmt::format("sys/class/net/{}/ifindex", name));
      const auto number = index.ok() ? ToInt<int>(*index) : std::nullopt;
      if (number && bus.name_servers.count(*number) != 0) return true;
    }
    return false;
  }
  if (!world.route) return std::nullopt;
  if (auto inside = NamesInside(world, tunnels, "run/systemd/resolve/resolv.conf")) return inside;
  return NamesInside(world, tunnels, "etc/resolv.conf");
}

}  // namespace

v1::VpnTunnel ProbeTunnel(const World& world, const v1::Network& network, const BusView& bus) {
  v1::VpnTunnel tunnel;
  Names names;
  for (const v1::NetworkInterface& interface : network.interfaces()) {
    if (interface.kind() != v1::INTERFACE_KIND_TUNNEL || !interface.up()) continue;
    names.push_back(interface.name());
    if (interface.has_mtu() && (!tunnel.has_mtu() || interface.mtu() < tunnel.mtu())) {
      tunnel.set_mtu(interface.mtu());
    }
  }
  tunnel.set_up(!names.empty() || bus.vpn_active.value_or(false));
  // IPsec of the kernel has no interface: where its packets go cannot be told by routes.
  if (names.empty()) return tunnel;
  if (world.route) {
    if (const auto full = AllThrough(world, kFar4, names)) tunnel.set_full_ipv4(*full);
    if (const auto full = AllThrough(world, kFar6, names)) tunnel.set_full_ipv6(*full);
  }
  if (const auto dns = DnsInside(world, names, bus)) tunnel.set_dns(*dns);
  return tunnel;
}

}  // namespace parc::agent
