#pragma once

#include <memory>

namespace spdlog {
class logger;
}

namespace parc::rpc {

// Brings what gRPC says to `log`, and silences libprotobuf, which would write a line for every
// message that a client garbles. Both have one log for the whole process; the newest call wins.
//
// A refused handshake or a garbled header is an ordinary event of a port that faces the Internet,
// and gRPC calls each an error: such lines go to the level debug, and at most ten lines pass in a
// second.
void RouteGrpcLog(std::shared_ptr<spdlog::logger> log);

}  // namespace parc::rpc
