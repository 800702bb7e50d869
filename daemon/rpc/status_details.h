#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace grpc {
class Status;
}

// Refusals on the wire: an absl::Status (daemon/inventory/reason.h) as google.rpc.Status, with one
// ErrorInfo{reason, domain "parc", metadata} and, where a field is wrong, one BadRequest.
namespace parc::rpc {

inline constexpr std::string_view kErrorDomain = "parc";

// True for errors whose message is about the daemon's inside: it is for the log, and the caller is
// told a sentence that a stranger may read.
bool IsOurFault(const absl::Status& status);
// Whether clients get a fixed sentence instead of the message: our faults and the storage's. The
// log tells the cause.
bool IsHidden(const absl::Status& status);

// Text is made safe on the way: valid UTF-8, control characters escaped, at most 1 KiB.
google::rpc::Status ToRpcStatus(const absl::Status& status);
absl::Status FromRpcStatus(const google::rpc::Status& status);

// The same as trailers of a call: code, message and grpc-status-details-bin.
grpc::Status ToGrpc(const absl::Status& status);

// `text` as a stranger may be shown it: at most `max_bytes`, cut between characters and marked with
// "…" when cut; control characters and invalid UTF-8 as \xNN.
std::string Shown(std::string_view text, std::size_t max_bytes = 64);

}  // namespace parc::rpc
