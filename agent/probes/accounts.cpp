#include <algorithm>
#include <array>
#include <set>

#include "agent/files/text.h"
#include "agent/probes/probes.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxAccountBytes = 4 * 1024 * 1024;

}  // namespace

ShadowFacts ParseShadow(std::string_view text) {
  ShadowFacts facts;
  for (const std::string_view line : SplitLines(text)) {
    const auto fields = Split(line, ':');
    if (fields.size() < 2 || fields[0].empty()) continue;
    const std::string_view field = fields[1];
    if (field.empty()) ++facts.open;
    if (fields[0] == "root") {
      facts.root_locked = !field.empty() && (field.front() == '!' || field.front() == '*');
    }
  }
  return facts;
}

int CountAdministrators(std::string_view text) {
  constexpr std::array<std::string_view, 3> kGroups = {"sudo", "wheel", "admin"};
  std::set<std::string_view> members;
  for (const std::string_view line : SplitLines(text)) {
    const auto fields = Split(line, ':');
    if (fields.size() < 4 ||
        std::find(kGroups.begin(), kGroups.end(), fields[0]) == kGroups.end()) {
      continue;
    }
    for (const std::string_view member : Split(fields[3], ',')) {
      if (!Trim(member).empty()) members.insert(Trim(member));
    }
  }
  return static_cast<int>(members.size());
}

void ProbeAccounts(const World& world, v1::Security& security, Notes& notes) {
  const auto shadow = world.root.Read("etc/shadow", kMaxAccountBytes);
  notes.Unreadable("root.locked", shadow.status());
  notes.Unreadable("accounts.open", shadow.status());
  if (shadow.ok()) {
    const ShadowFacts facts = ParseShadow(*shadow);
    if (facts.root_locked) security.set_root_locked(*facts.root_locked);
    security.set_open_accounts(facts.open);
  }
  const auto groups = world.root.Read("etc/group", kMaxAccountBytes);
  notes.Unreadable("accounts.administrators", groups.status());
  if (groups.ok()) security.set_administrators(CountAdministrators(*groups));
}

}  // namespace parc::agent
