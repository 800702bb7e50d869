#include "daemon/app/limits.h"

#include <sys/resource.h>

#include <algorithm>

namespace parc::app {
namespace {

constexpr rlim_t kWanted = 65'536;
constexpr std::size_t kLeast = 4;

}  // namespace

std::size_t RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlim_t wanted = std::min(limit.rlim_max, kWanted);
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = wanted;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    (void)getrlimit(RLIMIT_NOFILE, &limit);
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

bool FitConnections(Config& config, std::size_t descriptors) {
  rpc::AcceptLimits* const all[] = {&config.agent_limits, &config.gateway_limits,
                                    &config.people_limits};
  std::size_t sum = 0;
  for (const rpc::AcceptLimits* limits : all) sum += limits->total;
  const std::size_t room = descriptors / 2;
  if (sum <= room) return false;
  for (rpc::AcceptLimits* limits : all) {
    limits->total = std::max(limits->total * room / sum, kLeast);
  }
  return true;
}

}  // namespace parc::app
