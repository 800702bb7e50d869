#include "agent/files/text.h"
#include "agent/probes/probes.h"

namespace parc::agent {

std::int64_t CoarseUptime(std::int64_t seconds) {
  constexpr std::int64_t kHour = 3600;
  constexpr std::int64_t kDay = 24 * kHour;
  return seconds - seconds % (seconds < kDay ? kHour : kDay);
}

std::optional<v1::Os> ProbeOs(const World& world, Notes& notes) {
  v1::Os os;
  auto release = world.root.Read("etc/os-release");
  if (absl::IsNotFound(release.status())) release = world.root.Read("usr/lib/os-release");
  if (release.ok()) {
    auto values = ParseKeyValues(*release);
    os.set_id(Printable(values["ID"]));
    os.set_name(Printable(values["PRETTY_NAME"]));
    os.set_version(Printable(values["VERSION_ID"]));
  } else {
    notes.Unreadable("os.id", release.status());
  }
  if (const auto kernel = world.root.ReadWord("proc/sys/kernel/osrelease"); kernel.ok()) {
    os.set_kernel(Printable(*kernel));
  }
  os.set_architecture(Printable(world.architecture));
  if (const auto uptime = world.root.ReadWord("proc/uptime"); uptime.ok()) {
    const std::string_view whole = std::string_view(*uptime).substr(0, uptime->find('.'));
    if (const auto seconds = ToInt<std::int64_t>(whole); seconds && *seconds >= 0) {
      os.set_uptime_seconds(CoarseUptime(*seconds));
    }
  }
  if (os.ByteSizeLong() == 0) return std::nullopt;
  return os;
}

}  // namespace parc::agent
