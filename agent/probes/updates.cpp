#include <algorithm>
#include <array>

#include "agent/files/text.h"
#include "agent/probes/probes.h"

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
  if (updates.ByteSizeLong() == 0) return std::nullopt;
  return updates;
}

}  // namespace parc::agent
