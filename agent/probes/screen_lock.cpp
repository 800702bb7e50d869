#include <algorithm>
#include <optional>
#include <set>

#include "agent/files/ini.h"
#include "agent/files/text.h"
#include "agent/probes/probes.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxSettingBytes = 256 * 1024;
constexpr int kMaxDelay = 86'400;

// What an administrator set, and what users cannot change.
struct Policy {
  std::optional<bool> locks;
  std::optional<int> idle;
  int lock_delay = 0;
  bool fixed = false;
};

bool IsTrue(std::string_view value) { return Lower(Trim(value)) == "true"; }

// "uint32 300" or "300".
std::optional<int> Seconds(std::string_view value) {
  const auto words = SplitWords(value);
  return words.empty() ? std::nullopt : ToInt<int>(words.back());
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// dconf's system databases: /etc/dconf/db/NAME.d holds keyfiles, its `locks` folder what nobody may
// change.
Policy ReadDconf(const Root& root, bool& found) {
  Policy policy;
  std::set<std::string> locked;
  const auto databases = root.List("etc/dconf/db");
  if (!databases.ok()) return policy;
  for (const std::string& database : *databases) {
    if (!EndsWith(database, ".d")) continue;
    const std::string folder = "etc/dconf/db/" + database;
    const auto files = root.List(folder);
    if (!files.ok()) continue;
    for (const std::string& file : *files) {
      const auto text = root.ReadHostile(folder, file, kMaxSettingBytes);
      if (!text.ok()) continue;
      ReadIni(*text, [&](std::string_view section, std::string_view key, std::string_view value) {
        const bool saver = section == "org/gnome/desktop/screensaver";
        if (saver && key == "lock-enabled") policy.locks = IsTrue(value), found = true;
        if (saver && key == "lock-delay") policy.lock_delay = Seconds(value).value_or(0);
        if (section == "org/gnome/desktop/session" && key == "idle-delay") {
          policy.idle = Seconds(value);
        }
      });
    }
    const auto locks = root.List(folder + "/locks");
    if (!locks.ok()) continue;
    for (const std::string& file : *locks) {
      const auto text = root.ReadHostile(folder + "/locks", file, kMaxSettingBytes);
      if (!text.ok()) continue;
      for (const std::string_view line : SplitLines(*text)) locked.emplace(Trim(line));
    }
  }
  policy.fixed = locked.count("/org/gnome/desktop/screensaver/lock-enabled") != 0 &&
                 locked.count("/org/gnome/desktop/session/idle-delay") != 0;
  return policy;
}

// KDE marks what users cannot change by [$i], behind a key or a group.
Policy ReadKde(const Root& root, bool& found) {
  Policy policy;
  const auto text = root.ReadHostile("etc/xdg", "kscreenlockerrc", kMaxSettingBytes);
  if (!text.ok()) return policy;
  bool autolock_fixed = false;
  bool timeout_fixed = false;
  const bool all_fixed = text->find("[$i]\n") == 0;
  ReadIni(*text, [&](std::string_view section, std::string_view key, std::string_view value) {
    const bool group_fixed = EndsWith(section, "[$i");
    if (section.substr(0, 6) != "Daemon") return;
    const bool fixed = all_fixed || group_fixed || EndsWith(key, "[$i]");
    const std::string_view name = key.substr(0, key.find('['));
    if (name == "Autolock") policy.locks = IsTrue(value), autolock_fixed = fixed, found = true;
    if (name == "LockGrace") policy.lock_delay = Seconds(value).value_or(0);
    if (name == "Timeout") {
      policy.idle = Seconds(value).value_or(0) * 60;  // minutes
      timeout_fixed = fixed;
    }
  });
  policy.fixed = autolock_fixed && timeout_fixed;
  return policy;
}

std::optional<int> SpanSeconds(std::string_view text) {
  int factor = 1;
  text = Trim(text);
  for (const auto& [unit, seconds] : {std::pair<std::string_view, int>{"min", 60},
                                      {"sec", 1},
                                      {"s", 1},
                                      {"m", 60},
                                      {"h", 3600}}) {
    if (!EndsWith(text, unit)) continue;
    text = Trim(text.substr(0, text.size() - unit.size()));
    factor = seconds;
    break;
  }
  const auto number = ToInt<int>(text);
  if (!number || *number < 0 || *number > kMaxDelay) return std::nullopt;
  return *number * factor;
}

// logind locks idle sessions of every desktop that tells it about idleness.
Policy ReadLogind(const Root& root, bool& found) {
  Policy policy;
  const auto take = [&](const absl::StatusOr<std::string>& text) {
    if (!text.ok()) return;
    ReadIni(*text, [&](std::string_view section, std::string_view key, std::string_view value) {
      if (section != "Login") return;
      if (key == "IdleAction") policy.locks = value == "lock", found = true;
      if (key == "IdleActionSec") policy.idle = SpanSeconds(value);
    });
  };
  take(root.Read("etc/systemd/logind.conf", kMaxSettingBytes));
  constexpr std::string_view kFolder = "etc/systemd/logind.conf.d";
  if (const auto files = root.List(kFolder); files.ok()) {
    for (const std::string& file : *files) {
      if (EndsWith(file, ".conf")) take(root.ReadHostile(kFolder, file, kMaxSettingBytes));
    }
  }
  if (policy.locks.value_or(false) && !policy.idle) policy.idle = 1800;  // logind.conf(5)
  policy.fixed = true;
  return policy;
}

}  // namespace

void ProbeScreenLock(const World& world, v1::Security& security, Notes& notes) {
  bool found = false;
  std::optional<int> shortest;
  for (const Policy& policy :
       {ReadDconf(world.root, found), ReadKde(world.root, found), ReadLogind(world.root, found)}) {
    // An idle time of zero never comes.
    if (!policy.fixed || !policy.locks.value_or(false) || policy.idle.value_or(0) <= 0) continue;
    const int delay =
        std::clamp(*policy.idle, 1, kMaxDelay) + std::clamp(policy.lock_delay, 0, kMaxDelay);
    shortest = std::min(shortest.value_or(delay), delay);
  }
  if (shortest) {
    security.set_screen_lock_enforced(true);
    security.set_screen_lock_seconds(*shortest);
  } else if (found) {
    security.set_screen_lock_enforced(false);
  } else {
    // What users chose for themselves is theirs, and not read.
    notes.Unreadable("screen_lock.enforced",
                     "no policy is set, and users' own settings are not read");
  }
}

}  // namespace parc::agent
