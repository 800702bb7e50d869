#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/net/http2.h"

// gRPC's protocol over HTTP/2 for calls of one message each way, as its PROTOCOL-HTTP2.md has it.
namespace parc::agent {

// The body that carries `message`, uncompressed.
std::string FrameMessage(std::string_view message);

// The message of an answer, or the status that it carries, with the server's pushback when there is
// one. INTERNAL for what is no answer of a gRPC server, UNAVAILABLE where only a proxy answered.
absl::StatusOr<std::string> ReadAnswer(const Http2Answer& answer);

}  // namespace parc::agent
