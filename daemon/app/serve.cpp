#include "daemon/app/serve.h"

#include <unistd.h>

#include <memory>

#include "daemon/app/daemon.h"
#include "daemon/app/exit_codes.h"
#include "daemon/app/limits.h"
#include "daemon/app/logging.h"
#include "daemon/inventory/reason.h"
#include "daemon/rpc/grpc_log.h"

namespace parc::app {
namespace {

// When a broken disk does not even let the daemon end, the service manager starts it anew.
constexpr unsigned kSecondsToEnd = 20;

}  // namespace

int Serve(const Config& given) {
  Config config = given;
  const std::shared_ptr<spdlog::logger> log = MakeLog(config.log_level, config.log_format);
  rpc::RouteGrpcLog(log);
  const std::size_t descriptors = RaiseDescriptorLimit();
  if (FitConnections(config, descriptors)) {
    log->warn("limits.shrunk descriptors={} agent_connections={}", descriptors,
              config.agent_limits.total);
  }
  const auto daemon = std::make_unique<Daemon>(config, log);
  absl::Status status = daemon->Start();
  if (status.ok()) status = daemon->WaitForEnd();
  if (!status.ok()) {
    log->error("daemon.failed reason={} message={}", ReasonOf(status),
               std::string(status.message()));
    alarm(kSecondsToEnd);
  }
  daemon->Stop();
  log->info("daemon.stopped exit={}", ExitCodeOf(status));
  return ExitCodeOf(status);
}

}  // namespace parc::app
