#pragma once

#include <chrono>
#include <optional>

// What the service manager is told; nothing happens when there is none.
namespace parc::app {

void NotifyReady();
void NotifyStopping();
void NotifyWatchdog();
// How often it wants to hear NotifyWatchdog; nothing when it does not watch.
std::optional<std::chrono::milliseconds> WatchdogInterval();

}  // namespace parc::app
