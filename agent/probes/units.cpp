#include "agent/probes/units.h"

#include <array>

#include "fmt/format.h"

namespace parc::agent {

bool IsEnabled(const Root& root, std::string_view unit) {
  constexpr std::array<std::string_view, 6> kTargets = {
      "multi-user.target", "sysinit.target", "basic.target",
      "timers.target",     "sockets.target", "network-online.target"};
  for (const std::string_view target : kTargets) {
    for (const std::string_view folder : {"etc", "usr/lib", "lib"}) {
      if (root.HasName(fmt::format("{}/systemd/system/{}.wants/{}", folder, target, unit))) {
        return true;
      }
    }
  }
  return false;
}

bool IsInstanceEnabled(const Root& root, std::string_view template_name,
                       std::string_view instance) {
  return IsEnabled(root, fmt::format("{}{}.service", template_name, instance));
}

}  // namespace parc::agent
