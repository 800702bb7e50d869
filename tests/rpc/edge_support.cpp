#include "tests/rpc/edge_support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <future>

#include "absl/strings/escaping.h"
#include "daemon/inventory/try.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "spdlog/sinks/null_sink.h"
#include "spdlog/spdlog.h"

namespace parc::rpc {
namespace {

std::int64_t RealNow() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void WriteFile(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  REQUIRE(out.good());
}

std::shared_ptr<grpc::Channel> OwnChannel(
    std::uint16_t port, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetMaxReceiveMessageSize(64 << 20);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), credentials, arguments);
}

}  // namespace

Listener::Listener(Server& server) : server_(server) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(fd_ >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(fd_, 64) == 0);
  socklen_t size = sizeof address;
  REQUIRE(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] {
    while (!stop_) {
      pollfd ready{fd_, POLLIN, 0};
      if (poll(&ready, 1, 50) <= 0) continue;
      const int fd = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) server_.Accept(fd, fd_);
    }
  });
}

Listener::~Listener() {
  stop_ = true;
  thread_.join();
  close(fd_);
}

std::string Reply::reason() const {
  google::rpc::ErrorInfo info;
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return {};
}

std::string Reply::field() const {
  google::rpc::BadRequest bad;
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&bad) && bad.field_violations_size() > 0) {
      return bad.field_violations(0).field();
    }
  }
  return {};
}

std::string Reply::Verdict() const {
  const std::string code =
      absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code()));
  return status.ok() ? code : code + " " + reason();
}

Reply CallRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
              const std::string& bytes, const CallOptions& options) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::milliseconds(options.milliseconds));
  if (!options.token.empty()) context.AddMetadata("authorization", "Bearer " + options.token);
  if (options.gzip) context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, method, grpc::StubOptions(), &request, &response,
                 [&done](grpc::Status status) { done.set_value(std::move(status)); });
  Reply reply;
  reply.status = done.get_future().get();
  std::vector<grpc::Slice> slices;
  if (reply.status.ok() && response.Valid() && response.Dump(&slices).ok()) {
    for (const grpc::Slice& part : slices) {
      reply.bytes.append(reinterpret_cast<const char*>(part.begin()), part.size());
    }
  }
  for (const auto& [key, value] : context.GetServerTrailingMetadata()) {
    reply.trailers.emplace(std::string(key.data(), key.size()),
                           std::string(value.data(), value.size()));
  }
  reply.details.ParseFromString(reply.status.error_details());
  return reply;
}

Edge::Edge() {
  MakeParts();
  StartServers();
  agent_listener_ = std::make_unique<Listener>(*agent_server);
  people_listener_ = std::make_unique<Listener>(*people_server);
  people_channel_ = PeopleChannel();
  admin_ = Token(access::Role::kAdmin);
}

Edge::~Edge() {
  people_channel_.reset();
  agent_listener_.reset();
  people_listener_.reset();
  watches.Stop();
  agent_server->Shutdown(std::chrono::milliseconds(500));
  people_server->Shutdown(std::chrono::milliseconds(500));
  agent_server.reset();
  people_server.reset();
  views->Stop();
  store.commits().Stop();
}

std::int64_t Edge::now() const { return RealNow() + skew; }

void Edge::MakeParts() {
  using access::CertificateAuthority;
  const access::RandomBytes random = access::SystemRandomBytes();
  REQUIRE(CertificateAuthority::CreateForTrial(files.path() / "ca", now(), random).ok());
  auto loaded = CertificateAuthority::Load(files.path() / "ca", {}, now(), random);
  REQUIRE(loaded.ok());
  ca = *std::move(loaded);
  auto readers = access::PeerCertificates::Make(ca->issuers(), ca->trust_domain());
  REQUIRE(readers.ok());
  certificates = std::make_unique<access::PeerCertificates>(*std::move(readers));
  // On the commit thread: the writer's connection belongs to it.
  REQUIRE(store
              .Write([&](store::Connection& writer) -> absl::Status {
                PARC_ASSIGN(devices, access::Devices::Load(writer));
                PARC_ASSIGN(tokens, access::ApiTokens::Load(writer));
                device_changes =
                    std::make_unique<access::DeviceChanges>(writer, *devices, *ca, random);
                token_changes = std::make_unique<access::ApiTokenChanges>(writer, *tokens, random);
                return absl::OkStatus();
              })
              .ok());
  store::Connection& writer = store.database().writer();
  enrolment = std::make_unique<access::Enrolment>(store.commits(), *device_changes);
  intake = std::make_unique<checkin::Intake>(store.commits(), writer, *device_changes, policy,
                                             checkin::Pacing{});
  changes = std::make_unique<fleet::Changes>(
      store.commits(), writer,
      [this](store::Connection&, std::int64_t laptop, std::string_view reason,
             std::int64_t at) -> absl::StatusOr<std::function<void()>> {
        access::Effect effect;
        PARC_TRY(device_changes->RevokeDevicesOf(laptop, reason, at, effect));
        return effect;
      });
  auto opened = fleet::Views::Open(store.database().file(), 2);
  REQUIRE(opened.ok());
  views = *std::move(opened);
}

void Edge::StartServers() {
  auto own = ca->IssueServer({"localhost"}, {"127.0.0.1"}, now());
  REQUIRE(own.ok());
  tls = {files.path() / "server.key", files.path() / "server.pem", files.path() / "root.pem"};
  WriteFile(tls.key, own->key_pem);
  WriteFile(tls.chain, own->chain_pem);
  WriteFile(tls.root, ca->root_pem());
  const Context context{.now = [this] { return now(); },
                        .zone = "Europe/Paris",
                        .log = std::make_shared<spdlog::logger>(
                            "rpc", std::make_shared<spdlog::sinks::null_sink_mt>()),
                        .counters = &counters};
  auto agent = StartAgentServer(context,
                                {.certificates = certificates.get(),
                                 .devices = devices.get(),
                                 .intake = intake.get(),
                                 .enrolment = enrolment.get(),
                                 .policy = &policy,
                                 .rechecks = &rechecks,
                                 .quick_interval = 10'000'000},
                                tls);
  INFO(agent.status());
  REQUIRE(agent.ok());
  agent_server = *std::move(agent);
  PeopleParts parts;
  parts.views = views.get();
  parts.changes = changes.get();
  parts.tokens = tokens.get();
  parts.token_changes = token_changes.get();
  parts.device_changes = device_changes.get();
  parts.ca = ca.get();
  parts.policy = &policy;
  parts.rechecks = &rechecks;
  parts.checkin_interval = 900'000'000;
  parts.quick_interval = 10'000'000;
  parts.watches = &watches;
  parts.judge_again = [this] { ++judged_again; };
  parts.page_key = "a secret of this test";
  parts.enrolment_host = "parc.example";
  parts.enrolment_port = 8444;
  parts.import_idle = std::chrono::seconds(2);
  parts.backup_directory = files.path();
  parts.backup = [](const std::filesystem::path& file) -> absl::StatusOr<std::int64_t> {
    WriteFile(file, "backup");
    return 6;
  };
  auto people = StartPeopleServer(context, parts, tls);
  INFO(people.status());
  REQUIRE(people.ok());
  people_server = *std::move(people);
}

std::shared_ptr<grpc::Channel> Edge::AgentChannel(const Identity& identity) const {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ca->root_pem();
  options.pem_cert_chain = identity.chain_pem;
  options.pem_private_key = identity.key_pem;
  return OwnChannel(agent_port(), grpc::SslCredentials(options));
}

std::shared_ptr<grpc::Channel> Edge::PeopleChannel() const {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ca->root_pem();
  return OwnChannel(people_port(), grpc::SslCredentials(options));
}

Identity Edge::EnrolledLaptop(const std::string& asset_tag, std::string* device_id) {
  Do([&](fleet::Change& change) -> absl::Status {
    inventory::Laptop laptop;
    laptop.asset_tag = asset_tag;
    laptop.serial = "SER" + asset_tag;
    laptop.model = "Latitude 5400";
    return change.CreateLaptop(laptop).status();
  });
  std::string token;
  Do([&](fleet::Change&) -> absl::Status {
    access::EnrolmentTokenWish wish;
    wish.laptop = asset_tag;
    PARC_ASSIGN(const auto created, device_changes->CreateEnrolmentToken(wish, "tester", now()));
    token = created.secret;
    return absl::OkStatus();
  });
  const access::LaptopKey key;
  access::EnrolCall call;
  call.token = token;
  call.csr = key.csr;
  access::EnrolAnswer answer;
  Do([&](fleet::Change& change) -> absl::Status {
    access::Effect effect;
    PARC_ASSIGN(answer, device_changes->Enrol(call, now(), effect));
    if (effect) change.AfterCommit(effect);
    return absl::OkStatus();
  });
  REQUIRE(answer.outcome == access::EnrolOutcome::kIssued);
  if (device_id != nullptr) *device_id = answer.device_id;
  return {CertificatesPem(answer.certificate.chain), KeyPem(key.key.get()), {}};
}

Identity Edge::SelfCheck() const {
  const auto own = ca->IssueSelfCheck(now());
  REQUIRE(own.ok());
  return {own->chain_pem, own->key_pem, {}};
}

std::string Edge::Token(access::Role role) {
  std::string secret;
  Do([&](fleet::Change& change) -> absl::Status {
    access::Effect effect;
    PARC_ASSIGN(const auto created,
                token_changes->Create(access::RoleName(role), role, 0, now(), effect));
    if (effect) change.AfterCommit(effect);
    secret = created.secret;
    return absl::OkStatus();
  });
  return secret;
}

void Edge::Do(const std::function<absl::Status(fleet::Change&)>& change) {
  test::Awaited<absl::Status> awaited;
  const absl::Status submitted = changes->Submit(
      {.actor = "tester",
       .now = now(),
       .today = inventory::DayOf(now(), "Europe/Paris"),
       .effective = {},
       .reason = {}},
      {.request_id = {}, .method = "test", .body_digest = {}},
      [&](fleet::Change& of) -> absl::StatusOr<std::string> {
        PARC_TRY(change(of));
        return std::string();
      },
      [set = awaited.Setter()](const absl::StatusOr<std::string>& done) { set(done.status()); });
  REQUIRE(submitted.ok());
  const auto status = awaited.Get();
  REQUIRE(status != nullptr);
  INFO(*status);
  REQUIRE(status->ok());
}

Reply Edge::Ask(const std::string& method, const google::protobuf::Message& request,
                google::protobuf::Message* response, const std::string& token) const {
  Reply reply = CallRaw(people_channel_, method, request.SerializeAsString(),
                        {.token = token.empty() ? admin_ : token});
  if (reply.status.ok() && response != nullptr) {
    REQUIRE(response->ParseFromString(reply.bytes));
  }
  return reply;
}

std::string CertificatesPem(const std::vector<std::string>& chain) {
  std::string pem;
  for (const std::string& der : chain) {
    std::string base64 = absl::Base64Escape(der);
    pem += "-----BEGIN CERTIFICATE-----\n";
    for (std::size_t at = 0; at < base64.size(); at += 64) pem += base64.substr(at, 64) + "\n";
    pem += "-----END CERTIFICATE-----\n";
  }
  return pem;
}

std::string KeyPem(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  REQUIRE(PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

int ConnectTo(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(fd >= 0);
  const timeval limit{8, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

}  // namespace parc::rpc
