#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "google/protobuf/descriptor.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "parc/v1/fleet.grpc.pb.h"
#include "tests/rpc/edge_support.h"

// What is below messages: handshakes, hostile bytes, streams, and the standard services.
namespace parc::rpc {
namespace {

// A TLS client without a certificate, by hand.
class Stranger {
 public:
  explicit Stranger(std::uint16_t port)
      : context_(SSL_CTX_new(TLS_client_method())), fd_(ConnectTo(port)) {
    constexpr unsigned char kAlpn[] = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(context_, kAlpn, sizeof kAlpn);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd_);
  }
  ~Stranger() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    close(fd_);
  }
  // In TLS 1.3 the client is done before the server has judged it.
  void Handshake() { SSL_connect(ssl_); }
  // False once the server has hung up.
  bool Write(const std::string& bytes) {
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  // Bytes of the application that the server sent; 0 when it hung up.
  int Read() {
    char buffer[4096];
    return std::max(0, SSL_read(ssl_, buffer, sizeof buffer));
  }

 private:
  SSL_CTX* context_;
  int fd_;
  SSL* ssl_ = nullptr;
};

v1::ImportFileRequest Header(v1::ImportKind kind, bool dry = false) {
  v1::ImportFileRequest request;
  request.mutable_header()->set_kind(kind);
  request.mutable_header()->set_file_name("people.csv");
  request.mutable_header()->mutable_options()->set_validate_only(dry);
  return request;
}

v1::ImportFileRequest Chunk(std::string bytes) {
  v1::ImportFileRequest request;
  request.set_chunk(std::move(bytes));
  return request;
}

// Streams `parts`; the answer in `response`.
Reply Import(Edge& edge, const std::vector<v1::ImportFileRequest>& parts,
             v1::ImportFileResponse& response, const std::string& token = "") {
  const auto stub = v1::FleetService::NewStub(edge.PeopleChannel());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(8));
  context.AddMetadata("authorization", "Bearer " + (token.empty() ? edge.admin() : token));
  const auto writer = stub->ImportFile(&context, &response);
  for (const auto& part : parts) {
    if (!writer->Write(part)) break;
  }
  writer->WritesDone();
  Reply reply;
  reply.status = writer->Finish();
  reply.details.ParseFromString(reply.status.error_details());
  return reply;
}

constexpr char kPeopleCsv[] =
    "Matricule;Nom;Population;Priorité\n"
    "p-1;Aïcha Bâ;Siège;1\n"
    "p-2;Jean Moulin;Siège;4\n";

}  // namespace

TEST_CASE("12 MB of headers from a stranger are refused before HTTP/2 sees one of them") {
  std::signal(SIGPIPE, SIG_IGN);
  Edge edge;
  Stranger stranger(edge.agent_port());
  stranger.Handshake();
  const std::string block(16 << 10, 'h');
  std::size_t sent = 0;
  while (sent < 12u << 20 && stranger.Write(block)) sent += block.size();
  // A server that speaks HTTP/2 would have sent its SETTINGS first of all.
  CHECK(stranger.Read() == 0);
  // Others are served.
  CHECK(
      CallRaw(edge.AgentChannel(edge.SelfCheck()), "/grpc.health.v1.Health/Check", "").status.ok());
}

TEST_CASE("a connection that says nothing is closed after five seconds") {
  Edge edge;
  const int fd = ConnectTo(edge.agent_port());
  char byte = 0;
  CHECK(recv(fd, &byte, 1, 0) == 0);
  close(fd);
}

TEST_CASE("health needs no token on the people port, and knows the services of the port") {
  Edge edge;
  const auto channel = edge.PeopleChannel();
  const auto check = [&](const std::string& service) {
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    return CallRaw(channel, "/grpc.health.v1.Health/Check", request.SerializeAsString());
  };
  for (const char* service : {"", "parc.v1.LaptopService", "grpc.health.v1.Health"}) {
    const Reply reply = check(service);
    REQUIRE(reply.status.ok());
    grpc::health::v1::HealthCheckResponse response;
    REQUIRE(response.ParseFromString(reply.bytes));
    CHECK(response.status() == grpc::health::v1::HealthCheckResponse::SERVING);
  }
  CHECK(check("parc.v1.AgentService").Verdict() == "NOT_FOUND SERVICE_NOT_FOUND");
}

TEST_CASE("reflection names every service and gives its files with all they import") {
  Edge edge;
  const auto channel = edge.PeopleChannel();
  using grpc::reflection::v1::ServerReflectionRequest;
  using grpc::reflection::v1::ServerReflectionResponse;
  for (const std::string version : {"v1", "v1alpha"}) {
    const auto ask = [&](const ServerReflectionRequest& request) {
      const Reply reply =
          CallRaw(channel, "/grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo",
                  request.SerializeAsString(), {.token = edge.admin()});
      REQUIRE(reply.status.ok());
      ServerReflectionResponse response;
      REQUIRE(response.ParseFromString(reply.bytes));
      return response;
    };
    ServerReflectionRequest request;
    request.set_list_services("");
    const ServerReflectionResponse listed = ask(request);
    CHECK(listed.list_services_response().service_size() == 15);
    for (const auto& service : listed.list_services_response().service()) {
      INFO(service.name());
      request.set_file_containing_symbol(service.name());
      CHECK(ask(request).file_descriptor_response().file_descriptor_proto_size() > 0);
    }
    request.set_file_by_filename("parc/v1/laptops.proto");
    std::set<std::string> files;
    const ServerReflectionResponse laptops = ask(request);
    for (const auto& bytes : laptops.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      REQUIRE(file.ParseFromString(bytes));
      files.insert(file.name());
    }
    CHECK(files.contains("google/protobuf/timestamp.proto"));
    CHECK(files.contains("parc/v1/verdicts.proto"));
    request.set_file_by_filename("no/such.proto");
    CHECK(ask(request).error_response().error_code() == 5);
  }
}

TEST_CASE("a file is imported in pieces, tried first, and applied once") {
  Edge edge;
  const std::string csv = kPeopleCsv;
  v1::ImportFileResponse response;
  Reply reply = Import(edge, {Header(v1::IMPORT_KIND_PEOPLE, true), Chunk(csv)}, response);
  INFO(reply.Verdict() << ": " << reply.status.error_message());
  REQUIRE(reply.status.ok());
  CHECK(response.created() == 2);
  CHECK_FALSE(response.applied());
  REQUIRE(Import(edge,
                 {Header(v1::IMPORT_KIND_PEOPLE), Chunk(csv.substr(0, 50)), Chunk(csv.substr(50))},
                 response)
              .status.ok());
  CHECK(response.created() == 2);
  CHECK(response.applied());
  CHECK(response.rows_size() == 2);
  REQUIRE(Import(edge, {Header(v1::IMPORT_KIND_PEOPLE), Chunk(csv)}, response).status.ok());
  CHECK(response.unchanged() == 2);
  CHECK(response.rows_size() == 0);
}

TEST_CASE("an import without a header, of an unknown kind or by the wrong role is refused") {
  Edge edge;
  v1::ImportFileResponse response;
  CHECK(Import(edge, {}, response).Verdict() == "INVALID_ARGUMENT BAD_IMPORT");
  CHECK(Import(edge, {Chunk("x")}, response).Verdict() == "INVALID_ARGUMENT BAD_IMPORT");
  CHECK(Import(edge, {Header(v1::IMPORT_KIND_UNSPECIFIED)}, response).Verdict() ==
        "INVALID_ARGUMENT BAD_KIND");
  CHECK(Import(edge, {Header(v1::IMPORT_KIND_PEOPLE), Chunk(std::string((256 << 10) + 1, 'x'))},
               response)
            .Verdict() == "INVALID_ARGUMENT CHUNK_TOO_LARGE");
  const std::string buyer = edge.Token(access::Role::kProcurement);
  CHECK(Import(edge, {Header(v1::IMPORT_KIND_PEOPLE)}, response, buyer).Verdict() ==
        "PERMISSION_DENIED ROLE_DENIED");
  CHECK(Import(edge, {Header(v1::IMPORT_KIND_ORDERS)}, response,
               edge.Token(access::Role::kTechnician))
            .Verdict() == "PERMISSION_DENIED ROLE_DENIED");
}

TEST_CASE("a stream that is opened and left alone keeps nobody from importing, and ends soon") {
  Edge edge;
  const auto stub = v1::FleetService::NewStub(edge.PeopleChannel());
  const auto started = std::chrono::steady_clock::now();
  const auto open = [&](grpc::ClientContext& context, v1::ImportFileResponse& response) {
    context.AddMetadata("authorization", "Bearer " + edge.admin());
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    auto writer = stub->ImportFile(&context, &response);
    REQUIRE(writer->Write(Header(v1::IMPORT_KIND_PEOPLE)));
    return writer;
  };
  grpc::ClientContext contexts[3];
  v1::ImportFileResponse responses[3];
  const auto idle = open(contexts[0], responses[0]);
  const auto other = open(contexts[1], responses[1]);
  const std::string csv = "matricule;nom\n";
  v1::ImportFileResponse response;
  CHECK(Import(edge, {Header(v1::IMPORT_KIND_PEOPLE, true), Chunk(csv)}, response).reason() !=
        "BUSY");
  const auto half = open(contexts[2], responses[2]);  // holds the place, by bytes
  REQUIRE(half->Write(Chunk(csv)));
  for (const auto* writer : {&idle, &other, &half}) {
    CHECK((*writer)->Finish().error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
  }
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(15));
  CHECK(Import(edge, {Header(v1::IMPORT_KIND_PEOPLE, true), Chunk(csv)}, response).reason() !=
        "BUSY");
}

TEST_CASE("nobody imports a column that their role may not see") {
  Edge edge;
  const std::map<std::string, std::string> callers = {
      {"admin", edge.admin()}, {"technician", edge.Token(access::Role::kTechnician)}};
  struct Row {
    const char* header;  // in a file of laptops
    bool technician;
  };
  const std::vector<Row> rows = {
      {"Prix", false},  {"Cost", false},      {"price", false},    {"Devise", false},
      {"Order", false}, {"Commande", false},  {"Modèle", true},    {"Date d'achat", true},
      {"Notes", true},  {"Attribué à", true}, {"Prix HT x", true},
  };
  for (const Row& row : rows) {
    for (const auto& [role, token] : callers) {
      INFO(row.header << " as " << role);
      v1::ImportFileResponse response;
      const std::string csv = "N° d'inventaire;" + std::string(row.header) + "\nPC-1;\n";
      const Reply reply =
          Import(edge, {Header(v1::IMPORT_KIND_LAPTOPS, true), Chunk(csv)}, response, token);
      const bool may = role == "admin" || row.technician;
      CHECK(reply.Verdict() == (may ? "OK" : "PERMISSION_DENIED ROLE_DENIED"));
      if (!may) CHECK(reply.status.error_message().find(row.header) != std::string::npos);
    }
  }
}

TEST_CASE("every call is counted once, by method and outcome") {
  Edge edge;
  const auto channel = edge.PeopleChannel();
  const std::string method = "/parc.v1.TokenService/WhoAmI";
  for (int i = 0; i < 3; ++i) CallRaw(channel, method, "", {.token = edge.admin()});
  CallRaw(channel, method, "");
  const auto rows = edge.counters.Rows();
  CHECK(rows.at({method, "OK"}).calls == 3);
  CHECK(rows.at({method, "UNAUTHENTICATED"}).calls == 1);
}

}  // namespace parc::rpc
