#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace parc::gateway {

// Where and how the daemon calls itself.
struct SelfCheckTarget {
  std::string address;  // to connect to, e.g. "127.0.0.1"
  std::uint16_t port = 0;
  std::string server_name;  // that the server's certificate must have
  std::string root_pem;
  std::string chain_pem;  // client certificate and key; empty on ports that want none
  std::string key_pem;
};

// Asks grpc.health.v1.Health over a new connection with a full TLS handshake. It passes only if
// accepting, TLS, HTTP/2 and serving all work. Blocks for `timeout` at most.
absl::Status CheckHealth(const SelfCheckTarget& target, std::chrono::milliseconds timeout);

// The same for a port that speaks HTTPS: whatever HTTP answer comes will do. Every step ends within
// `timeout`.
absl::Status CheckHttps(const SelfCheckTarget& target, std::chrono::milliseconds timeout);

}  // namespace parc::gateway
