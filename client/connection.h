#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/lib/try.h"
#include "client/login.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"

namespace parc::client {

// The server, by TLS that ends in the kept root certificate and with the caller's token.
class Connection {
 public:
  explicit Connection(const Login& login);
  Connection(Connection&&) = delete;

  template <typename Stub, typename Request, typename Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  // Asks; an unavailable server is asked again a little later.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Read(Method<Stub, Request, Response> method, const Request& request) {
    return Call(kReadAttempts, method, request);
  }

  // Changes; sent once more when the server was unavailable, with the same `request_id`, so that a
  // change whose answer was lost is not made twice.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Change(Method<Stub, Request, Response> method, const Request& request) {
    return Call(kChangeAttempts, method, request);
  }

  // Runs `attempt` up to `attempts` times while it answers UNAVAILABLE, or RESOURCE_EXHAUSTED BUSY.
  absl::Status Try(int attempts, int deadline_seconds,
                   const std::function<grpc::Status(grpc::ClientContext&)>& attempt);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  static constexpr int kReadAttempts = 3;
  static constexpr int kChangeAttempts = 2;

 private:
  static constexpr int kDeadlineSeconds = 60;

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(int attempts, Method<Stub, Request, Response> method,
                                const Request& request) {
    Stub stub(channel_);
    Response response;
    PARC_TRY(Try(attempts, kDeadlineSeconds, [&](grpc::ClientContext& context) {
      response.Clear();
      return (stub.*method)(&context, request, &response);
    }));
    return response;
  }

  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace parc::client
