#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "agent/channel/channel.h"

namespace parc::agent {

// gRPC over mTLS, through the HTTP CONNECT proxy "http://host:port" when it is not empty. A call
// fails with UNAVAILABLE where no connection comes about, with DEADLINE_EXCEEDED when it is not
// answered within `patience`. Speaks gRPC's protocol by nghttp2: the library takes 13 MB of memory
// before its first call, more than all the rest of a report.
std::unique_ptr<Channel> MakeGrpcChannel(const Identity& identity, const std::string& proxy,
                                         std::chrono::milliseconds patience);

}  // namespace parc::agent
