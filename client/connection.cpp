#include "client/connection.h"

#include <chrono>
#include <thread>

#include "client/lib/channel.h"
#include "client/lib/errors.h"
#include "grpc/support/time.h"

namespace parc::client {
namespace {

bool MayTryAgain(const absl::Status& status) {
  if (status.code() == absl::StatusCode::kUnavailable) return true;
  return status.code() == absl::StatusCode::kResourceExhausted && ReasonOf(status) == "BUSY";
}

}  // namespace

Connection::Connection(const Login& login)
    : channel_(MakeChannel({.target = login.server,
                            .root_pem = login.root_pem,
                            .certificate_chain_pem = "",
                            .private_key_pem = "",
                            .bearer_token = login.token,
                            .proxy = ""})) {}

absl::Status Connection::Try(int attempts, int deadline_seconds,
                             const std::function<grpc::Status(grpc::ClientContext&)>& attempt) {
  for (int i = 1;; ++i) {
    grpc::ClientContext context;
    context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                      gpr_time_from_seconds(deadline_seconds, GPR_TIMESPAN)));
    const absl::Status status = FromGrpc(attempt(context));
    if (status.ok() || i >= attempts || !MayTryAgain(status)) return status;
    std::this_thread::sleep_for(std::chrono::milliseconds(250 * i));
  }
}

}  // namespace parc::client
