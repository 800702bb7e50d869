#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/gateways/liveness.h"
#include "agent/probes/world.h"
#include "agent/schedule/schedule.h"

// The real machine: what probes and schedules are given as arguments everywhere else.
namespace parc::agent {

// UTC microseconds.
std::int64_t Now();
RandomBytes SystemRandomBytes();
Dice SystemDice();

// The world below `root`, with this machine's clock.
World SystemWorld(const Root& root);

// The kernel's boot id; a damaged /proc gives an error.
absl::StatusOr<std::string> ReadBootId(const Root& root);

// Makes the state directory when it is missing. A process of root then goes on as the directory's
// owner, so that nothing in it belongs to root: the service does not run as root.
absl::Status EnterStateDirectory(const std::filesystem::path& directory);

// What apt's simulation said last, asked again every twelve hours: it takes a second or two, so
// that reports do not wait for it. Kept in a file of the state directory.
std::optional<PendingUpdates> RememberedUpdates(const std::filesystem::path& file);
bool UpdatesAreDue(const std::optional<PendingUpdates>& remembered, std::int64_t now);
// Runs the simulation, niced, for at most 60 seconds. NOT_FOUND where there is no apt-get.
absl::StatusOr<PendingUpdates> AskApt(const Root& root, std::int64_t now);
absl::Status RememberUpdates(const std::filesystem::path& file, const PendingUpdates& updates);

}  // namespace parc::agent
