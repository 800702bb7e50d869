#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
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

// When the package manager was asked last, and what it said; nothing when it failed.
struct UpdatesMemory {
  std::int64_t checked = 0;                       // UTC microseconds; 0: never
  std::optional<PendingUpdates> updates;          // by apt or dnf
  std::optional<Packages> rpm_packages{};         // by rpm: those that a probe asks about
  std::map<std::string, std::int64_t> waiting{};  // security updates, since when; UTC microseconds
};

// Kept in a file of the state directory.
UpdatesMemory RememberedUpdates(const std::filesystem::path& file);
// Every twelve hours: asking takes a second or two of the processor, so that reports do not wait
// for it.
bool UpdatesAreDue(const UpdatesMemory& memory, std::int64_t now);
// What becomes of a question that was not answered in time: it is due again at once, or after
// twelve hours like one that was answered.
enum class WhenLate { kDueAgain, kCounts };
// Runs apt's simulation or, where there is no apt-get, rpm's list and then dnf's of security
// advisories, niced, and remembers. NOT_FOUND where there is neither; DEADLINE_EXCEEDED, and
// whatever did end is remembered, when they had not ended by `deadline`.
absl::Status AskPackageManager(const World& world, std::int64_t now,
                               const std::filesystem::path& file, Deadline deadline,
                               WhenLate when_late);
// Starts `parc-agent updates` with these options in a process of its own, and does not wait for it.
absl::Status StartAskingForUpdates(const std::filesystem::path& config,
                                   const std::filesystem::path& state);

}  // namespace parc::agent
