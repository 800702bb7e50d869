#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>

#include "agent/app/system.h"
#include "agent/files/durable.h"
#include "agent/files/text.h"
#include "agent/net/socket.h"
#include "agent/probes/packages.h"
#include "agent/probes/probes.h"
#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::int64_t kPeriod = std::int64_t{12} * 3600 * 1'000'000;
constexpr std::size_t kMaxOutput = 8 * 1024 * 1024;
constexpr std::size_t kMaxMemory = 64 * 1024;
constexpr std::string_view kPackage = "package.";
constexpr std::string_view kWaits = "waits.";

// At 19 and beside two busy processes of two processors apt had a hundredth of one, and did not end
// within a minute.
constexpr const char* kApt[] = {"/usr/bin/nice",      "-n",      "10",
                                "/usr/bin/apt-get",   "-s",      "-o",
                                "Debug::NoLocking=1", "upgrade", nullptr};
// By the lists that the system's own timer has fetched: nothing is downloaded.
constexpr const char* kDnf[] = {"/usr/bin/nice", "-n",   "10",        "/usr/bin/dnf", "-C",   "-q",
                                "updateinfo",    "list", "--updates", "--security",   nullptr};
constexpr const char* kDnf5[] = {
    "/usr/bin/nice", "-n",   "10",        "/usr/bin/dnf5", "-C",   "-q",
    "advisory",      "list", "--updates", "--security",    nullptr};
constexpr const char* kRpm[] = {"/usr/bin/nice",
                                "-n",
                                "10",
                                "/usr/bin/rpm",
                                "-qa",
                                "--queryformat",
                                "%{NAME}\\t%{VERSION}-%{RELEASE}\\n",
                                nullptr};

// Reads what the child writes; empty when it takes too long or writes too much.
std::optional<std::string> ReadOutput(int fd, Deadline deadline) {
  std::string output;
  char buffer[16 * 1024];
  while (WaitReadable(fd, deadline).ok()) {
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return output;
    output.append(buffer, static_cast<std::size_t>(got));
    if (output.size() > kMaxOutput) return std::nullopt;
  }
  return std::nullopt;
}

absl::StatusOr<std::string> Run(const char* const* arguments, Deadline deadline) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "pipe");
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  // Nothing of our own environment: its locale would change the words.
  const char* const environment[] = {"LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", nullptr};
  pid_t child = 0;
  const int error =
      posix_spawn(&child, arguments[0], &actions, nullptr, const_cast<char* const*>(arguments),
                  const_cast<char* const*>(environment));
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return absl::ErrnoToStatus(error, arguments[0]);
  writing.Close();
  const auto output = ReadOutput(reading.get(), deadline);
  if (!output) kill(child, SIGKILL);
  int state = 0;
  while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  if (!output) return absl::DeadlineExceededError("the package manager did not end in time");
  if (!WIFEXITED(state) || WEXITSTATUS(state) != 0) {
    return absl::UnavailableError("the package manager failed");
  }
  return *output;
}

// What is remembered of updates that wait.
std::string WaitingLines(const WaitingPackages& waiting,
                         const std::map<std::string, std::int64_t>& before, std::int64_t now) {
  std::string text = fmt::format("security={}\n", waiting.security.size());
  if (waiting.pending) text += fmt::format("pending={}\n", *waiting.pending);
  for (const auto& [name, since] : WaitingSince(before, waiting.security, now)) {
    text += fmt::format("{}{}={}\n", kWaits, name, since);
  }
  return text;
}

}  // namespace

UpdatesMemory RememberedUpdates(const std::filesystem::path& file) {
  UpdatesMemory memory;
  const auto text = ReadWhole(file, kMaxMemory);
  if (!text.ok()) return memory;
  auto values = ParseKeyValues(*text);
  memory.checked = ToInt<std::int64_t>(values["checked"]).value_or(0);
  const auto security = ToInt<int>(values["security"]);
  if (security && *security >= 0) {
    PendingUpdates& updates = memory.updates.emplace();
    if (values.count("pending") != 0) updates.pending = ToInt<int>(values["pending"]);
    updates.security = *security;
    for (const auto& [key, value] : values) {
      const auto since = ToInt<std::int64_t>(value);
      if (key.compare(0, kWaits.size(), kWaits) != 0 || !since || *since <= 0) continue;
      memory.waiting.emplace(key.substr(kWaits.size()), *since);
      const bool older = updates.security_since == 0 || *since < updates.security_since;
      if (older) updates.security_since = *since;
    }
  }
  if (values.count("rpm") != 0) {
    Packages& packages = memory.rpm_packages.emplace();
    for (const auto& [key, value] : values) {
      if (key.compare(0, kPackage.size(), kPackage) == 0) {
        packages.emplace(key.substr(kPackage.size()), value);
      }
    }
  }
  return memory;
}

bool UpdatesAreDue(const UpdatesMemory& memory, std::int64_t now) {
  return memory.checked > now || now - memory.checked >= kPeriod;
}

absl::Status AskPackageManager(const World& world, std::int64_t now,
                               const std::filesystem::path& file, Deadline deadline,
                               WhenLate when_late) {
  // A fixture tree has no programs to run.
  if (world.root.path() != "/") return absl::NotFoundError("this is no running system");
  std::string text;
  absl::Status asked;
  const auto before = RememberedUpdates(file).waiting;
  if (world.root.Exists("usr/bin/apt-get")) {
    const auto output = Run(kApt, deadline);
    asked = output.status();
    if (output.ok()) text += WaitingLines(ParseAptSimulation(*output), before, now);
  } else if (world.root.Exists("usr/bin/rpm")) {
    // The list comes first: whether there is a VPN client at all is told by it.
    const auto output = Run(kRpm, deadline);
    asked = output.status();
    if (output.ok()) {
      text += "rpm=1\n";
      for (const auto& [name, version] : ParseRpmList(*output)) {
        if (IsAskedFor(name, world)) text += fmt::format("{}{}={}\n", kPackage, name, version);
      }
    }
    const bool five = world.root.Exists("usr/bin/dnf5");
    if (five || world.root.Exists("usr/bin/dnf")) {
      const auto advisories = Run(five ? kDnf5 : kDnf, deadline);
      if (asked.ok()) asked = advisories.status();
      if (advisories.ok()) text += WaitingLines(ParseDnfAdvisories(*advisories), before, now);
    }
  } else {
    return absl::NotFoundError("there is neither apt-get nor rpm");
  }
  const bool counts = when_late == WhenLate::kCounts || !absl::IsDeadlineExceeded(asked);
  PARC_TRY(WriteDurably(file, fmt::format("checked={}\n{}", counts ? now : 0, text)));
  return asked;
}

absl::Status StartAskingForUpdates(const std::filesystem::path& config,
                                   const std::filesystem::path& state) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  // Whoever reads our output is not to wait for the end of it.
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);  // a closed terminal ends it not
  constexpr const char* kSelf = "/proc/self/exe";
  const char* const arguments[] = {kSelf,         "--config", config.c_str(), "--state-dir",
                                   state.c_str(), "updates",  nullptr};
  pid_t child = 0;
  const int error = posix_spawn(&child, kSelf, &actions, &attributes,
                                const_cast<char* const*>(arguments), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? absl::OkStatus() : absl::ErrnoToStatus(error, kSelf);
}

}  // namespace parc::agent
