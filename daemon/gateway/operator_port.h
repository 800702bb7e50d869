#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "daemon/gateway/http.h"

namespace parc::gateway {

struct OperatorPortParts {
  // OK: the daemon can serve. Otherwise why it cannot.
  std::function<absl::Status()> ready;
  std::function<std::string()> metrics;  // in the text exposition format
};

// What the loopback port of operators answers, in plain HTTP: GET /healthz (the process turns),
// /readyz (the database takes writes and the listeners answer), /metrics.
Handler OperatorPort(OperatorPortParts parts);

}  // namespace parc::gateway
