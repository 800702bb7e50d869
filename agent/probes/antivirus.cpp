#include <algorithm>
#include <array>

#include "agent/files/text.h"
#include "agent/probes/packages.h"
#include "agent/probes/probes.h"
#include "agent/probes/units.h"

namespace parc::agent {
namespace {

struct Vendor {
  std::string_view package;
  std::string_view unit;
};

// Agents of vendors, by the packages and units that their Linux editions install.
constexpr std::array<Vendor, 7> kVendors = {{
    {"mdatp", "mdatp.service"},
    {"falcon-sensor", "falcon-sensor.service"},
    {"sentinelagent", "sentinelone.service"},
    {"harfanglab-agent", "hurukai.service"},
    {"esets", "eea.service"},
    {"wazuh-agent", "wazuh-agent.service"},
    {"cortex-agent", "traps_pmd.service"},
}};

// The newest of clamav's databases.
std::int64_t SignatureTime(const Root& root) {
  constexpr std::array<std::string_view, 4> kFiles = {
      "var/lib/clamav/daily.cld", "var/lib/clamav/daily.cvd", "var/lib/clamav/main.cvd",
      "var/lib/clamav/main.cld"};
  std::int64_t newest = 0;
  for (const std::string_view file : kFiles) {
    if (const auto about = root.Stat(file); about.ok()) {
      newest = std::max<std::int64_t>(newest, about->st_mtim.tv_sec);
    }
  }
  return newest;
}

}  // namespace

void ProbeAntivirus(const World& world, const Packages& packages, v1::Security& security) {
  const Root& root = world.root;
  for (const Vendor& vendor : kVendors) {
    if (packages.find(vendor.package) == packages.end()) continue;
    security.set_antivirus_tool(std::string(vendor.package));
    security.set_antivirus_enabled(IsEnabled(root, vendor.unit));
    return;
  }
  if (packages.find("clamav-freshclam") == packages.end() &&
      packages.find("clamav-update") == packages.end() &&
      packages.find("clamav-daemon") == packages.end() && !root.Exists("usr/bin/freshclam")) {
    return;
  }
  security.set_antivirus_tool("clamav");
  security.set_antivirus_enabled(IsEnabled(root, "clamav-freshclam.service") ||
                                 IsEnabled(root, "clamav-daemon.service") ||
                                 IsEnabled(root, "clamd@scan.service"));
  if (const std::int64_t time = SignatureTime(root); time > 0) {
    security.mutable_antivirus_signatures_time()->set_seconds(time);
  }
}

}  // namespace parc::agent
