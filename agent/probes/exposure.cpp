#include <algorithm>
#include <array>
#include <set>

#include "agent/files/text.h"
#include "agent/probes/probes.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxTable = 4 * 1024 * 1024;
constexpr std::array<int, 4> kRemoteAdministration = {22, 445, 3389, 5900};

// Addresses stand in the kernel's own byte order, 32 bits at a time: 127.0.0.1 is 0100007F.
bool IsLoopback(std::string_view address) {
  constexpr std::string_view kLoopback6 = "00000000000000000000000001000000";
  constexpr std::string_view kMapped = "0000000000000000FFFF0000";
  if (address.size() == 8) return address.substr(6) == "7F";
  if (address == kLoopback6) return true;
  return address.size() == 32 && address.substr(0, 24) == kMapped && address.substr(30) == "7F";
}

}  // namespace

std::set<int> ExposedPorts(std::string_view table) {
  // sl local_address rem_address st …: state 0A listens.
  std::set<int> ports;
  for (const std::string_view line : SplitLines(table)) {
    const auto words = SplitWords(line);
    if (words.size() < 4 || words[3] != "0A") continue;
    const auto colon = words[1].find(':');
    if (colon == std::string_view::npos || IsLoopback(words[1].substr(0, colon))) continue;
    const auto port = ToInt<int>(words[1].substr(colon + 1), 16);
    if (!port || std::find(kRemoteAdministration.begin(), kRemoteAdministration.end(), *port) ==
                     kRemoteAdministration.end()) {
      continue;
    }
    ports.insert(*port);
  }
  return ports;
}

void ProbeExposure(const World& world, v1::Security& security, Notes& notes) {
  std::set<int> ports;
  bool any = false;
  for (const char* path : {"proc/net/tcp", "proc/net/tcp6"}) {
    const auto table = world.root.Read(path, kMaxTable);
    notes.Unreadable("listen.exposed", table.status());
    if (!table.ok()) continue;
    any = true;
    ports.merge(ExposedPorts(*table));
  }
  if (!any) return;
  v1::Ports& exposed = *security.mutable_exposed();
  for (const int port : ports) exposed.add_ports(port);
}

}  // namespace parc::agent
