#pragma once

#include "daemon/rpc/people_handlers.h"

namespace parc::rpc {

// FleetService.ImportFile: a header, then the bytes of one file, then one answer.
grpc::ServerReadReactor<grpc::ByteBuffer>* StartImport(const std::shared_ptr<People>& people,
                                                       const std::shared_ptr<CallPath>& path,
                                                       const Method& method,
                                                       grpc::CallbackServerContext& context,
                                                       grpc::ByteBuffer& response);

}  // namespace parc::rpc
