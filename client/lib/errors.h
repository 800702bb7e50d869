#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

// The errors of Parc's servers as an absl::Status that keeps its google.rpc details.
namespace parc::client {

struct FieldViolation {
  std::string field;  // path in the request, e.g. "laptop.serial"
  std::string description;
};

struct ErrorDetails {
  std::string reason;  // UPPER_SNAKE; empty when the error was made by the transport
  std::string domain;
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> fields;
};

absl::Status FromGrpc(const grpc::Status& status);

// For errors that travel as a body, as the gateway's do.
absl::Status FromProto(const google::rpc::Status& status);

// An error of the client's own, with a reason as the server's have.
absl::Status MakeError(absl::StatusCode code, std::string_view reason, std::string_view message,
                       const std::map<std::string, std::string>& metadata = {});

// Empty where `status` carries no details.
ErrorDetails DetailsOf(const absl::Status& status);

// The reason of `status`; empty without one.
std::string ReasonOf(const absl::Status& status);

}  // namespace parc::client
