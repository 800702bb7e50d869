#pragma once

#include <string>
#include <vector>

#include "daemon/rpc/raw_service.h"

namespace parc::rpc {

// grpc.reflection.v1 and v1alpha, which differ in name only. gRPC's own plugin is a synchronous
// service with a thread pool and no way to ask for a token.
void RegisterReflection(Handlers& handlers, std::vector<std::string> services);

}  // namespace parc::rpc
