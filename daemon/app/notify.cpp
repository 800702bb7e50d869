#include "daemon/app/notify.h"

#include <systemd/sd-daemon.h>

#include <cstdint>

namespace parc::app {

void NotifyReady() { sd_notify(0, "READY=1\nSTATUS=Serving"); }
void NotifyStopping() { sd_notify(0, "STOPPING=1\nSTATUS=Writing what waits"); }
void NotifyWatchdog() { sd_notify(0, "WATCHDOG=1"); }

std::optional<std::chrono::milliseconds> WatchdogInterval() {
  std::uint64_t micros = 0;
  if (sd_watchdog_enabled(0, &micros) <= 0) return std::nullopt;
  return std::chrono::milliseconds(micros / 1000);
}

}  // namespace parc::app
