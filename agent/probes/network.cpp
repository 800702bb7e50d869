#include <algorithm>
#include <cctype>

#include "agent/files/text.h"
#include "agent/probes/probes.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr int kMaxInterfaces = 64;

// ARPHRD_ numbers of linux/if_arp.h.
constexpr std::string_view kEthernet = "1";
constexpr std::string_view kPpp = "512";
constexpr std::string_view kNone = "65534";
constexpr std::string_view kRawIp = "519";

std::string Word(const Root& root, const std::string& path) {
  auto word = root.ReadWord(path);
  return word.ok() ? *std::move(word) : std::string();
}

v1::InterfaceKind KindOf(const Root& root, const std::string& folder) {
  const std::string events = Word(root, folder + "uevent");
  const auto values = ParseKeyValues(events);
  const auto found = values.find("DEVTYPE");
  const std::string_view type = found == values.end() ? "" : std::string_view(found->second);
  const std::string hardware = Word(root, folder + "type");
  if (type == "wlan" || root.Exists(folder + "wireless") || root.Exists(folder + "phy80211")) {
    return v1::INTERFACE_KIND_WIFI;
  }
  if (type == "wwan" || hardware == kRawIp) return v1::INTERFACE_KIND_MOBILE;
  if (type == "wireguard" || root.Exists(folder + "tun_flags") || hardware == kPpp ||
      hardware == kNone) {
    return v1::INTERFACE_KIND_TUNNEL;
  }
  if (hardware == kEthernet && root.Exists(folder + "device")) return v1::INTERFACE_KIND_ETHERNET;
  return v1::INTERFACE_KIND_VIRTUAL;
}

bool IsMac(std::string_view text) {
  if (text.size() != 17 || text == "00:00:00:00:00:00") return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % 3 == 2 ? text[i] != ':' : !std::isxdigit(static_cast<unsigned char>(text[i]))) {
      return false;
    }
  }
  return true;
}

// Tunnels have no carrier to watch: their operstate is "unknown" while they are up.
bool IsUp(const Root& root, const std::string& folder) {
  const std::string state = Word(root, folder + "operstate");
  if (state != "unknown") return state == "up";
  std::string flags = Word(root, folder + "flags");
  if (flags.rfind("0x", 0) == 0) flags.erase(0, 2);
  return (ToInt<unsigned>(flags, 16).value_or(0) & 1U) != 0;
}

v1::NetworkInterface ReadInterface(const Root& root, const std::string& name) {
  const std::string folder = "sys/class/net/" + name + "/";
  v1::NetworkInterface interface;
  interface.set_name(Printable(name));
  interface.set_kind(KindOf(root, folder));
  interface.set_up(IsUp(root, folder));
  // An address that is drawn anew for every network identifies nothing, and would change the
  // report.
  const std::string assigned = Word(root, folder + "addr_assign_type");
  const std::string mac = Lower(Word(root, folder + "address"));
  if (IsMac(mac) && (assigned.empty() || assigned == "0")) interface.set_mac(mac);
  if (const auto mtu = ToInt<std::int32_t>(Word(root, folder + "mtu")); mtu && *mtu > 0) {
    interface.set_mtu(*mtu);
  }
  return interface;
}

// Interface Destination Gateway Flags … Mask: the default route has destination and mask zero.
bool HasDefaultRoute4(std::string_view table) {
  for (const std::string_view line : SplitLines(table)) {
    const auto words = SplitWords(line);
    if (words.size() < 8 || words[1] != "00000000" || words[7] != "00000000") continue;
    if ((ToInt<unsigned>(words[3], 16).value_or(0) & 1U) != 0) return true;
  }
  return false;
}

// The kernel keeps unreachable default routes on `lo`.
bool HasDefaultRoute6(std::string_view table) {
  for (const std::string_view line : SplitLines(table)) {
    const auto words = SplitWords(line);
    if (words.size() == 10 && words[0] == std::string(32, '0') && words[1] == "00" &&
        words[9] != "lo") {
      return true;
    }
  }
  return false;
}

}  // namespace

bool TunnelIsUp(const v1::Network& network) {
  return std::any_of(network.interfaces().begin(), network.interfaces().end(),
                     [](const v1::NetworkInterface& interface) {
                       return interface.kind() == v1::INTERFACE_KIND_TUNNEL && interface.up();
                     });
}

std::optional<v1::Network> ProbeNetwork(const World& world, const BusView& bus, Notes& notes) {
  const Root& root = world.root;
  v1::Network network;
  const auto names = root.List("sys/class/net");
  notes.Unreadable("network.macs", names.status());
  if (names.ok()) {
    for (const std::string& name : *names) {
      // Containers come and go with a pair of `veth` each.
      if (name == "lo" || name.rfind("veth", 0) == 0 ||
          !root.Exists("sys/class/net/" + name + "/type"))
        continue;
      if (network.interfaces_size() == kMaxInterfaces) break;
      *network.add_interfaces() = ReadInterface(root, name);
    }
  }
  constexpr std::size_t kMaxRoutes = 4 * 1024 * 1024;
  const auto routes4 = root.Read("proc/net/route", kMaxRoutes);
  const auto routes6 = root.Read("proc/net/ipv6_route", kMaxRoutes);
  if (routes4.ok() || routes6.ok()) {
    network.set_online((routes4.ok() && HasDefaultRoute4(*routes4)) ||
                       (routes6.ok() && HasDefaultRoute6(*routes6)));
  }
  for (const v1::NetworkInterface& interface : network.interfaces()) {
    const bool physical = interface.kind() == v1::INTERFACE_KIND_ETHERNET ||
                          interface.kind() == v1::INTERFACE_KIND_WIFI ||
                          interface.kind() == v1::INTERFACE_KIND_MOBILE;
    if (!physical || !interface.up() || !interface.has_mtu()) continue;
    if (!network.has_mtu() || interface.mtu() < network.mtu()) network.set_mtu(interface.mtu());
  }
  if (bus.connectivity) {
    network.set_connectivity(*bus.connectivity);
    network.set_captive_portal(*bus.connectivity == v1::CONNECTIVITY_PORTAL);
  }
  // Through a tunnel nobody stands in the way; without a way out nobody answers.
  if (world.portal && network.online() && !network.captive_portal() && !TunnelIsUp(network)) {
    if (const auto portal = world.portal()) network.set_captive_portal(*portal);
  }
  if (network.ByteSizeLong() == 0) return std::nullopt;
  return network;
}

}  // namespace parc::agent
