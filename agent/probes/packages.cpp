#include "agent/probes/packages.h"

#include <algorithm>
#include <array>

#include "agent/files/text.h"
#include "agent/probes/tools.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxStatus = 64 * 1024 * 1024;

// Asked for by probes: VPN clients and protection against malware.
constexpr std::array<std::string_view, 22> kOfProbes = {"openvpn",
                                                        "wireguard-tools",
                                                        "strongswan-starter",
                                                        "strongswan-swanctl",
                                                        "charon-cmd",
                                                        "strongswan-nm",
                                                        "strongswan",
                                                        "openconnect",
                                                        "openfortivpn",
                                                        "clamav-freshclam",
                                                        "clamav-update",
                                                        "clamav-daemon",
                                                        "mdatp",
                                                        "falcon-sensor",
                                                        "sentinelagent",
                                                        "harfanglab-agent",
                                                        "esets",
                                                        "wazuh-agent",
                                                        "cortex-agent",
                                                        "unattended-upgrades",
                                                        "strongswan-charon-nm",
                                                        "network-manager-strongswan"};

// Paragraphs of `Key: value` lines with an empty line between them (deb822(5)).
class StatusReader {
 public:
  explicit StatusReader(const World& world) : world_(world) {}

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

  Packages Finish() {
    if (installed_ && IsAskedFor(package_, world_)) {
      found_.emplace(Printable(package_), Printable(version_));
    }
    package_.clear();
    version_.clear();
    installed_ = false;
    return found_;
  }

 private:
  const World& world_;
  std::string package_;
  std::string version_;
  bool installed_ = false;
  Packages found_;
};

}  // namespace

bool IsAskedFor(std::string_view package, const World& world) {
  return std::find(kOfProbes.begin(), kOfProbes.end(), package) != kOfProbes.end() ||
         !ToolOfPackage(package, world).empty();
}

Packages ParseRpmList(std::string_view output) {
  Packages packages;
  for (const std::string_view line : SplitLines(output)) {
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos || tab == 0) continue;
    packages.emplace(Printable(line.substr(0, tab)), Printable(line.substr(tab + 1)));
  }
  return packages;
}

InstalledPackages ReadPackages(const World& world) {
  InstalledPackages packages;
  StatusReader reader(world);
  const auto read = world.root.ReadLines("var/lib/dpkg/status", kMaxStatus,
                                         [&](std::string_view line) { reader.Take(line); });
  if (read.ok()) {
    packages.versions = reader.Finish();
    packages.known = true;
  } else if (!absl::IsNotFound(read)) {
    packages.failure = read;
  } else if (world.rpm_packages) {
    packages.versions = *world.rpm_packages;
    packages.known = true;
  }
  return packages;
}

}  // namespace parc::agent
