#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace parc::agent {

struct ResidentOptions {
  std::filesystem::path report_program;  // parc-agent-report
  std::vector<std::string> arguments;    // to hand on: --config, --state-dir
  std::filesystem::path state;
};

// The service: starts a report when it is time, until SIGTERM or SIGINT; SIGHUP means now. It holds
// neither gRPC nor protobuf, so that what stays in memory all day is small. Returns the exit code.
int RunResident(const ResidentOptions& options);

}  // namespace parc::agent
