#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "agent/net/beside.h"
#include "agent/report/collect.h"
#include "client/lib/evidence.h"
#include "tests/agent/agent_support.h"
#include "tests/agent/tls_support.h"

namespace parc::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// Whoever hangs does so until the test has ended; what was left behind still looks at it.
std::atomic<bool> released{false};

struct Release {
  Release() { released = false; }
  ~Release() { released = true; }
};

enum class Manner { kUsesUpItsTime, kNeverEnds };

void Hang(Manner manner, Deadline deadline) {
  while (!released && (manner == Manner::kNeverEnds || deadline.left_ms() > 0)) {
    std::this_thread::sleep_for(milliseconds(5));
  }
}

// Each could take far longer than the whole.
Patience ShortWhole() {
  Patience patience;
  patience.whole = milliseconds(500);
  for (milliseconds* each : {&patience.bus, &patience.portal, &patience.space, &patience.packages,
                             &patience.root, &patience.keyed}) {
    *each = seconds(10);
  }
  return patience;
}

Sources Hanging(Manner manner) {
  Sources sources;
  sources.bus = [manner](Deadline deadline) {
    Hang(manner, deadline);
    return BusView();
  };
  sources.portal = [manner](Deadline deadline) -> std::optional<bool> {
    Hang(manner, deadline);
    return std::nullopt;
  };
  sources.packages = [manner](Deadline deadline) {
    Hang(manner, deadline);
    return PackageAnswer{{}, {}, true};
  };
  const auto collector = [manner](Deadline deadline) -> absl::StatusOr<v1::Facts> {
    Hang(manner, deadline);
    return absl::DeadlineExceededError("no answer in time");
  };
  sources.root = collector;
  sources.keyed = collector;
  return sources;
}

Resolver HangingResolver(Manner manner) {
  return
      [manner](const std::string&, int, Deadline deadline) -> absl::StatusOr<std::vector<Address>> {
        Hang(manner, deadline);
        return absl::DeadlineExceededError("does not resolve in time");
      };
}

Gateway Named(const std::string& host) {
  Gateway gateway;
  gateway.protocol = v1::GATEWAY_PROTOCOL_OPENVPN_UDP;
  gateway.host = host;
  gateway.port = 1194;
  return gateway;
}

// A port of this machine that takes datagrams and says nothing.
class SilentPort {
 public:
  SilentPort() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd_.get(), reinterpret_cast<sockaddr*>(&address_), sizeof address_) == 0);
    socklen_t size = sizeof address_;
    REQUIRE(getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address_), &size) == 0);
  }
  int port() const { return ntohs(address_.sin_port); }

 private:
  Descriptor fd_;
  sockaddr_in address_{};
};

GatewayQuestions QuestionsOf(const Tree& tree) {
  GatewayQuestions questions;
  questions.configured = {Named("vpn.example")};
  questions.memory = tree.path() / "gateways";
  questions.applications_memory = tree.path() / "applications";
  questions.options.random = LoadedBytes();
  questions.options.now = kNoon;
  questions.options.resolve_within = seconds(10);
  questions.options.answer_within = seconds(10);
  v1::ApplicationTarget& target = questions.applications.emplace_back();
  target.set_application("payroll");
  target.set_host("payroll.example");
  target.set_port(443);
  return questions;
}

}  // namespace

TEST_CASE("a report is made within ten seconds") {
  CHECK(Patience().whole + 4 * Beside<int>::kMoment <= seconds(10));
}

TEST_CASE("when everything hangs, a report is made in the time of one, and says what was late") {
  const Release release;
  const Manner manner = GENERATE(Manner::kUsesUpItsTime, Manner::kNeverEnds);
  const Tree tree;
  const Root root(Fixture("debian12"));
  World world = PlainWorld(root);
  world.space = [manner](std::string_view) -> std::optional<Space> {
    // statvfs knows no deadline.
    Hang(manner, Deadline(manner == Manner::kNeverEnds ? seconds(0) : seconds(10)));
    return std::nullopt;
  };
  GatewayQuestions questions = QuestionsOf(tree);
  questions.options.resolve = HangingResolver(manner);
  const auto start = steady_clock::now();
  const v1::Facts facts = CollectFacts(world, questions, Hanging(manner), ShortWhole());
  // Any one of them that had a time of its own would have taken ten.
  CHECK(steady_clock::now() - start < seconds(8));

  CHECK(facts.os().id() == "debian");
  CHECK(facts.network().online());
  CHECK_FALSE(facts.network().has_captive_portal());
  CHECK_FALSE(facts.updates().has_security_pending());
  REQUIRE(facts.vpn().gateways_size() == 1);
  CHECK(facts.vpn().gateways(0).answer() == v1::GATEWAY_ANSWER_UNKNOWN);
  CHECK_FALSE(facts.vpn().gateways(0).has_resolved());
  for (const v1::Unreadable& note : facts.unreadable()) {
    INFO(note.reason());
    if (note.reason().find("time") != std::string::npos) {
      CHECK(client::EvidenceInFrench(note.reason()) != note.reason());
    }
  }
  const std::string late = "the package manager did not answer in time";
  const std::string no_time = "there was no time left to ask";
  CHECK(ReasonFor(facts, "updates.security_pending") == late);
  CHECK(ReasonFor(facts, "updates.pending") == late);
  CHECK(ReasonFor(facts, "disk.least_free_percent") == "a file system did not answer in time");
  CHECK(ReasonFor(facts, "firewall.filters") == "the root collector did not answer");
  CHECK(ReasonFor(facts, "vpn.gateway.answer") == no_time);
  CHECK(ReasonFor(facts, "vpn.gateway.resolved") == no_time);
  if (!facts.has_applications()) CHECK(ReasonFor(facts, "applications.count") == no_time);
  for (const v1::ApplicationAnswer& answer : facts.applications().answers()) {
    CHECK(answer.answer() == v1::GATEWAY_ANSWER_UNKNOWN);
  }
}

TEST_CASE("what there was no time to ask is asked by the next report") {
  const Release release;
  const Tree tree;
  const Root root(Fixture("debian12"));
  GatewayQuestions questions = QuestionsOf(tree);
  questions.options.resolve = HangingResolver(Manner::kUsesUpItsTime);
  CollectFacts(PlainWorld(root), questions, {}, ShortWhole());
  std::multiset<std::string> asked;
  std::mutex mutex;
  questions.options.now += 60'000'000;
  questions.options.resolve = [&](const std::string& host, int,
                                  Deadline) -> absl::StatusOr<std::vector<Address>> {
    const std::lock_guard lock(mutex);
    asked.insert(host);
    return absl::NotFoundError("no such name");
  };
  const v1::Facts facts = CollectFacts(PlainWorld(root), questions);
  CHECK(asked == std::multiset<std::string>{"payroll.example", "vpn.example"});
  CHECK_FALSE(facts.vpn().gateways(0).resolved());
  CHECK(ReasonFor(facts, "vpn.gateway.answer").empty());
  CHECK(facts.applications().answers(0).answer() == v1::GATEWAY_ANSWER_SILENT);
}

TEST_CASE("a gateway whose question was cut short is left in peace, and still told why") {
  const Release release;
  const Tree tree;
  const Root root(Fixture("debian12"));
  GatewayQuestions questions = QuestionsOf(tree);
  questions.applications.clear();
  const SilentPort silent;
  questions.configured = {Named("127.0.0.1")};
  questions.configured[0].port = silent.port();
  questions.options.resolve = Resolve;
  CollectFacts(PlainWorld(root), questions, {}, ShortWhole());
  questions.options.now += 60'000'000;
  const v1::Facts facts = CollectFacts(PlainWorld(root), questions);
  REQUIRE(facts.vpn().gateways_size() == 1);
  CHECK(facts.vpn().gateways(0).resolved());
  CHECK(facts.vpn().gateways(0).answer() == v1::GATEWAY_ANSWER_UNKNOWN);
  CHECK(ReasonFor(facts, "vpn.gateway.answer") == "there was no time left to ask");
}

TEST_CASE("a gateway that only the late collector has the key of is not asked without it") {
  const Release release;
  const Tree tree;
  const Root root(Fixture("debian12"));
  GatewayQuestions questions = QuestionsOf(tree);
  questions.configured.clear();
  questions.applications.clear();
  questions.options.resolve = [](const std::string&, int,
                                 Deadline) -> absl::StatusOr<std::vector<Address>> {
    FAIL("nobody is to be asked");
    return absl::NotFoundError("");
  };
  Sources sources;
  sources.root = [](Deadline) -> absl::StatusOr<v1::Facts> {
    v1::Facts facts;
    v1::VpnGateway& gateway = *facts.mutable_vpn()->add_gateways();
    gateway.set_protocol(v1::GATEWAY_PROTOCOL_TLS);
    gateway.set_host("vpn.example");
    gateway.set_port(443);
    return facts;
  };
  std::string why = "the root collector did not answer in time";
  SECTION("it is late") { sources.keyed = Hanging(Manner::kNeverEnds).keyed; }
  SECTION("it died") {
    why = "the root collector did not answer";
    sources.keyed = [](Deadline) -> absl::StatusOr<v1::Facts> {
      return absl::DataLossError("damaged");
    };
  }
  const v1::Facts facts = CollectFacts(PlainWorld(root), questions, sources, ShortWhole());
  REQUIRE(facts.vpn().gateways_size() == 1);
  CHECK(facts.vpn().gateways(0).answer() == v1::GATEWAY_ANSWER_UNKNOWN);
  CHECK(ReasonFor(facts, "vpn.gateway.answer") == why);
  CHECK(ReasonFor(facts, "vpn.gateway.resolved") == why);
}

TEST_CASE("a gateway of a profile that only root can read is no stranger for its authority") {
  const TestAuthority authority("own", kNoon);
  const TestCertificate own = authority.IssueServer("127.0.0.1", kNoon - kOneDay, kNoon + kOneDay);
  TlsServer server(own.pem, own.key_pem, [](const auto&) { return ""; });
  const Tree tree;
  const Root root(Fixture("debian12"));
  GatewayQuestions questions = QuestionsOf(tree);
  questions.configured.clear();
  questions.applications.clear();
  questions.options.trusted_file = "/nonexistent";
  Gateway gateway;
  gateway.protocol = v1::GATEWAY_PROTOCOL_TLS;
  gateway.host = "127.0.0.1";
  gateway.port = server.port();
  Sources sources;
  SECTION("known by the collector") {
    sources.root = [gateway](Deadline) -> absl::StatusOr<v1::Facts> {
      v1::Facts facts;
      v1::VpnGateway& named = *facts.mutable_vpn()->add_gateways();
      named.set_protocol(gateway.protocol);
      named.set_host(gateway.host);
      named.set_port(gateway.port);
      return facts;
    };
    const v1::Facts facts = CollectFacts(PlainWorld(root), questions, sources);
    REQUIRE(facts.vpn().gateways_size() == 1);
    CHECK(facts.vpn().gateways(0).answer() == v1::GATEWAY_ANSWER_REACHABLE);
    CHECK_FALSE(facts.vpn().gateways(0).has_certificate_trusted());
    CHECK(ReasonFor(facts, "vpn.gateway.certificate.trusted") == "needs the root collector");
  }
  SECTION("named in agent.toml") {
    questions.configured = {gateway};
    const v1::Facts facts = CollectFacts(PlainWorld(root), questions, sources);
    REQUIRE(facts.vpn().gateways_size() == 1);
    CHECK(facts.vpn().gateways(0).has_certificate_trusted());
    CHECK_FALSE(facts.vpn().gateways(0).certificate_trusted());
  }
}

TEST_CASE("what comes in time is in the report") {
  const Tree tree;
  const Root root(Fixture("debian12"));
  GatewayQuestions questions = QuestionsOf(tree);
  questions.configured.clear();
  questions.applications.clear();
  Sources sources;
  sources.bus = [](Deadline) {
    BusView view;
    view.connectivity = v1::CONNECTIVITY_LIMITED;
    return view;
  };
  sources.portal = [](Deadline) { return std::optional<bool>(true); };
  sources.packages = [](Deadline) { return PackageAnswer{PendingUpdates{7, 2, 0}, {}, false}; };
  sources.root = [](Deadline) -> absl::StatusOr<v1::Facts> {
    v1::Facts facts;
    facts.mutable_hardware()->set_serial("SN1");
    return facts;
  };
  sources.keyed = [](Deadline) -> absl::StatusOr<v1::Facts> {
    v1::Facts facts;
    v1::VpnGateway& gateway = *facts.mutable_vpn()->add_gateways();
    gateway.set_protocol(v1::GATEWAY_PROTOCOL_WIREGUARD);
    gateway.set_host("vpn.example");
    gateway.set_answer(v1::GATEWAY_ANSWER_AUTHENTICATED);
    return facts;
  };
  const v1::Facts facts = CollectFacts(PlainWorld(root), questions, sources);
  CHECK(facts.network().connectivity() == v1::CONNECTIVITY_LIMITED);
  CHECK(facts.network().captive_portal());
  CHECK(facts.updates().pending() == 7);
  CHECK(facts.updates().security_pending() == 2);
  CHECK(facts.hardware().serial() == "SN1");
  REQUIRE(facts.vpn().gateways_size() == 1);
  CHECK(facts.vpn().gateways(0).answer() == v1::GATEWAY_ANSWER_AUTHENTICATED);
  CHECK(facts.has_applications());
}

TEST_CASE("an installed client is unknown, not missing, while rpm has not answered") {
  const Release release;
  Tree tree;
  tree.File("usr/bin/rpm", "").File("usr/bin/openvpn", "");
  const Root root(tree.path());
  GatewayQuestions questions;
  questions.memory = tree.path() / "gateways";
  questions.options.random = LoadedBytes();
  Sources sources;
  sources.packages = Hanging(Manner::kNeverEnds).packages;
  const v1::Facts facts = CollectFacts(PlainWorld(root), questions, sources, ShortWhole());
  CHECK(facts.vpn().clients_size() == 0);
  CHECK(ReasonFor(facts, "vpn.clients") == "the package manager did not answer in time");
  CHECK(ReasonFor(facts, "tools.installed") == "the package manager did not answer in time");
}

}  // namespace parc::agent
