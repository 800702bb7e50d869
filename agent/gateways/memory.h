#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "absl/status/status.h"
#include "agent/gateways/liveness.h"

namespace parc::agent {

// At most one probe of a gateway in this time, by every laptop.
inline constexpr std::int64_t kProbePeriod = 15LL * 60 * 1'000'000;

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

 private:
  std::filesystem::path file_;
};

// True when a gateway that was probed at `last` may be probed at `now`: after the period and
// `jitter` (0 to 1) of a tenth of it more. A time in the future is a clock that was set back.
bool MayProbe(std::int64_t last, std::int64_t now, double jitter);

}  // namespace parc::agent
