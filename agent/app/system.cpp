#include "agent/app/system.h"

#include <fcntl.h>
#include <grp.h>
#include <openssl/rand.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <random>

#include "agent/files/durable.h"
#include "agent/files/text.h"
#include "agent/net/routes.h"
#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr const char* kUser = "parc-agent";

std::optional<KernelClock> ReadClock() {
  timex state{};
  if (adjtimex(&state) < 0) return std::nullopt;
  return KernelClock{(state.status & STA_UNSYNC) == 0, state.maxerror};
}

std::optional<Space> ReadSpace(const std::filesystem::path& path) {
  struct statvfs about {};
  if (statvfs(path.c_str(), &about) != 0 || about.f_blocks == 0) return std::nullopt;
  const auto unit = static_cast<std::int64_t>(about.f_frsize);
  return Space{static_cast<std::int64_t>(about.f_blocks) * unit,
               static_cast<std::int64_t>(about.f_bavail) * unit,
               static_cast<std::int64_t>(about.f_files), static_cast<std::int64_t>(about.f_favail)};
}

absl::Status BecomeUser(uid_t user, gid_t group) {
  if (setgroups(0, nullptr) != 0 || setgid(group) != 0 || setuid(user) != 0) {
    return absl::ErrnoToStatus(errno, "giving up root");
  }
  return absl::OkStatus();
}

}  // namespace

std::int64_t Now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

RandomBytes SystemRandomBytes() {
  return [](std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
      std::abort();  // a system without randomness can keep no secret either
    }
    return bytes;
  };
}

Dice SystemDice() {
  return [] {
    std::random_device device;
    return std::uniform_real_distribution<double>(0, 1)(device);
  };
}

World SystemWorld(const Root& root) {
  utsname names{};
  uname(&names);
  World world{root, names.machine, {}, ReadClock, {}};
  world.space = [top = root.path()](std::string_view path) {
    return ReadSpace(top / path.substr(1));
  };
  world.now = Now();
  world.route = RouteInterface;
  return world;
}

absl::StatusOr<std::string> ReadBootId(const Root& root) {
  return root.ReadWord("proc/sys/kernel/random/boot_id");
}

absl::Status EnterStateDirectory(const std::filesystem::path& directory) {
  struct stat about {};
  if (stat(directory.c_str(), &about) != 0) {
    PARC_TRY(MakePrivateDirectory(directory));
    // The one file that everybody may read has to be reached; names cannot be listed.
    if (chmod(directory.c_str(), 0711) != 0) return absl::ErrnoToStatus(errno, directory.string());
    const passwd* user = geteuid() == 0 ? getpwnam(kUser) : nullptr;
    if (user != nullptr && directory == "/var/lib/parc-agent" &&
        chown(directory.c_str(), user->pw_uid, user->pw_gid) != 0) {
      return absl::ErrnoToStatus(errno, "handing over the state directory");
    }
    if (stat(directory.c_str(), &about) != 0) {
      return absl::ErrnoToStatus(errno, directory.string());
    }
  }
  if (geteuid() == 0 && about.st_uid != 0) PARC_TRY(BecomeUser(about.st_uid, about.st_gid));
  if (access(directory.c_str(), R_OK | W_OK | X_OK) != 0) {
    return absl::PermissionDeniedError(
        fmt::format("{} belongs to another user: run this with sudo", directory.string()));
  }
  return absl::OkStatus();
}

}  // namespace parc::agent
