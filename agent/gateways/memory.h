#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "agent/gateways/liveness.h"

namespace parc::agent {

// What gateways answered last, and when they may be asked again. Kept in a file, since every report
// is a process of its own.
class GatewayMemory {
 public:
  explicit GatewayMemory(std::filesystem::path file) : file_(std::move(file)) {}

  // The facts of `gateways` (sorted, each once, at most 8 of them): those that may be asked are
  // asked, unless a tunnel is up; of the others the last answer. Times of probing are left out of
  // what is returned.
  std::vector<v1::VpnGateway> Facts(const std::vector<Gateway>& gateways, bool tunnel_up,
                                    const Liveness& options);

  // The same with the gateways' keys.
  std::vector<v1::VpnGateway> KeyedFacts(const std::vector<KeyedGateway>& gateways, bool tunnel_up,
                                         const Liveness& options);

 private:
  using Probe = std::function<std::vector<v1::VpnGateway>(const std::vector<std::size_t>& due)>;
  std::vector<v1::VpnGateway> Remember(const std::vector<Gateway>& gateways, bool tunnel_up,
                                       const Liveness& options, const Probe& probe);

  std::filesystem::path file_;
};

// True when a gateway that was probed at `last` may be probed at `now`: after the period and
// `jitter` (0 to 1) of a tenth of it more. A time in the future is a clock that was set back.
bool MayProbe(std::int64_t last, std::int64_t now, double jitter,
              std::int64_t period = kProbePeriod);

}  // namespace parc::agent
