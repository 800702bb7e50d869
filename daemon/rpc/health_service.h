#pragma once

#include <string>
#include <vector>

#include "daemon/rpc/raw_service.h"

namespace parc::rpc {

// grpc.health.v1: this server answers, therefore it serves. Check knows "" and the names of
// `services`; Watch is UNIMPLEMENTED, as the standard allows, since the answer never changes while
// there is one.
void RegisterHealth(Handlers& handlers, std::vector<std::string> services);

}  // namespace parc::rpc
