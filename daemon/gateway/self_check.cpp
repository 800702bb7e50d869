#include "daemon/gateway/self_check.h"

#include <grpc/support/time.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/security/credentials.h>

#include <future>

#include "fmt/format.h"
#include "grpc/health/v1/health.pb.h"

namespace parc::gateway {
namespace {

constexpr char kCheckMethod[] = "/grpc.health.v1.Health/Check";

std::shared_ptr<grpc::Channel> Connect(const SelfCheckTarget& target) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = target.root_pem;
  options.pem_cert_chain = target.chain_pem;
  options.pem_private_key = target.key_pem;
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(target.server_name);
  // A connection of its own each time: one that stays open would say nothing about accepting.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  const bool v6 = target.address.find(':') != std::string::npos;
  const std::string address = v6 ? fmt::format("ipv6:[{}]:{}", target.address, target.port)
                                 : fmt::format("ipv4:{}:{}", target.address, target.port);
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(options), arguments);
}

}  // namespace

absl::Status CheckHealth(const SelfCheckTarget& target, std::chrono::milliseconds timeout) {
  using grpc::health::v1::HealthCheckRequest;
  using grpc::health::v1::HealthCheckResponse;
  grpc::TemplatedGenericStub<HealthCheckRequest, HealthCheckResponse> stub(Connect(target));
  grpc::ClientContext context;
  context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                    gpr_time_from_millis(timeout.count(), GPR_TIMESPAN)));
  const HealthCheckRequest request;
  HealthCheckResponse response;
  std::promise<grpc::Status> answered;
  stub.UnaryCall(&context, kCheckMethod, {}, &request, &response,
                 [&](grpc::Status status) { answered.set_value(std::move(status)); });
  const grpc::Status status = answered.get_future().get();  // by the deadline at the latest
  if (!status.ok()) {
    return absl::UnavailableError(
        fmt::format("port {} does not answer: {}", target.port, status.error_message()));
  }
  if (response.status() != HealthCheckResponse::SERVING) {
    return absl::UnavailableError(fmt::format("port {} says that it does not serve", target.port));
  }
  return absl::OkStatus();
}

}  // namespace parc::gateway
