#pragma once

#include "daemon/rpc/raw_service.h"
#include "daemon/rpc/server.h"

namespace parc::rpc {

// CheckIn and RenewCertificate.
void RegisterAgent(Handlers& handlers, const AgentParts& parts);

}  // namespace parc::rpc
