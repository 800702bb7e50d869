#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "agent/probes/notes.h"
#include "agent/probes/packages.h"
#include "agent/probes/world.h"
#include "parc/v1/facts.pb.h"

// Probes: what a laptop is, by files below a root. Each is a function of its arguments; nothing is
// executed or changed. A section without any fact is absent.
//
// Values that move by themselves are told coarsely, so that an idle laptop's report stays the same:
// uptime in hours on the first day and in days later, free space in whole percent of the file
// system, the clock's error in powers of ten.
namespace parc::agent {

std::optional<v1::Os> ProbeOs(const World& world, Notes& notes);
std::optional<v1::Hardware> ProbeHardware(const World& world, Notes& notes);
std::optional<v1::Storage> ProbeStorage(const World& world, Notes& notes);
std::optional<v1::Network> ProbeNetwork(const World& world, const BusView& bus, Notes& notes);
std::optional<v1::Security> ProbeSecurity(const World& world, const BusView& bus,
                                          const InstalledPackages& packages, Notes& notes);
std::optional<v1::Updates> ProbeUpdates(const World& world, Notes& notes);
std::optional<v1::Clock> ProbeClock(const World& world);

// The parts of the section security, one for each row of the catalogue.
void ProbeExposure(const World& world, v1::Security& security, Notes& notes);
void ProbeScreenLock(const World& world, v1::Security& security, Notes& notes);
void ProbeAccounts(const World& world, v1::Security& security, Notes& notes);
void ProbeAntivirus(const World& world, const Packages& packages, v1::Security& security);

// The way through the VPN, by interfaces, by what the kernel's routes say and by where names are
// asked for.
v1::VpnTunnel ProbeTunnel(const World& world, const v1::Network& network, const BusView& bus);

// True when a tunnel is up: gateways are then left in peace.
bool TunnelIsUp(const v1::Network& network);

// The rounding of volatile values.
std::int64_t CoarseUptime(std::int64_t seconds);
std::int64_t CoarseFree(const Space& space);
std::int64_t CoarseClockError(std::int64_t micros);

// Updates that wait.
struct WaitingPackages {
  std::optional<int> pending;
  std::set<std::string> security;  // names of packages

  bool operator==(const WaitingPackages&) const = default;
};
// Reads the output of `LC_ALL=C apt-get -s upgrade`: which packages wait, and which of them come
// from a security archive.
WaitingPackages ParseAptSimulation(std::string_view output);
// Reads the output of `LC_ALL=C dnf -q updateinfo list --updates --security`, of dnf 4 or 5.
WaitingPackages ParseDnfAdvisories(std::string_view output);
// Since when each package has waited: as `before` says, else since `now`. At most 512.
std::map<std::string, std::int64_t> WaitingSince(const std::map<std::string, std::int64_t>& before,
                                                 const std::set<std::string>& waiting,
                                                 std::int64_t now);

// Ports of remote administration that listen on more than loopback, by /proc/net/tcp or tcp6.
std::set<int> ExposedPorts(std::string_view table);

// Of /etc/shadow: counts, never names.
struct ShadowFacts {
  std::optional<bool> root_locked;
  int open = 0;  // accounts with nothing in the field of the hash
};
ShadowFacts ParseShadow(std::string_view text);
// Distinct members of sudo, wheel and admin in /etc/group.
int CountAdministrators(std::string_view text);

// True when kernel release `a` is older than `b` by the numbers before the flavour: 6.1.0-9-amd64
// is older than 6.1.0-18-cloud-amd64.
bool OlderKernel(std::string_view a, std::string_view b);

}  // namespace parc::agent
