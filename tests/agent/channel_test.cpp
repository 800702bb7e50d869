#include <grpcpp/grpcpp.h>

#include <catch2/catch.hpp>

#include "agent/channel/grpc_channel.h"
#include "agent/identity/keys.h"
#include "parc/v1/agent.grpc.pb.h"
#include "tests/agent/agent_support.h"
#include "tests/agent/tls_support.h"

namespace parc::agent {
namespace {

// The times of this test are the wall clock's: gRPC verifies certificates by it.
std::int64_t WallClock() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class FakeAgentService : public v1::AgentService::Service {
 public:
  grpc::Status CheckIn(grpc::ServerContext* context, const v1::CheckInRequest* request,
                       v1::CheckInResponse* response) override {
    if (request->report_seq() == 1) {
      context->AddTrailingMetadata("grpc-retry-pushback-ms", "1500");
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "busy"};
    }
    while (request->report_seq() == 2 && !context->IsCancelled()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    response->set_verdict(v1::VERDICT_READY);
    return grpc::Status::OK;
  }
};

struct AgentPort {
  AgentPort() {
    const TestCertificate own = authority.IssueServer("127.0.0.1", now - kOneDay, now + kOneDay);
    grpc::SslServerCredentialsOptions options(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = authority.pem();
    options.pem_key_cert_pairs.push_back({own.key_pem, own.pem});
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port);
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
    REQUIRE(server != nullptr);
  }
  ~AgentPort() { server->Shutdown(std::chrono::system_clock::now()); }

  Identity Laptop(const TestAuthority& issuer) const {
    Identity identity;
    identity.endpoint = "127.0.0.1:" + std::to_string(port);
    identity.root_pem = authority.pem();
    identity.key_pem = *MakeKeyPem();
    identity.chain_pem =
        *ChainToPem({issuer.IssueForCsr(*MakeCsr(identity.key_pem), now - kOneDay, now + kOneDay)});
    return identity;
  }

  std::int64_t now = WallClock();
  TestAuthority authority{"Parc root", now};
  FakeAgentService service;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

constexpr std::chrono::milliseconds kPatience{2000};

}  // namespace

TEST_CASE("an enrolled laptop reports over mTLS and hears the server's pushback") {
  const AgentPort world;
  const auto channel = MakeGrpcChannel(world.Laptop(world.authority), "", kPatience);
  v1::CheckInRequest request;
  request.set_report_seq(3);
  const auto answer = channel->CheckIn(request);
  REQUIRE(answer.ok());
  CHECK(answer->verdict() == v1::VERDICT_READY);
  request.set_report_seq(1);
  const auto busy = channel->CheckIn(request);
  CHECK(absl::IsResourceExhausted(busy.status()));
  CHECK(PushbackOf(busy.status()) == 1500);
  CHECK(absl::IsUnimplemented(channel->Renew({}).status()));
}

TEST_CASE("a server that does not answer is given up on in time") {
  const AgentPort world;
  const auto channel =
      MakeGrpcChannel(world.Laptop(world.authority), "", std::chrono::milliseconds(300));
  v1::CheckInRequest request;
  request.set_report_seq(2);
  CHECK(absl::IsDeadlineExceeded(channel->CheckIn(request).status()));
}

TEST_CASE("strangers get nowhere: a laptop of another authority, a server of another authority") {
  const AgentPort world;
  const TestAuthority stranger("Parc root", world.now);
  v1::CheckInRequest request;
  request.set_report_seq(3);
  const auto refused = MakeGrpcChannel(world.Laptop(stranger), "", kPatience);
  CHECK_FALSE(refused->CheckIn(request).ok());
  Identity deceived = world.Laptop(world.authority);
  deceived.root_pem = stranger.pem();
  CHECK(absl::IsUnavailable(MakeGrpcChannel(deceived, "", kPatience)->CheckIn(request).status()));
}

}  // namespace parc::agent
