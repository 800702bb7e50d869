#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agent/files/root.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

struct Space {
  std::int64_t total = 0;
  std::int64_t free = 0;    // what an ordinary user may fill
  std::int64_t inodes = 0;  // 0 where there is no table of inodes
  std::int64_t free_inodes = 0;
};

struct KernelClock {
  bool synchronised = false;
  std::int64_t max_error_micros = 0;
};

// What the package manager's own simulation said.
struct PendingUpdates {
  std::optional<int> pending;  // nothing where it was asked for security updates only
  int security = 0;
  // Since when the laptop has known of the security update that waits longest, UTC microseconds;
  // 0: none waits, or nobody knows.
  std::int64_t security_since = 0;

  bool operator==(const PendingUpdates&) const = default;
};

// The certificate that the agent reports with; UTC microseconds.
struct OwnCertificate {
  std::int64_t not_after = 0;
  std::int64_t renew_at = 0;
};

// What the services of the system say over D-Bus; absent is what nobody says.
struct BusView {
  std::optional<v1::Connectivity> connectivity;
  std::optional<bool> vpn_active;  // NetworkManager has an active VPN connection
  std::optional<bool> firewalld_running;
  std::map<int, int> name_servers;  // interface index → how many resolved asks there
  bool has_resolved = false;        // `name_servers` was answered
};

// Versions by package name.
using Packages = std::map<std::string, std::string, std::less<>>;

// What is known of packages by the programs that manage them.
struct PackageAnswer {
  std::optional<PendingUpdates> updates;
  std::optional<Packages> rpm_packages;
  bool late = false;  // it was asked, and did not end in time
};

// All that probes may see. The functions may be empty: the fact is then absent.
struct World {
  const Root& root;
  std::string architecture;  // as uname(2) says
  // Of the file system that holds the path; nothing when there is no such path.
  std::function<std::optional<Space>(std::string_view path)> space;
  std::function<std::optional<KernelClock>()> clock;
  std::optional<PendingUpdates> updates;
  std::int64_t now = 0;         // UTC microseconds; 0 when it does not matter
  std::int64_t not_before = 0;  // a time that is known to be past, UTC microseconds
  // Which interface the kernel would send a packet to this address by; nothing when it would send
  // none. Nothing is sent.
  std::function<std::optional<std::string>(const std::string& address)> route{};
  // What `rpm` listed, on systems that have it.
  std::optional<Packages> rpm_packages{};
  // Packages that the configuration names beside those that come with the agent.
  std::vector<std::string> tools{};
  std::optional<OwnCertificate> own_certificate{};
  // Whether something else answers in the place of the Internet, see AskForPortal. Called while
  // there is a way out and no tunnel.
  std::function<std::optional<bool>()> portal{};
};

}  // namespace parc::agent
