#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "agent/identity/diagnose.h"
#include "agent/identity/enrol.h"
#include "agent/identity/keys.h"
#include "agent/identity/store.h"
#include "agent/identity/support_code.h"
#include "google/rpc/status.pb.h"
#include "tests/agent/agent_support.h"
#include "tests/agent/tls_support.h"

namespace parc::agent {
namespace {

using std::chrono::milliseconds;

const std::string kToken = "parcE1.abcdefghij.abcdefghijklmnopqrstuvwxyz.00000000";

Deadline Soon() { return Deadline(milliseconds(5000)); }

std::string Url(int port, const std::string& fingerprint, const std::string& host = "127.0.0.1") {
  return "parc://" + host + ":" + std::to_string(port) + "/#" + kToken +
         "&ca=sha256:" + fingerprint;
}

// A gateway as the daemon is one: issues for the request's key.
class FakeGateway {
 public:
  explicit FakeGateway(const std::string& host = "127.0.0.1")
      : own_(authority_.IssueServer(host, kNoon - kOneDay, kNoon + kOneDay)),
        server_(own_.pem + authority_.pem(), own_.key_pem,
                [this](const std::string& request) { return Answer(request); }) {}

  std::string url() const { return Url(server_.port(), authority_.fingerprint()); }
  const TlsServer& server() const { return server_; }
  const TestAuthority& authority() const { return authority_; }

  v1::EnrolmentState state = v1::ENROLMENT_STATE_ISSUED;
  std::string reply;  // instead of an answer

 private:
  std::string Answer(const std::string& request) {
    if (!reply.empty()) return reply;
    v1::EnrolRequest wire;
    if (!wire.ParseFromString(request.substr(request.find("\r\n\r\n") + 4)))
      return HttpReply(400, "");
    v1::EnrolResponse response;
    response.set_state(state);
    if (state == v1::ENROLMENT_STATE_ISSUED) {
      response.set_device_id("0190d0c8-0000-7000-8000-000000000001");
      response.set_agent_endpoint("parc.example:8443");
      response.mutable_renew_time()->set_seconds((kNoon + 30 * kOneDay) / 1'000'000);
      *response.add_certificate_chain() =
          authority_.IssueForCsr(wire.csr(), kNoon - kOneDay, kNoon + 60 * kOneDay);
    } else {
      response.set_fingerprint("lusab-babad-gutih-tugad");
    }
    return HttpReply(200, response.SerializeAsString());
  }

  TestAuthority authority_{"Parc root", kNoon};
  TestCertificate own_;
  TlsServer server_;
};

absl::StatusOr<EnrolmentAnswer> Enrol(IdentityStore& store, const std::string& url) {
  const auto pending = PrepareEnrolment(store, url, {});
  if (!pending.ok()) return pending.status();
  const auto code = ParseEnrolmentCode(url);
  auto answer = SendEnrolment(*code, pending->request, "", kNoon, Soon());
  if (!answer.ok()) return answer;
  const auto taken = TakeEnrolment(store, *pending, *answer);
  if (!taken.ok()) return taken;
  return answer;
}

}  // namespace

TEST_CASE("an enrolment code is read, and a mistyped one is refused without being repeated") {
  const std::string pin(64, 'a');
  const auto code = ParseEnrolmentCode("  " + Url(8444, pin, "parc.example") + "\n");
  REQUIRE(code.ok());
  CHECK(code->host == "parc.example");
  CHECK(code->port == 8444);
  CHECK(code->token == kToken);
  CHECK(code->root_fingerprint == pin);
  CHECK(ParseEnrolmentCode("parc://[2001:db8::1]:8444/#" + kToken + "&ca=sha256:" + pin)->host ==
        "2001:db8::1");
  for (const std::string& bad :
       {std::string(), kToken, std::string("https://a:1/#") + kToken, Url(8444, pin.substr(1)),
        Url(8444, std::string(64, 'g')), Url(0, pin),
        "parc://parc.example/#" + kToken + "&ca=sha256:" + pin,
        "parc://parc.example:8444/#secret&ca=sha256:" + pin, "parc://parc.example:8444/#" + kToken,
        std::string(2000, 'x')}) {
    INFO(bad);
    const auto refused = ParseEnrolmentCode(bad);
    CHECK(absl::IsInvalidArgument(refused.status()));
    CHECK(std::string(refused.status().message()).find("abcdefghij") == std::string::npos);
  }
}

TEST_CASE("a laptop enrols over a chain that leads to the pinned root") {
  const FakeGateway gateway;
  const Tree tree;
  IdentityStore store(tree.path() / "identity");
  REQUIRE(Enrol(store, gateway.url()).ok());
  const auto identity = store.Current();
  REQUIRE(identity.ok());
  CHECK(identity->device_id == "0190d0c8-0000-7000-8000-000000000001");
  CHECK(identity->endpoint == "parc.example:8443");
  CHECK(identity->root_pem == gateway.authority().pem());
  CHECK(identity->not_after == kNoon + 60 * kOneDay);
  CHECK(identity->renew_at == kNoon + 30 * kOneDay);
  CHECK(absl::IsNotFound(store.Pending().status()));  // the token does not stay on disk
  struct stat about {};
  REQUIRE(stat((tree.path() / "identity/1/key.pem").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  REQUIRE(stat((tree.path() / "identity/1").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0700);
  REQUIRE(gateway.server().requests().size() == 1);
  CHECK(gateway.server().requests()[0].rfind("POST /parc.v1.EnrolmentService/Enrol HTTP/1.1\r\n",
                                             0) == 0);
}

TEST_CASE("a server that is not the pinned one gets nothing") {
  const FakeGateway gateway;
  const TestAuthority stranger("Parc root", kNoon);  // of the same name
  const Tree tree;
  IdentityStore store(tree.path() / "identity");

  SECTION("another authority's fingerprint") {
    const std::string url = Url(gateway.server().port(), stranger.fingerprint());
    CHECK(absl::IsUnauthenticated(Enrol(store, url).status()));
    CHECK(gateway.server().requests().empty());
  }
  SECTION("a man in the middle who shows the true root behind a certificate of his own") {
    const TestCertificate forged =
        stranger.IssueServer("127.0.0.1", kNoon - kOneDay, kNoon + kOneDay);
    TlsServer server(forged.pem + gateway.authority().pem(), forged.key_pem,
                     [](const auto&) { return HttpReply(200, ""); });
    const std::string url = Url(server.port(), gateway.authority().fingerprint());
    CHECK(absl::IsUnauthenticated(Enrol(store, url).status()));
    CHECK(server.requests().empty());
  }
  SECTION("the right authority, a certificate of another host") {
    const TestCertificate other =
        gateway.authority().IssueServer("10.9.8.7", kNoon - kOneDay, kNoon + kOneDay);
    TlsServer server(other.pem + gateway.authority().pem(), other.key_pem,
                     [](const auto&) { return HttpReply(200, ""); });
    const std::string url = Url(server.port(), gateway.authority().fingerprint());
    CHECK(absl::IsUnauthenticated(Enrol(store, url).status()));
    CHECK(server.requests().empty());
  }
  SECTION("the right authority, a certificate that has ended") {
    const TestCertificate old =
        gateway.authority().IssueServer("127.0.0.1", kNoon - 2 * kOneDay, kNoon - kOneDay);
    TlsServer server(old.pem + gateway.authority().pem(), old.key_pem,
                     [](const auto&) { return HttpReply(200, ""); });
    const std::string url = Url(server.port(), gateway.authority().fingerprint());
    CHECK(absl::IsUnauthenticated(Enrol(store, url).status()));
    CHECK(server.requests().empty());
  }
  CHECK(absl::IsNotFound(store.Current().status()));
  CHECK(store.Pending().ok());  // the code may still be good once the right server answers
}

TEST_CASE("a request that waits is repeated with the very same bytes") {
  FakeGateway gateway;
  const Tree tree;
  IdentityStore store(tree.path() / "identity");
  gateway.state = v1::ENROLMENT_STATE_PENDING;
  REQUIRE(Enrol(store, gateway.url()).ok());
  REQUIRE(store.PutPendingWords("amber brook cedar delta").ok());
  CHECK(store.Pending()->words == "amber brook cedar delta");
  CHECK(absl::IsNotFound(store.Current().status()));
  gateway.reply = "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\ncut";
  CHECK(absl::IsUnavailable(Enrol(store, gateway.url()).status()));
  gateway.reply.clear();
  gateway.state = v1::ENROLMENT_STATE_ISSUED;
  REQUIRE(Enrol(store, gateway.url()).ok());
  CHECK(store.Current().ok());
  const auto requests = gateway.server().requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0] == requests[1]);
  CHECK(requests[1] == requests[2]);
}

TEST_CASE("refusals come with the server's own sentence, and junk with one of ours") {
  FakeGateway gateway;
  const Tree tree;
  IdentityStore store(tree.path() / "identity");
  google::rpc::Status refusal;
  refusal.set_code(16);
  refusal.set_message("The enrolment code is not accepted.");
  gateway.reply = HttpReply(401, refusal.SerializeAsString());
  const auto refused = Enrol(store, gateway.url());
  CHECK(absl::IsUnauthenticated(refused.status()));
  CHECK(std::string(refused.status().message()) == "The enrolment code is not accepted.");
  CHECK(absl::IsNotFound(store.Pending().status()));  // it will not be accepted later either
  refusal.set_code(8);
  refusal.set_message("too many requests");
  gateway.reply = HttpReply(429, refusal.SerializeAsString());
  CHECK(absl::IsResourceExhausted(Enrol(store, gateway.url()).status()));
  CHECK(store.Pending().ok());
  for (const std::string& junk :
       {std::string("SSH-2.0-OpenSSH_9.2\r\n"), HttpReply(502, "<html>", "text/html"),
        HttpReply(200, "\xff\xff\xff"), std::string(100'000, 'x'),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")}) {
    gateway.reply = junk;
    CHECK_FALSE(Enrol(store, gateway.url()).ok());
  }
  CHECK(absl::IsNotFound(store.Current().status()));
}

TEST_CASE("a rejected request is forgotten") {
  FakeGateway gateway;
  const Tree tree;
  IdentityStore store(tree.path() / "identity");
  gateway.state = v1::ENROLMENT_STATE_REJECTED;
  CHECK(absl::IsPermissionDenied(Enrol(store, gateway.url()).status()));
  CHECK(absl::IsNotFound(store.Pending().status()));
}

TEST_CASE("a certificate for another key is never kept") {
  const FakeGateway gateway;
  const Tree tree;
  IdentityStore store(tree.path() / "identity");
  const auto pending = PrepareEnrolment(store, gateway.url(), {});
  REQUIRE(pending.ok());
  EnrolmentAnswer answer;
  answer.root_pem = gateway.authority().pem();
  answer.response.set_state(v1::ENROLMENT_STATE_ISSUED);
  answer.response.set_agent_endpoint("parc.example:8443");
  *answer.response.add_certificate_chain() =
      gateway.authority().IssueForCsr(*MakeCsr(*MakeKeyPem()), kNoon, kNoon + kOneDay);
  CHECK(absl::IsDataLoss(TakeEnrolment(store, *pending, answer)));
  CHECK(absl::IsNotFound(store.Current().status()));
}

TEST_CASE("why no call got through is told apart") {
  const FakeGateway gateway;
  const TestAuthority stranger("Parc root", kNoon);
  Identity identity;
  identity.endpoint = "127.0.0.1:" + std::to_string(gateway.server().port());
  identity.root_pem = gateway.authority().pem();
  CHECK(absl::IsPermissionDenied(DiagnoseServer(identity, "", kNoon, Soon())));
  identity.root_pem = stranger.pem();
  CHECK(absl::IsUnauthenticated(DiagnoseServer(identity, "", kNoon, Soon())));
  identity.endpoint = "127.0.0.1:1";
  CHECK(absl::IsUnavailable(DiagnoseServer(identity, "", kNoon, Soon())));
  identity.endpoint = "nonsense nonsense";
  CHECK(absl::IsUnavailable(DiagnoseServer(identity, "", kNoon, Soon())));
}

TEST_CASE("an identity with a damaged file is named, not used") {
  const FakeGateway gateway;
  Tree tree;
  IdentityStore store(tree.path() / "identity");
  REQUIRE(Enrol(store, gateway.url()).ok());
  tree.File("identity/1/key.pem", *MakeKeyPem());
  CHECK(absl::IsDataLoss(store.Current().status()));
  tree.File("identity/1/key.pem", "");
  CHECK(absl::IsDataLoss(store.Current().status()));
  tree.File("identity/current", "junk");
  CHECK(absl::IsNotFound(store.Current().status()));
}

TEST_CASE("the support code is the day's, of this key") {
  constexpr std::int64_t kMarch20 = 1'584'662'400LL * 1'000'000;
  const std::string hash(32, '\0');
  // By sha256sum of the three lines; the server's own test has the same figure.
  CHECK(SupportCode(hash, kMarch20) == "4P4M-EN2J");
  CHECK(SupportCode(hash, kMarch20 + 86'399LL * 1'000'000) == "4P4M-EN2J");
  CHECK(SupportCode(hash, kMarch20 - 1) != "4P4M-EN2J");
  CHECK(SupportCode(std::string(32, '\1'), kMarch20) != "4P4M-EN2J");
  CHECK(SupportCode("", kMarch20).empty());
}

}  // namespace parc::agent
