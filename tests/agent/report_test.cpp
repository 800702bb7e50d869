#include <catch2/catch.hpp>
#include <deque>

#include "agent/identity/keys.h"
#include "agent/report/collect.h"
#include "agent/report/delta.h"
#include "agent/report/reporter.h"
#include "tests/agent/agent_support.h"
#include "tests/agent/tls_support.h"

namespace parc::agent {
namespace {

v1::Facts SomeFacts(int pending = 1) {
  v1::Facts facts;
  facts.mutable_os()->set_id("debian");
  facts.mutable_updates()->set_pending(pending);
  auto& note = *facts.add_unreadable();
  note.set_fact("hardware.serial");
  note.set_reason("needs the root collector");
  return facts;
}

// What the server holds of one laptop, by the rules of the protocol.
class FakeServer {
 public:
  struct Use {
    std::string certificate;
    v1::CheckInRequest request;
  };

  absl::StatusOr<v1::CheckInResponse> CheckIn(const Identity& identity,
                                              const v1::CheckInRequest& request) {
    uses.push_back({identity.chain_pem, request});
    if (!refusals.empty()) {
      const absl::Status refusal = refusals.front();
      refusals.pop_front();
      if (!refusal.ok()) return refusal;
    }
    v1::CheckInResponse response;
    response.mutable_next_contact()->set_seconds(900);
    if (request.report_seq() <= newest) {
      response.set_stale(request.report_seq() < newest);
      return response;
    }
    if (!request.base_digest().empty() && request.base_digest() != digest) {
      response.set_send_complete(true);
      return response;
    }
    newest = request.report_seq();
    digest = request.facts_digest();
    return response;
  }

  std::vector<Use> uses;
  std::deque<absl::Status> refusals;
  std::uint64_t newest = 0;
  std::string digest;
  TestAuthority authority{"Parc root", kNoon};
};

class FakeChannel : public Channel {
 public:
  FakeChannel(FakeServer& server, Identity identity)
      : server_(server), identity_(std::move(identity)) {}
  absl::StatusOr<v1::CheckInResponse> CheckIn(const v1::CheckInRequest& request) override {
    return server_.CheckIn(identity_, request);
  }
  absl::StatusOr<v1::RenewCertificateResponse> Renew(
      const v1::RenewCertificateRequest& request) override {
    v1::RenewCertificateResponse response;
    *response.add_certificate_chain() =
        server_.authority.IssueForCsr(request.csr(), kNoon, kNoon + 60 * kOneDay);
    response.mutable_renew_time()->set_seconds((kNoon + 30 * kOneDay) / 1'000'000);
    return response;
  }

 private:
  FakeServer& server_;
  Identity identity_;
};

struct Laptop {
  Laptop() {
    Identity identity;
    identity.device_id = "device";
    identity.endpoint = "127.0.0.1:1";
    identity.root_pem = server.authority.pem();
    identity.key_pem = *MakeKeyPem();
    const std::string der =
        server.authority.IssueForCsr(*MakeCsr(identity.key_pem), kNoon, kNoon + 60 * kOneDay);
    identity.chain_pem = *ChainToPem({der});
    identity.renew_at = kNoon + 30 * kOneDay;
    REQUIRE(identities.PutNext(identity).ok());
    REQUIRE(identities.PromoteNext().ok());
  }

  Reporter Report(std::int64_t now = kNoon, const std::string& held_applications = "",
                  const std::string& held_problems = "") {
    return Reporter(identities, outbox,
                    [this](const Identity& identity) {
                      return std::make_unique<FakeChannel>(server, identity);
                    },
                    {tree.path() / "acknowledged", "6f1c2f2e-8d0a-4e60-9a0e-3f6f0f6f2c11", "0.1.0",
                     now, held_applications, held_problems});
  }

  Tree tree;
  FakeServer server;
  IdentityStore identities{tree.path() / "identity"};
  Outbox outbox = *Outbox::Open(tree.path() / "outbox", kNoon);
};

}  // namespace

TEST_CASE("the first report is complete, the next say what changed") {
  Laptop laptop;
  Reporter reporter = laptop.Report();
  REQUIRE(reporter.Keep(SomeFacts()).ok());
  REQUIRE(reporter.Send().ok());
  REQUIRE(reporter.Keep(SomeFacts()).ok());
  REQUIRE(reporter.Send().ok());
  REQUIRE(reporter.Keep(SomeFacts(2)).ok());
  REQUIRE(reporter.Send().ok());
  const auto& uses = laptop.server.uses;
  REQUIRE(uses.size() == 3);
  CHECK(uses[0].request.base_digest().empty());
  CHECK(uses[0].request.facts().SerializeAsString() == SomeFacts().SerializeAsString());
  CHECK(uses[0].request.facts_digest().size() == 32);
  CHECK(uses[1].request.base_digest() == uses[1].request.facts_digest());
  CHECK(uses[1].request.facts().ByteSizeLong() == 0);
  CHECK(uses[2].request.base_digest() == uses[0].request.facts_digest());
  CHECK_FALSE(uses[2].request.facts().has_os());
  CHECK(uses[2].request.facts().updates().pending() == 2);
  CHECK(uses[2].request.facts().unreadable_size() == 0);
  CHECK(laptop.outbox.waiting().empty());
}

TEST_CASE("a list of applications that the laptop holds is not sent to it again") {
  Laptop laptop;
  Reporter reporter = laptop.Report(kNoon, "list 1");
  REQUIRE(reporter.Keep(SomeFacts()).ok());
  REQUIRE(reporter.Send().ok());
  REQUIRE(laptop.server.uses.size() == 1);
  CHECK(laptop.server.uses[0].request.applications_digest() == "list 1");

  v1::CheckInResponse before;
  before.set_applications_digest("list 1");
  before.add_applications()->set_application("erp");
  const auto after = [&](const std::optional<v1::CheckInResponse>& held,
                         v1::CheckInResponse answer) {
    KeepHeldLists(held, answer);
    std::string names;
    for (const auto& target : answer.applications()) names += target.application() + " ";
    return names;
  };
  v1::CheckInResponse answer;
  CHECK(after(before, answer).empty());  // there is none any more
  answer.set_applications_digest("list 1");
  CHECK(after(before, answer) == "erp ");
  CHECK(after({}, answer).empty());
  answer.set_applications_digest("list 2");
  CHECK(after(before, answer).empty());
  answer.add_applications()->set_application("mail");
  CHECK(after(before, answer) == "mail ");
}

TEST_CASE("problems that the laptop holds are not sent to it again") {
  Laptop laptop;
  Reporter reporter = laptop.Report(kNoon, "", "problems 1");
  REQUIRE(reporter.Keep(SomeFacts()).ok());
  REQUIRE(reporter.Send().ok());
  REQUIRE(laptop.server.uses.size() == 1);
  CHECK(laptop.server.uses[0].request.problems_digest() == "problems 1");

  v1::CheckInResponse before;
  before.set_problems_digest("problems 1");
  before.add_problems()->set_check("firewall");
  const auto after = [&](const std::optional<v1::CheckInResponse>& held,
                         v1::CheckInResponse answer) {
    KeepHeldLists(held, answer);
    std::string names;
    for (const auto& problem : answer.problems()) names += problem.check() + " ";
    return names;
  };
  v1::CheckInResponse answer;
  CHECK(after(before, answer).empty());  // there is none any more, or a server that has no digests
  answer.set_problems_digest("problems 1");
  CHECK(after(before, answer) == "firewall ");
  CHECK(after({}, answer).empty());
  answer.set_problems_digest("problems 2");
  CHECK(after(before, answer).empty());
  answer.add_problems()->set_check("disk");
  CHECK(after(before, answer) == "disk ");
}

TEST_CASE("what the server lost is sent again, complete") {
  Laptop laptop;
  Reporter reporter = laptop.Report();
  REQUIRE(reporter.Keep(SomeFacts()).ok());
  REQUIRE(reporter.Send().ok());
  laptop.server.digest = "another base";
  REQUIRE(reporter.Keep(SomeFacts(2)).ok());
  REQUIRE(reporter.Send().ok());
  REQUIRE(laptop.server.uses.size() == 3);
  CHECK(laptop.server.uses[2].request.base_digest().empty());
  CHECK(laptop.server.uses[2].request.facts().os().id() == "debian");
  CHECK(laptop.server.digest == DigestOf(SomeFacts(2)));
}

TEST_CASE("a state directory from a backup finds numbers that the server takes") {
  Laptop laptop;
  laptop.server.newest = 5000;
  Reporter reporter = laptop.Report();
  REQUIRE(reporter.Keep(SomeFacts()).ok());
  REQUIRE(reporter.Send().ok());
  CHECK(laptop.server.newest > 1'000'000'000);
  CHECK(laptop.outbox.waiting().empty());
}

TEST_CASE("offline for weeks, the newest report is sent and covers the others") {
  Laptop laptop;
  Reporter reporter = laptop.Report();
  for (int i = 0; i < 30; ++i) {
    laptop.server.refusals.push_back(absl::UnavailableError("no route"));
    REQUIRE(reporter.Keep(SomeFacts(i)).ok());
    CHECK(absl::IsUnavailable(reporter.Send().status()));
  }
  CHECK(laptop.outbox.waiting().size() == Outbox::kMaxReports);
  REQUIRE(reporter.Send().ok());
  CHECK(laptop.server.uses.back().request.facts().updates().pending() == 29);
  CHECK(laptop.outbox.waiting().empty());
}

TEST_CASE("a report that is refused for ever does not block the next") {
  Laptop laptop;
  Reporter reporter = laptop.Report();
  laptop.server.refusals.push_back(absl::InvalidArgumentError("BAD_TEXT"));
  REQUIRE(reporter.Keep(SomeFacts()).ok());
  CHECK(absl::IsInvalidArgument(reporter.Send().status()));
  CHECK(laptop.outbox.waiting().empty());
  REQUIRE(reporter.Keep(SomeFacts(2)).ok());
  CHECK(reporter.Send().ok());
}

TEST_CASE("a renewed certificate becomes current with the first answer to it") {
  Laptop laptop;
  const std::string old_chain = laptop.identities.Current()->chain_pem;
  Reporter early = laptop.Report();
  REQUIRE(early.Renew(false).ok());
  CHECK(absl::IsNotFound(laptop.identities.Next().status()));  // not yet half of its life

  Reporter reporter = laptop.Report(kNoon + 31 * kOneDay);
  REQUIRE(reporter.Renew(false).ok());
  REQUIRE(laptop.identities.Next().ok());
  CHECK(laptop.identities.Next()->key_pem != laptop.identities.Current()->key_pem);
  CHECK(laptop.identities.Current()->chain_pem == old_chain);

  // The server does not know the new one (yet): the old one still does.
  laptop.server.refusals = {absl::PermissionDeniedError("CERT_SUPERSEDED"), absl::OkStatus()};
  REQUIRE(reporter.Keep(SomeFacts()).ok());
  REQUIRE(reporter.Send().ok());
  CHECK(laptop.server.uses.back().certificate == old_chain);
  CHECK(laptop.identities.Next().ok());

  REQUIRE(reporter.Keep(SomeFacts()).ok());
  REQUIRE(reporter.Send().ok());
  CHECK(laptop.server.uses.back().certificate != old_chain);
  CHECK(laptop.identities.Current()->chain_pem == laptop.server.uses.back().certificate);
  CHECK(absl::IsNotFound(laptop.identities.Next().status()));
}

TEST_CASE("an ended certificate is told as what it is, and nothing is sent") {
  Laptop laptop;
  Reporter reporter = laptop.Report(kNoon + 61 * kOneDay);
  REQUIRE(reporter.Keep(SomeFacts()).ok());
  const auto sent = reporter.Send();
  CHECK(absl::IsFailedPrecondition(sent.status()));
  CHECK(std::string(sent.status().message()).find("ended on 2026-04-30") != std::string::npos);
  CHECK(laptop.server.uses.empty());
  CHECK(laptop.outbox.waiting().size() == 1);
}

TEST_CASE("a delta names the sections that went and the sources that became unreadable") {
  v1::Facts base = SomeFacts();
  base.mutable_security()->set_firewall_enabled(true);
  v1::Facts facts = SomeFacts();
  auto& note = *facts.add_unreadable();
  note.set_fact("firewall.enabled");
  note.set_reason("needs the root collector");
  const Delta delta = Difference(base, facts);
  CHECK(delta.removed == std::vector<std::string>{"security"});
  REQUIRE(delta.changed.unreadable_size() == 1);
  CHECK(delta.changed.unreadable(0).fact() == "firewall.enabled");
  CHECK_FALSE(delta.changed.has_os());
  for (const auto& [fact, section] : {std::pair<const char*, const char*>{"vpn.profiles", "vpn"},
                                      {"disk.free_percent", "storage"},
                                      {"secure_boot", "hardware"},
                                      {"tpm2", "hardware"},
                                      {"efi", "hardware"},
                                      {"memory.errors_corrected", "hardware"},
                                      {"accounts.open", "security"},
                                      {"screen_lock.enforced", "security"},
                                      {"root.locked", "security"},
                                      {"tools.installed", "tools"},
                                      {"applications.count", "applications"},
                                      {"battery.health", "hardware"},
                                      {"reboot_required", "updates"},
                                      {"network.macs", "network"},
                                      {"nonsense", ""},
                                      {"unreadable", ""}}) {
    CHECK(SectionOf(fact) == section);
  }
}

TEST_CASE("an idle laptop's facts are the same a quarter of an hour later") {
  const Root root(Fixture("debian12"));
  const Tree tree;
  World world = PlainWorld(root);
  GatewayQuestions questions;
  questions.memory = tree.path() / "gateways";
  questions.options.random = LoadedBytes();
  questions.options.now = kNoon;
  world.space = [](std::string_view) { return Space{500'000'000'000, 251'200'000'000}; };
  world.clock = [] { return KernelClock{true, 1'900}; };
  const std::string first = DigestOf(CollectFacts(world, questions));
  questions.options.now += 900'000'000;
  world.space = [](std::string_view) { return Space{500'000'000'000, 250'900'000'000}; };
  world.clock = [] { return KernelClock{true, 8'400}; };
  CHECK(DigestOf(CollectFacts(world, questions)) == first);
}

TEST_CASE("no fact holds the name of a network, a secret or a person") {
  const std::string key = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
  Tree tree;
  tree.File(
          "etc/NetworkManager/system-connections/HomeNet.nmconnection",
          "[connection]\nid=HomeNet\ntype=wifi\n[wifi]\nssid=HomeNet\n[wifi-security]\npsk=hush\n")
      .File("etc/wireguard/alice.conf", "[Interface]\nPrivateKey=" + key + "\n[Peer]\nPublicKey=" +
                                            key + "\nEndpoint=wg.example:51820\n")
      .File("etc/passwd", "alice:x:1000:1000:Alice Martin:/home/alice:/bin/bash\n")
      .File("etc/hostname", "alice-laptop\n");
  const Root root(tree.path());
  GatewayQuestions questions;
  questions.memory = tree.path() / "gateways";
  questions.options.random = LoadedBytes();
  questions.ask = false;
  const std::string text = CollectFacts(PlainWorld(root), questions).DebugString();
  for (const char* secret : {"HomeNet", "hush", "alice", "Alice", key.c_str()}) {
    INFO(secret);
    CHECK(text.find(secret) == std::string::npos);
  }
  CHECK(text.find("wg.example") != std::string::npos);
}

}  // namespace parc::agent
