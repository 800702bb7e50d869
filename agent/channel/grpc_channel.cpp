#include "agent/channel/grpc_channel.h"

#include <grpc/support/log.h>
#include <grpcpp/client_context.h>

#include "agent/files/text.h"
#include "client/lib/channel.h"
#include "client/lib/errors.h"
#include "parc/v1/agent.grpc.pb.h"

namespace parc::agent {
namespace {

constexpr char kPushback[] = "grpc-retry-pushback-ms";

class GrpcChannel : public Channel {
 public:
  GrpcChannel(const client::ChannelOptions& options, std::chrono::milliseconds patience)
      : stub_(v1::AgentService::NewStub(client::MakeChannel(options))), patience_(patience) {}

  absl::StatusOr<v1::CheckInResponse> CheckIn(const v1::CheckInRequest& request) override {
    return Call<v1::CheckInResponse>(&v1::AgentService::Stub::CheckIn, request);
  }

  absl::StatusOr<v1::RenewCertificateResponse> Renew(
      const v1::RenewCertificateRequest& request) override {
    return Call<v1::RenewCertificateResponse>(&v1::AgentService::Stub::RenewCertificate, request);
  }

 private:
  template <typename Response, typename Method, typename Request>
  absl::StatusOr<Response> Call(Method method, const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                      gpr_time_from_millis(patience_.count(), GPR_TIMESPAN)));
    Response response;
    const grpc::Status status = ((*stub_).*method)(&context, request, &response);
    if (status.ok()) return response;
    absl::Status failed = client::FromGrpc(status);
    const auto& trailers = context.GetServerTrailingMetadata();
    if (const auto found = trailers.find(kPushback); found != trailers.end()) {
      const std::string_view text(found->second.data(), found->second.size());
      if (const auto wait = ToInt<std::int64_t>(text)) failed = WithPushback(failed, *wait);
    }
    return failed;
  }

  std::unique_ptr<v1::AgentService::Stub> stub_;
  std::chrono::milliseconds patience_;
};

}  // namespace

std::unique_ptr<Channel> MakeGrpcChannel(const Identity& identity, const std::string& proxy,
                                         std::chrono::milliseconds patience) {
  // What gRPC logs of a failed call says less than the call's status and goes to standard error.
  gpr_set_log_function([](gpr_log_func_args*) {});
  client::ChannelOptions options;
  options.target = identity.endpoint;
  options.root_pem = identity.root_pem;
  options.certificate_chain_pem = identity.chain_pem;
  options.private_key_pem = identity.key_pem;
  options.proxy = proxy;
  return std::make_unique<GrpcChannel>(options, patience);
}

}  // namespace parc::agent
