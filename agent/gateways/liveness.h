#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agent/net/socket.h"
#include "agent/vpn/find.h"
#include "agent/vpn/profile.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

// Gives that many unpredictable bytes.
using RandomBytes = std::function<std::string(std::size_t count)>;

// At most one probe of a gateway in this time, by every laptop.
inline constexpr std::int64_t kProbePeriod = 15LL * 60 * 1'000'000;

struct Liveness {
  Resolver resolve = Resolve;
  RandomBytes random;
  std::int64_t now = 0;  // UTC microseconds
  std::chrono::milliseconds resolve_within{3000};
  std::chrono::milliseconds answer_within{2500};
  int tries = 2;  // one retry at most: a gateway answers few strangers a second
  // Certificates that a TLS gateway may be known by when its profile says nothing; empty: the
  // system's.
  std::string trusted_file;
  // How long a gateway is left in peace between two probes; the server may ask for more.
  std::int64_t period = kProbePeriod;
  // Nothing is waited for beyond it. What was cut short is UNKNOWN, never SILENT or REFUSED.
  Deadline end{std::chrono::hours(1)};
};

// Asks one gateway the first question of its protocol. At most resolve_within + tries ×
// answer_within, and not beyond `end`. Without a time of probing when there was no time to ask.
v1::VpnGateway ProbeGateway(const Gateway& gateway, const Liveness& options);

// Asks with the key that the gateway's own clients have: what proves the key answers AUTHENTICATED.
// UNKNOWN when no question can be built with it.
v1::VpnGateway ProbeKeyedGateway(const KeyedGateway& gateway, const Liveness& options);

// All of them at the same time, sorted as in the facts.
std::vector<v1::VpnGateway> ProbeGateways(const std::vector<Gateway>& gateways,
                                          const Liveness& options);

// Rounded up to 1, 2 or 5 times a power of ten of milliseconds, so that a report does not change
// with every packet.
std::int64_t CoarseLatency(std::int64_t micros);

}  // namespace parc::agent
