#include "client/lib/channel.h"

#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace parc::client {
namespace {

// Import answers name up to 10,000 rows: more than gRPC's 4 MiB.
constexpr int kMaxReceiveBytes = 64 << 20;
constexpr int kMaxReconnectMillis = 5000;

}  // namespace

std::shared_ptr<grpc::Channel> MakeChannel(const ChannelOptions& options) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = options.root_pem;
  tls.pem_cert_chain = options.certificate_chain_pem;
  tls.pem_private_key = options.private_key_pem;
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::SslCredentials(tls);
  if (!options.bearer_token.empty()) {
    credentials = grpc::CompositeChannelCredentials(
        credentials, grpc::AccessTokenCredentials(options.bearer_token));
  }

  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectMillis);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  // The service configuration that DNS may announce is no authority on how Parc retries.
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  if (options.proxy.empty()) {
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  } else {
    arguments.SetString(GRPC_ARG_HTTP_PROXY, options.proxy);
  }
  return grpc::CreateCustomChannel(options.target, credentials, arguments);
}

}  // namespace parc::client
