#include <arpa/inet.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <poll.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "agent/channel/grpc_channel.h"
#include "agent/files/descriptor.h"
#include "agent/identity/keys.h"
#include "agent/net/socket.h"
#include "parc/v1/agent.grpc.pb.h"
#include "tests/agent/agent_support.h"
#include "tests/agent/tls_support.h"

namespace parc::agent {
namespace {

// The times of this test are the wall clock's: OpenSSL verifies certificates by it.
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
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "occupé : 100 %"};
    }
    if (request->report_seq() == 4) response->set_applications_digest(std::string(5 << 20, 'x'));
    peers.insert(context->peer());
    bytes = request->ByteSizeLong();
    while (request->report_seq() == 2 && !context->IsCancelled()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    response->set_verdict(v1::VERDICT_READY);
    return grpc::Status::OK;
  }

  // Read when no call is under way.
  std::set<std::string> peers;
  std::size_t bytes = 0;
};

struct AgentPort {
  AgentPort() {
    signal(SIGPIPE, SIG_IGN);  // as the program has it
    Start();
  }
  ~AgentPort() { Stop(); }

  void Restart() {
    Stop();
    Start();
  }

  Identity Laptop(const TestAuthority& issuer) const {
    Identity identity;
    identity.endpoint = "127.0.0.1:" + std::to_string(port);
    identity.root_pem = authority.pem();
    identity.key_pem = *MakeKeyPem();
    identity.chain_pem =
        *ChainToPem({issuer.IssueForCsr(*MakeCsr(identity.key_pem), now - kOneDay, now + kOneDay)});
    return identity;
  }

  void Start() {
    const TestCertificate own = authority.IssueServer("127.0.0.1", now - kOneDay, now + kOneDay);
    grpc::SslServerCredentialsOptions options(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = authority.pem();
    options.pem_key_cert_pairs.push_back({own.key_pem, own.pem});
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(16 << 20);
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port),
                             grpc::SslServerCredentials(options), &port);
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
    REQUIRE(server != nullptr);
  }

  void Stop() { server->Shutdown(std::chrono::system_clock::now()); }

  std::int64_t now = WallClock();
  TestAuthority authority{"Parc root", now};
  FakeAgentService service;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

constexpr std::chrono::milliseconds kPatience{2000};

// Takes one connection on 127.0.0.1 and gives it to `serve`.
class OneConnection {
 public:
  explicit OneConnection(std::function<void(int fd)> serve)
      : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener_.get(), 4) == 0);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, serve = std::move(serve)] {
      const Descriptor fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (fd) serve(fd.get());
    });
  }
  ~OneConnection() { shutdown(listener_.get(), SHUT_RDWR); }
  int port() const { return port_; }

 private:
  Descriptor listener_;
  int port_ = 0;
  std::jthread thread_;
};

// A proxy's answer to CONNECT, and then whatever the two ends say to each other.
void ServeAsProxy(int fd, std::string& asked) {
  const Deadline deadline{std::chrono::milliseconds(5000)};
  while (asked.find("\r\n\r\n") == std::string::npos) {
    const auto some = ReceiveSome(fd, 1, deadline);
    if (!some.ok() || some->empty()) return;
    asked += *some;
  }
  const auto port = std::stoi(asked.substr(asked.find(':') + 1));
  const auto server = Dial("127.0.0.1", port, "", deadline);
  if (!server.ok() || !SendAll(fd, "HTTP/1.1 200 OK\r\n\r\n", deadline).ok()) return;
  while (deadline.left_ms() > 0) {
    pollfd ends[2] = {{fd, POLLIN, 0}, {server->get(), POLLIN, 0}};
    if (poll(ends, 2, deadline.left_ms()) <= 0) return;
    for (int from = 0; from < 2; ++from) {
      if (ends[from].revents == 0) continue;
      const auto some = ReceiveSome(ends[from].fd, 4096, deadline);
      if (!some.ok() || some->empty() || !SendAll(ends[1 - from].fd, *some, deadline).ok()) return;
    }
  }
}

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
  CHECK(std::string(busy.status().message()) == "occupé : 100 %");
  CHECK(PushbackOf(busy.status()) == 1500);
  CHECK(absl::IsUnimplemented(channel->Renew({}).status()));
  CHECK(world.service.peers.size() == 1);  // one connection for all
}

TEST_CASE("a report larger than what HTTP/2 lets out at once arrives whole") {
  const AgentPort world;
  const auto channel = MakeGrpcChannel(world.Laptop(world.authority), "", kPatience);
  v1::CheckInRequest request;
  request.set_report_seq(3);
  request.set_problems_digest(std::string(3 << 20, 'x'));
  REQUIRE(channel->CheckIn(request).ok());
  CHECK(world.service.bytes == request.ByteSizeLong());
}

TEST_CASE("an answer without end is not taken, and the next call is none the worse for it") {
  const AgentPort world;
  const auto channel = MakeGrpcChannel(world.Laptop(world.authority), "", kPatience);
  v1::CheckInRequest request;
  request.set_report_seq(4);
  CHECK(absl::IsResourceExhausted(channel->CheckIn(request).status()));
  request.set_report_seq(3);
  CHECK(channel->CheckIn(request).ok());
}

TEST_CASE("a server that was started again is called again") {
  auto world = std::make_unique<AgentPort>();
  const Identity laptop = world->Laptop(world->authority);
  const auto channel = MakeGrpcChannel(laptop, "", kPatience);
  v1::CheckInRequest request;
  request.set_report_seq(3);
  REQUIRE(channel->CheckIn(request).ok());
  world->Restart();
  // The first call may find that the connection is gone.
  const auto first = channel->CheckIn(request);
  CHECK((first.ok() || absl::IsUnavailable(first.status())));
  CHECK(channel->CheckIn(request).ok());
  world.reset();
  CHECK(absl::IsUnavailable(channel->CheckIn(request).status()));
  CHECK(absl::IsUnavailable(channel->CheckIn(request).status()));
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
  CHECK(world.service.peers.empty());
}

TEST_CASE("a server under another name, or that speaks no HTTP/2, is as good as none") {
  const AgentPort world;
  v1::CheckInRequest request;
  request.set_report_seq(3);
  Identity misled = world.Laptop(world.authority);
  misled.endpoint = "localhost:" + std::to_string(world.port);  // its certificate says 127.0.0.1
  const auto elsewhere = MakeGrpcChannel(misled, "", kPatience)->CheckIn(request).status();
  CHECK(absl::IsUnavailable(elsewhere));
  CHECK(std::string(elsewhere.message()).find("certificate verify failed") != std::string::npos);

  const TestCertificate own =
      world.authority.IssueServer("127.0.0.1", world.now - kOneDay, world.now + kOneDay);
  const TlsServer web(own.pem, own.key_pem, [](const std::string&) { return HttpReply(200, ""); });
  Identity lost = world.Laptop(world.authority);
  lost.endpoint = "127.0.0.1:" + std::to_string(web.port());
  CHECK(absl::IsUnavailable(MakeGrpcChannel(lost, "", kPatience)->CheckIn(request).status()));
}

TEST_CASE("a server of another authority is not shown who this laptop is") {
  AgentPort world;
  const TestAuthority stranger("Parc root", world.now);
  const TestCertificate own =
      stranger.IssueServer("127.0.0.1", world.now - kOneDay, world.now + kOneDay);
  std::atomic<int> seen = 0;
  const TlsServer impostor(own.pem, own.key_pem, [&](const std::string&) {
    ++seen;
    return std::string();
  });
  Identity laptop = world.Laptop(world.authority);
  laptop.endpoint = "127.0.0.1:" + std::to_string(impostor.port());
  CHECK(absl::IsUnavailable(MakeGrpcChannel(laptop, "", kPatience)->CheckIn({}).status()));
  CHECK(impostor.requests().empty());
  CHECK(seen == 0);
}

TEST_CASE("a server that takes connections and says nothing is given up on in time") {
  const AgentPort world;
  const OneConnection mute([](int fd) {
    while (recv(fd, std::string(4096, 0).data(), 4096, 0) > 0) {
    }
  });
  Identity laptop = world.Laptop(world.authority);
  laptop.endpoint = "127.0.0.1:" + std::to_string(mute.port());
  // Nobody to blame but the way there, so that the agent looks for what is wrong with it.
  CHECK(absl::IsUnavailable(
      MakeGrpcChannel(laptop, "", std::chrono::milliseconds(300))->CheckIn({}).status()));
}

TEST_CASE("through a proxy the server is the same one") {
  const AgentPort world;
  std::string asked;
  const Identity laptop = world.Laptop(world.authority);
  v1::CheckInRequest request;
  request.set_report_seq(3);
  {
    const OneConnection proxy([&](int fd) { ServeAsProxy(fd, asked); });
    const auto channel =
        MakeGrpcChannel(laptop, "http://127.0.0.1:" + std::to_string(proxy.port()), kPatience);
    CHECK(channel->CheckIn(request).ok());
  }
  CHECK(asked.rfind("CONNECT " + laptop.endpoint + " HTTP/1.1\r\n", 0) == 0);
  const OneConnection closed(
      [](int fd) { SendAll(fd, "HTTP/1.1 403 No\r\n\r\n", Deadline(kPatience)).IgnoreError(); });
  const auto refused =
      MakeGrpcChannel(laptop, "http://127.0.0.1:" + std::to_string(closed.port()), kPatience)
          ->CheckIn(request)
          .status();
  CHECK(absl::IsUnavailable(refused));
  CHECK(std::string(refused.message()).find("403") != std::string::npos);
}

}  // namespace parc::agent
