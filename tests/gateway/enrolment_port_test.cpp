#include "daemon/gateway/enrolment_port.h"

#include <catch2/catch.hpp>
#include <map>

#include "daemon/access/time_units.h"
#include "daemon/inventory/reason.h"
#include "daemon/rpc/status_details.h"
#include "google/rpc/status.pb.h"
#include "parc/v1/enrolment.pb.h"
#include "spdlog/sinks/ostream_sink.h"
#include "spdlog/spdlog.h"
#include "tests/gateway/gateway_support.h"

namespace parc::gateway {
namespace {

constexpr std::int64_t kNow = 1'772'366'400 * access::kSecond;

// The port over an enrolment that answers what the test says.
struct FakeEnrolment {
  absl::StatusOr<access::EnrolAnswer> answer = access::EnrolAnswer{};
  absl::Status queued;
  access::EnrolCall call;
  std::string source;
  std::map<std::string, int> counted;
  std::ostringstream logged;

  Handler Port() {
    EnrolmentPortParts parts;
    parts.submit = [this](access::EnrolCall given, const std::string& from, std::int64_t now,
                          const auto& done) {
      CHECK(now == kNow);
      call = std::move(given);
      source = from;
      if (queued.ok()) done(answer);
      return queued;
    };
    parts.now = [] { return kNow; };
    parts.agent_endpoint = "parc.example:8443";
    parts.log = std::make_shared<spdlog::logger>(
        "", std::make_shared<spdlog::sinks::ostream_sink_mt>(logged));
    parts.count = [this](std::string_view, std::string_view code, std::int64_t) {
      ++counted[std::string(code)];
    };
    return EnrolmentPort(std::move(parts));
  }

  Response Ask(Request request) {
    Response got;
    Port()(std::move(request), [&](Response response) { got = std::move(response); });
    return got;
  }
};

v1::EnrolRequest SampleRequest() {
  v1::EnrolRequest wire;
  wire.set_token("parcE1.secret");
  wire.set_csr("csr bytes");
  wire.set_serial("PF0ABCDE");
  wire.set_uuid("uuid");
  wire.set_manufacturer("LENOVO");
  wire.set_model("20XW");
  wire.set_agent_version("0.1.0");
  return wire;
}

Request Post(std::string body) {
  return {.method = "POST",
          .target = kEnrolPath,
          .content_type = "application/proto",
          .body = std::move(body),
          .source = "192.0.2.9"};
}

absl::Status ErrorOf(const Response& response) {
  CHECK(response.content_type == "application/proto");
  google::rpc::Status wire;
  REQUIRE(wire.ParseFromString(response.body));
  return rpc::FromRpcStatus(wire);
}

}  // namespace

TEST_CASE("an enrolment comes through with everything that was said") {
  FakeEnrolment enrolment;
  access::EnrolAnswer issued;
  issued.outcome = access::EnrolOutcome::kIssued;
  issued.device_id = "0195";
  issued.certificate.chain = {"leaf", "issuing"};
  issued.certificate.renew_at = kNow + access::kDay;
  enrolment.answer = issued;
  const Response response = enrolment.Ask(Post(SampleRequest().SerializeAsString()));
  CHECK(response.status == 200);
  CHECK(response.content_type == "application/proto");
  v1::EnrolResponse wire;
  REQUIRE(wire.ParseFromString(response.body));
  CHECK(wire.state() == v1::ENROLMENT_STATE_ISSUED);
  CHECK(wire.device_id() == "0195");
  REQUIRE(wire.certificate_chain_size() == 2);
  CHECK(wire.certificate_chain(1) == "issuing");
  CHECK(wire.renew_time().seconds() * access::kSecond == kNow + access::kDay);
  CHECK(wire.agent_endpoint() == "parc.example:8443");

  CHECK(enrolment.call.token == "parcE1.secret");
  CHECK(enrolment.call.csr == "csr bytes");
  CHECK(enrolment.call.serial == "PF0ABCDE");
  CHECK(enrolment.call.uuid == "uuid");
  CHECK(enrolment.call.manufacturer == "LENOVO");
  CHECK(enrolment.call.model == "20XW");
  CHECK(enrolment.call.agent_version == "0.1.0");
  CHECK(enrolment.source == "192.0.2.9");
  CHECK(enrolment.counted == std::map<std::string, int>{{"OK", 1}});
  CHECK(enrolment.logged.str().find("secret") == std::string::npos);
}

TEST_CASE("who must wait is told for how long, and no certificate") {
  FakeEnrolment enrolment;
  access::EnrolAnswer pending;
  pending.outcome = access::EnrolOutcome::kPendingTakeover;
  pending.poll_after = 90 * access::kSecond;
  pending.fingerprint = "apple river stone";
  enrolment.answer = pending;
  v1::EnrolResponse wire;
  REQUIRE(wire.ParseFromString(enrolment.Ask(Post(SampleRequest().SerializeAsString())).body));
  CHECK(wire.state() == v1::ENROLMENT_STATE_PENDING_TAKEOVER);
  CHECK(wire.poll_after().seconds() == 90);
  CHECK(wire.fingerprint() == "apple river stone");
  CHECK(wire.agent_endpoint().empty());
  CHECK(wire.certificate_chain_size() == 0);
}

TEST_CASE("a refusal keeps its code, reason and sentence, with a fitting HTTP status") {
  struct Row {
    absl::StatusCode code;
    const char* reason;
    int http;
  };
  const Row rows[] = {
      {absl::StatusCode::kInvalidArgument, "BAD_TOKEN_FORMAT", 400},
      {absl::StatusCode::kUnauthenticated, "TOKEN_REJECTED", 401},
      {absl::StatusCode::kAlreadyExists, "KEY_ALREADY_ENROLLED", 409},
      {absl::StatusCode::kResourceExhausted, "TOO_MANY_REQUESTS", 429},
      {absl::StatusCode::kUnavailable, "STOPPING", 503},
  };
  for (const Row& row : rows) {
    for (const bool at_once : {true, false}) {
      INFO(row.reason << (at_once ? " at once" : " later"));
      FakeEnrolment enrolment;
      const absl::Status refusal = Refuse(row.code, row.reason, "a sentence");
      if (at_once) {
        enrolment.queued = refusal;
      } else {
        enrolment.answer = refusal;
      }
      const Response response = enrolment.Ask(Post(SampleRequest().SerializeAsString()));
      CHECK(response.status == row.http);
      const absl::Status told = ErrorOf(response);
      CHECK(told.code() == row.code);
      CHECK(ReasonOf(told) == row.reason);
      CHECK(told.message() == "a sentence");
      CHECK(enrolment.counted.size() == 1);
    }
  }
}

TEST_CASE("a fault of the daemon is told to the log, not to a stranger") {
  FakeEnrolment enrolment;
  enrolment.answer = absl::InternalError("no such column: serial_key");
  const Response response = enrolment.Ask(Post(SampleRequest().SerializeAsString()));
  CHECK(response.status == 500);
  CHECK(std::string(ErrorOf(response).message()).find("column") == std::string::npos);
  CHECK(enrolment.logged.str().find("no such column") != std::string::npos);
}

TEST_CASE("everything but an enrolment is refused by name") {
  struct Row {
    const char* what;
    Request request;
    int http;
    absl::StatusCode code;
    const char* reason;
  };
  using absl::StatusCode;
  const std::string body = SampleRequest().SerializeAsString();
  Request get = Post("");
  get.method = "GET";
  Request other = Post(body);
  other.target = "/parc.v1.LaptopService/ListLaptops";
  Request json = Post(body);
  json.content_type = "application/json";
  Request untyped = Post(body);
  untyped.content_type = "";
  const Row rows[] = {
      {"GET", get, 405, StatusCode::kUnimplemented, "METHOD_NOT_ALLOWED"},
      {"another method of the API", other, 404, StatusCode::kNotFound, "NO_SUCH_METHOD"},
      {"JSON", json, 415, StatusCode::kInvalidArgument, "UNSUPPORTED_MEDIA_TYPE"},
      {"no type", untyped, 415, StatusCode::kInvalidArgument, "UNSUPPORTED_MEDIA_TYPE"},
      {"garbage", Post("\xff\xff\xff"), 400, StatusCode::kInvalidArgument, "MALFORMED"},
      {"a cut message", Post(body.substr(0, body.size() - 1)), 400, StatusCode::kInvalidArgument,
       "MALFORMED"},
      {"tag 0", Post(std::string("\0\0", 2)), 400, StatusCode::kInvalidArgument, "MALFORMED"},
      {"a string that is not UTF-8", Post("\x1a\x01\xff"), 400, StatusCode::kInvalidArgument,
       "MALFORMED"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    FakeEnrolment enrolment;
    const Response response = enrolment.Ask(row.request);
    CHECK(response.status == row.http);
    const absl::Status told = ErrorOf(response);
    CHECK(told.code() == row.code);
    CHECK(ReasonOf(told) == row.reason);
    CHECK(enrolment.call.token.empty());
  }
  FakeEnrolment enrolment;
  CHECK(enrolment.Ask(get).allow == "POST");
  Request parameters = Post(body);
  parameters.content_type = "application/proto; charset=utf-8";
  CHECK(enrolment.Ask(parameters).status == 200);
}

TEST_CASE("an enrolment over a real TLS connection") {
  FakeEnrolment enrolment;
  Listening listening(enrolment.Port());
  const TrialCertificates certificates;
  const access::OwnCertificate own = certificates.Issue();
  REQUIRE(listening.UseTls(own.chain_pem, own.key_pem).ok());
  TlsClient client(listening.port());
  REQUIRE(client.connected());
  const std::string body = SampleRequest().SerializeAsString();
  client.Send(std::string("POST ") + kEnrolPath +
              " HTTP/1.1\r\nHost: parc\r\nContent-Type: application/proto\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
  const std::string answer = client.ReadAll();
  CHECK(answer.substr(0, 15) == "HTTP/1.1 200 OK");
  v1::EnrolResponse wire;
  REQUIRE(wire.ParseFromString(answer.substr(answer.find("\r\n\r\n") + 4)));
  CHECK(wire.state() == v1::ENROLMENT_STATE_PENDING);
  CHECK(enrolment.source == "127.0.0.1");
}

}  // namespace parc::gateway
