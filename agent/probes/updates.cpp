#include <algorithm>
#include <array>

#include "agent/files/text.h"
#include "agent/probes/probes.h"
#include "agent/probes/units.h"

namespace parc::agent {
namespace {

// The numbers at the start of a kernel release: 6.1.0-18-amd64 → {6, 1, 0, 18}.
std::vector<long> Numbers(std::string_view release) {
  std::vector<long> numbers;
  while (!release.empty()) {
    const auto end = std::min(release.find_first_not_of("0123456789"), release.size());
    const auto number = ToInt<long>(release.substr(0, end));
    if (!number) break;
    numbers.push_back(*number);
    release.remove_prefix(std::min(end + 1, release.size()));
  }
  return numbers;
}

bool RebootRequired(const Root& root) {
  if (root.Exists("run/reboot-required")) return true;
  const auto running = root.ReadWord("proc/sys/kernel/osrelease");
  const auto installed = root.List("lib/modules");
  if (!running.ok() || !installed.ok()) return false;
  // A folder without modules.dep is what a removed kernel leaves behind.
  return std::any_of(installed->begin(), installed->end(), [&](const std::string& release) {
    return OlderKernel(*running, release) && root.Exists("lib/modules/" + release + "/modules.dep");
  });
}

// apt.conf(5): `APT::Periodic::Unattended-Upgrade "1";`, the later file wins; dnf-automatic by its
// timer, which installs only when its configuration says so.
std::optional<bool> Automatic(const Root& root) {
  constexpr std::size_t kMaxBytes = 256 * 1024;
  constexpr std::string_view kFolder = "etc/apt/apt.conf.d";
  constexpr std::string_view kKey = "apt::periodic::unattended-upgrade";
  if (root.Exists("usr/bin/dnf") || root.Exists("usr/bin/dnf5")) {
    if (IsEnabled(root, "dnf-automatic-install.timer")) return true;
    if (!IsEnabled(root, "dnf-automatic.timer") && !IsEnabled(root, "dnf5-automatic.timer")) {
      return false;
    }
    for (const char* const file :
         {"etc/dnf/automatic.conf", "etc/dnf/dnf5-plugins/automatic.conf"}) {
      if (const auto text = root.Read(file, kMaxBytes); text.ok()) {
        const std::string apply = Lower(ParseKeyValues(*text)["apply_updates"]);
        if (apply == "yes" || apply == "true" || apply == "1") return true;
      }
    }
    return false;
  }
  const auto files = root.List(kFolder);
  if (!files.ok()) return std::nullopt;
  bool automatic = false;
  for (const std::string& file : *files) {
    const auto text = root.ReadHostile(kFolder, file, kMaxBytes);
    if (!text.ok()) continue;
    for (const std::string_view raw : SplitLines(*text)) {
      const std::string line = Lower(Trim(raw));
      if (line.compare(0, kKey.size(), kKey) != 0) continue;
      std::string value;
      for (const char c : line.substr(kKey.size())) {
        if (c != '"' && c != ';' && c != ' ' && c != '\t') value.push_back(c);
      }
      automatic = !value.empty() && value != "0" && value != "false" && value != "no";
    }
  }
  return automatic && root.Exists("usr/bin/unattended-upgrade");
}

}  // namespace

bool OlderKernel(std::string_view a, std::string_view b) { return Numbers(a) < Numbers(b); }

PendingUpdates ParseAptSimulation(std::string_view output) {
  PendingUpdates updates;
  // Inst openssl [3.0.11-1] (3.0.14-1~deb12u2 Debian-Security:12/stable-security [amd64])
  for (const std::string_view line : SplitLines(output)) {
    if (line.substr(0, 5) != "Inst ") continue;
    ++updates.pending;
    const auto open = line.find('(');
    if (open == std::string_view::npos) continue;
    const std::string origin = Lower(line.substr(open));
    if (origin.find("debian-security") != std::string::npos ||
        origin.find("-security") != std::string::npos) {
      ++updates.security;
    }
  }
  return updates;
}

std::optional<v1::Updates> ProbeUpdates(const World& world, Notes& notes) {
  const Root& root = world.root;
  v1::Updates updates;
  constexpr std::array<std::string_view, 4> kStamps = {"var/lib/apt/periodic/update-success-stamp",
                                                       "var/lib/apt/lists", "var/cache/libdnf5",
                                                       "var/cache/dnf"};
  for (const std::string_view stamp : kStamps) {
    const auto about = root.Stat(stamp);
    notes.Unreadable("updates.refreshed", about.status());
    if (!about.ok()) continue;
    updates.mutable_refreshed_time()->set_seconds(about->st_mtim.tv_sec);
    break;
  }
  if (world.updates) {
    updates.set_pending(world.updates->pending);
    updates.set_security_pending(world.updates->security);
  } else if (root.Exists("usr/bin/dnf") || root.Exists("usr/bin/dnf5")) {
    notes.Unreadable("updates.security_pending", "this version asks apt only");
    notes.Unreadable("updates.pending", "this version asks apt only");
  }
  if (root.Exists("run") || root.Exists("lib/modules")) {
    updates.set_reboot_required(RebootRequired(root));
  }
  if (const auto automatic = Automatic(root)) updates.set_automatic(*automatic);
  if (updates.ByteSizeLong() == 0) return std::nullopt;
  return updates;
}

}  // namespace parc::agent
