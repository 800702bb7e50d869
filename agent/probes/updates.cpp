#include <algorithm>
#include <array>

#include "agent/files/text.h"
#include "agent/probes/probes.h"
#include "agent/probes/units.h"

namespace parc::agent {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

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

bool HasDnf(const Root& root) { return root.Exists("usr/bin/dnf") || root.Exists("usr/bin/dnf5"); }

// apt.conf(5): `APT::Periodic::Unattended-Upgrade "1";`, the later file wins; dnf-automatic by its
// timer, which installs only when its configuration says so.
std::optional<bool> Automatic(const Root& root) {
  constexpr std::size_t kMaxBytes = 256 * 1024;
  constexpr std::string_view kFolder = "etc/apt/apt.conf.d";
  constexpr std::string_view kKey = "apt::periodic::unattended-upgrade";
  if (HasDnf(root)) {
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

WaitingPackages ParseAptSimulation(std::string_view output) {
  WaitingPackages waiting;
  waiting.pending = 0;
  // Inst openssl [3.0.11-1] (3.0.14-1~deb12u2 Debian-Security:12/stable-security [amd64])
  for (const std::string_view line : SplitLines(output)) {
    if (line.substr(0, 5) != "Inst ") continue;
    ++*waiting.pending;
    const auto open = line.find('(');
    if (open == std::string_view::npos) continue;
    const std::string origin = Lower(line.substr(open));
    if (origin.find("debian-security") != std::string::npos ||
        origin.find("-security") != std::string::npos) {
      waiting.security.emplace(SplitWords(line)[1]);
    }
  }
  return waiting;
}

WaitingPackages ParseDnfAdvisories(std::string_view output) {
  WaitingPackages waiting;
  // 4: FEDORA-2024-8d2a5b6c19 Important/Sec. openssl-1:3.1.1-4.fc39.x86_64
  // 5: FEDORA-2024-8d2a5b6c19 security Important openssl-1:3.1.1-4.fc39.x86_64 2024-05-01 …
  constexpr std::string_view kFour = "/Sec.";
  for (const std::string_view line : SplitLines(output)) {
    const auto words = SplitWords(line);
    std::string_view package;
    if (words.size() >= 3 && words[1].ends_with(kFour)) package = words[2];
    if (words.size() >= 4 && words[1] == "security") package = words[3];
    // NAME-VERSION-RELEASE.ARCHITECTURE: several advisories may be about one package.
    for (int part = 0; part < 2; ++part) {
      const auto dash = package.rfind('-');
      package = dash == std::string_view::npos ? "" : package.substr(0, dash);
    }
    if (!package.empty()) waiting.security.emplace(package);
  }
  return waiting;
}

std::map<std::string, std::int64_t> WaitingSince(const std::map<std::string, std::int64_t>& before,
                                                 const std::set<std::string>& waiting,
                                                 std::int64_t now) {
  constexpr std::size_t kMost = 512;
  std::map<std::string, std::int64_t> since;
  for (const std::string& name : waiting) {
    if (since.size() == kMost) break;
    const auto known = before.find(name);
    // A time in the future is a clock that was set back.
    since.emplace(name, known == before.end() ? now : std::min(known->second, now));
  }
  return since;
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
    if (world.updates->pending) updates.set_pending(*world.updates->pending);
    updates.set_security_pending(world.updates->security);
    if (world.updates->security > 0 && world.updates->security_since > 0) {
      updates.mutable_security_since_time()->set_seconds(world.updates->security_since / kSecond);
    }
  } else if (HasDnf(root)) {
    notes.Unreadable("updates.security_pending", "dnf could not tell by what it has at hand");
  }
  if (HasDnf(root) && !updates.has_pending()) {
    notes.Unreadable("updates.pending", "dnf is asked for security updates only");
  }
  if (root.Exists("run") || root.Exists("lib/modules")) {
    updates.set_reboot_required(RebootRequired(root));
  }
  if (const auto automatic = Automatic(root)) updates.set_automatic(*automatic);
  if (updates.ByteSizeLong() == 0) return std::nullopt;
  return updates;
}

}  // namespace parc::agent
