#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "agent/channel/channel.h"

namespace parc::agent {

// gRPC over mTLS, through the HTTP CONNECT proxy "http://host:port" when it is not empty. A call
// that is not answered within `patience` fails with DEADLINE_EXCEEDED.
std::unique_ptr<Channel> MakeGrpcChannel(const Identity& identity, const std::string& proxy,
                                         std::chrono::milliseconds patience);

}  // namespace parc::agent
