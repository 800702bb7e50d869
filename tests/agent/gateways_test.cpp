#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <optional>
#include <thread>

#include "agent/gateways/applications.h"
#include "agent/gateways/liveness.h"
#include "agent/gateways/memory.h"
#include "agent/gateways/packets.h"
#include "tests/agent/agent_support.h"
#include "tests/agent/tls_support.h"

namespace parc::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What OpenVPN 2.6 answers: 26 bytes.
std::string OpenVpnAnswer(std::string_view session) {
  std::string packet(1, '\x40');
  packet += std::string(8, '\x5a');          // the server's session
  packet += std::string("\x01\0\0\0\0", 5);  // acknowledges one packet, number 0
  packet += session;
  packet += std::string(4, '\0');
  return packet;
}

// strongSwan's answer to a header alone (36 bytes: INVALID_SYNTAX), and other notifications.
std::string IkeNotify(std::string_view spi, unsigned type) {
  std::string packet(spi);
  packet += std::string(8, '\x77');
  packet += std::string("\x29\x20\x22\x20\0\0\0\0\0\0\0\x24", 12);
  packet += std::string("\0\0\0\x08\0\0", 6);
  packet.push_back(static_cast<char>(type >> 8U));
  packet.push_back(static_cast<char>(type & 0xffU));
  return packet;
}

// A UDP server on 127.0.0.1; `answer` gives nothing to stay silent.
class UdpServer {
 public:
  explicit UdpServer(std::function<std::optional<std::string>(const std::string&)> answer)
      : answer_(std::move(answer)), fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { Serve(stop); });
  }
  ~UdpServer() {
    thread_.request_stop();
    thread_.join();
    close(fd_);
  }
  int port() const { return port_; }
  int received() const { return received_; }

 private:
  void Serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd waiting{fd_, POLLIN, 0};
      if (poll(&waiting, 1, 10) <= 0) continue;
      char buffer[2048];
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got =
          recvfrom(fd_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 0) continue;
      ++received_;
      if (const auto reply = answer_(std::string(buffer, static_cast<std::size_t>(got)))) {
        sendto(fd_, reply->data(), reply->size(), 0, reinterpret_cast<sockaddr*>(&from), size);
      }
    }
  }

  std::function<std::optional<std::string>(const std::string&)> answer_;
  int fd_;
  int port_ = 0;
  std::atomic<int> received_{0};
  std::jthread thread_;
};

Liveness Quick() {
  Liveness options;
  options.random = LoadedBytes();
  options.now = kNoon;
  options.answer_within = milliseconds(150);
  options.resolve_within = milliseconds(300);
  return options;
}

Gateway At(v1::GatewayProtocol protocol, int port, bool wrapped = false) {
  return {protocol, "127.0.0.1", port, wrapped};
}

// A TCP port that is closed now.
int ClosedPort(int type) {
  const int fd = socket(AF_INET, type, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

}  // namespace

TEST_CASE("the first packets are byte for byte those of the protocols") {
  CHECK(OpenVpnReset(kSession) == std::string(1, '\x38') + kSession + std::string(5, '\0'));
  CHECK(OpenVpnReset(kSession).size() == 14);
  CHECK(WithLength("abc") == std::string("\0\x03", 2) + "abc");
  const std::string header = IkeHeader(kSession);
  CHECK(header ==
        kSession + std::string(8, '\0') + std::string("\0\x20\x22\x08\0\0\0\0\0\0\0\x1c", 12));
  const std::string init = IkeInit(kSession, std::string(64, 'p'), std::string(32, 'n'));
  CHECK(init.size() == 28 + 40 + 72 + 36);
  CHECK(static_cast<unsigned char>(init[27]) == init.size());
  CHECK(init[16] == 33);
  CHECK(WithMarker("x") == std::string(4, '\0') + "x");
}

TEST_CASE("hostile answers are no answers and are never read beyond their end") {
  struct Row {
    const char* what;
    std::string packet;
  };
  std::string wrong_session = OpenVpnAnswer("87654321");
  std::string many_acks = OpenVpnAnswer(kSession);
  many_acks[9] = '\x09';
  std::string no_ack = OpenVpnAnswer(kSession);
  no_ack[9] = '\0';
  const Row openvpn[] = {
      {"empty", ""},
      {"one byte", "\x40"},
      {"cut off", OpenVpnAnswer(kSession).substr(0, 25)},
      {"wrong session", wrong_session},
      {"wrong opcode", OpenVpnReset(kSession)},
      {"too many acknowledgements", many_acks},
      {"no acknowledgement", no_ack},
  };
  CHECK(IsOpenVpnAnswer(OpenVpnAnswer(kSession), kSession));
  for (const Row& row : openvpn) {
    INFO(row.what);
    CHECK_FALSE(IsOpenVpnAnswer(row.packet, kSession));
  }

  for (const unsigned type : {7U, 14U, 17U, 16390U}) {
    CHECK(IsIkeAnswer(IkeNotify(kSession, type), kSession));
  }
  std::string length_lies = IkeNotify(kSession, 7);
  length_lies[27] = '\x40';
  std::string payload_lies = IkeNotify(kSession, 7);
  payload_lies[30] = '\x7f';
  std::string request = IkeNotify(kSession, 7);
  request[19] = '\x08';
  const Row ike[] = {
      {"empty", ""},
      {"header alone", IkeHeader(kSession)},
      {"wrong SPI", IkeNotify("87654321", 7)},
      {"length lies", length_lies},
      {"payload's length lies", payload_lies},
      {"a request", request},
      {"a notification that strangers do not get", IkeNotify(kSession, 16384)},
      {"type 2 too short", IkeNotify(kSession, 7).substr(0, 30)},
  };
  for (const Row& row : ike) {
    INFO(row.what);
    CHECK_FALSE(IsIkeAnswer(row.packet, kSession));
  }

  const RandomBytes random = LoadedBytes(3);
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string noise = random(size);
    CHECK_FALSE(IsOpenVpnAnswer(noise, kSession));
    CHECK_FALSE(IsIkeAnswer(noise, kSession));
    CHECK_FALSE(IsIkeAnswer(kSession + noise, kSession));
    (void)FirstWithLength(noise);
    (void)WithoutMarker(noise);
  }
  CHECK_FALSE(IsIkeAnswer(random(64 * 1024), kSession));
}

TEST_CASE("an OpenVPN gateway on UDP is reachable, silent or refused") {
  UdpServer alive([](const std::string& packet) { return OpenVpnAnswer(packet.substr(1, 8)); });
  const auto facts = ProbeGateway(At(v1::GATEWAY_PROTOCOL_OPENVPN_UDP, alive.port()), Quick());
  CHECK(facts.resolved());
  CHECK(facts.answer() == v1::GATEWAY_ANSWER_REACHABLE);
  CHECK(facts.latency_micros() >= 1000);
  CHECK(alive.received() == 1);

  UdpServer silent([](const std::string&) { return std::nullopt; });
  CHECK(ProbeGateway(At(v1::GATEWAY_PROTOCOL_OPENVPN_UDP, silent.port()), Quick()).answer() ==
        v1::GATEWAY_ANSWER_SILENT);
  CHECK(silent.received() == 2);  // one retry
  CHECK(ProbeGateway(At(v1::GATEWAY_PROTOCOL_OPENVPN_UDP, silent.port(), true), Quick()).answer() ==
        v1::GATEWAY_ANSWER_UNKNOWN);

  UdpServer liar([](const std::string&) { return OpenVpnAnswer("87654321"); });
  CHECK(ProbeGateway(At(v1::GATEWAY_PROTOCOL_OPENVPN_UDP, liar.port()), Quick()).answer() ==
        v1::GATEWAY_ANSWER_SILENT);

  const auto refused =
      ProbeGateway(At(v1::GATEWAY_PROTOCOL_OPENVPN_UDP, ClosedPort(SOCK_DGRAM)), Quick());
  CHECK(refused.answer() == v1::GATEWAY_ANSWER_REFUSED);
}

TEST_CASE("an IKEv2 gateway answers the cheap question, or the whole one") {
  // On another port than 500 packets have a marker in front.
  UdpServer cheap(
      [](const std::string& packet) { return WithMarker(IkeNotify(packet.substr(4, 8), 7)); });
  CHECK(ProbeGateway(At(v1::GATEWAY_PROTOCOL_IKEV2, cheap.port()), Quick()).answer() ==
        v1::GATEWAY_ANSWER_REACHABLE);
  CHECK(cheap.received() == 1);
  UdpServer thorough([](const std::string& packet) -> std::optional<std::string> {
    if (packet.size() <= 4 + 28) return std::nullopt;
    return WithMarker(IkeNotify(packet.substr(4, 8), 14));
  });
  CHECK(ProbeGateway(At(v1::GATEWAY_PROTOCOL_IKEV2, thorough.port()), Quick()).answer() ==
        v1::GATEWAY_ANSWER_REACHABLE);
  CHECK(thorough.received() == 2);
}

TEST_CASE("WireGuard cannot be asked without a key: unknown, and no packet") {
  UdpServer gateway([](const std::string&) { return std::nullopt; });
  const auto facts = ProbeGateway(At(v1::GATEWAY_PROTOCOL_WIREGUARD, gateway.port()), Quick());
  CHECK(facts.resolved());
  CHECK(facts.answer() == v1::GATEWAY_ANSWER_UNKNOWN);
  CHECK(gateway.received() == 0);
}

TEST_CASE("a TLS gateway is authenticated, reachable or no TLS at all") {
  const TestAuthority authority("VPN authority", kNoon);
  const TestCertificate own = authority.IssueServer("127.0.0.1", kNoon - kOneDay, kNoon + kOneDay);
  TlsServer server(own.pem + authority.pem(), own.key_pem, [](const auto&) { return ""; });
  Tree tree;
  tree.File("roots.pem", authority.pem());
  Liveness options = Quick();
  options.answer_within = milliseconds(2000);
  options.trusted_file = (tree.path() / "roots.pem").string();
  CHECK(ProbeGateway(At(v1::GATEWAY_PROTOCOL_TLS, server.port()), options).answer() ==
        v1::GATEWAY_ANSWER_AUTHENTICATED);
  options.trusted_file.clear();
  CHECK(ProbeGateway(At(v1::GATEWAY_PROTOCOL_TLS, server.port()), options).answer() ==
        v1::GATEWAY_ANSWER_REACHABLE);
  CHECK(ProbeGateway(At(v1::GATEWAY_PROTOCOL_TLS, ClosedPort(SOCK_STREAM)), Quick()).answer() ==
        v1::GATEWAY_ANSWER_REFUSED);
  // A TLS server takes an OpenVPN packet for nonsense and hangs up.
  CHECK(ProbeGateway(At(v1::GATEWAY_PROTOCOL_OPENVPN_TCP, server.port()), options).answer() ==
        v1::GATEWAY_ANSWER_REFUSED);
  CHECK(ProbeGateway(At(v1::GATEWAY_PROTOCOL_OPENVPN_TCP, ClosedPort(SOCK_STREAM)), Quick())
            .answer() == v1::GATEWAY_ANSWER_REFUSED);
}

TEST_CASE("a name that does not resolve, or not in time, is said so within the limit") {
  Liveness options = Quick();
  options.resolve = [](const std::string&, int, Deadline) {
    return absl::NotFoundError("no such name");
  };
  const Gateway gateway{v1::GATEWAY_PROTOCOL_OPENVPN_UDP, "vpn.invalid", 1194, false};
  const auto facts = ProbeGateway(gateway, options);
  CHECK(facts.has_resolved());
  CHECK_FALSE(facts.resolved());
  CHECK(facts.answer() == v1::GATEWAY_ANSWER_UNSPECIFIED);
}

TEST_CASE("many silent gateways take no longer than one") {
  UdpServer silent([](const std::string&) { return std::nullopt; });
  const std::vector<Gateway> gateways(8, At(v1::GATEWAY_PROTOCOL_OPENVPN_UDP, silent.port()));
  const auto start = steady_clock::now();
  CHECK(ProbeGateways(gateways, Quick()).size() == 8);
  CHECK(steady_clock::now() - start < milliseconds(1500));
}

TEST_CASE("a gateway is asked once in a quarter of an hour, and never while a tunnel is up") {
  UdpServer alive([](const std::string& packet) { return OpenVpnAnswer(packet.substr(1, 8)); });
  const std::vector<Gateway> gateways = {At(v1::GATEWAY_PROTOCOL_OPENVPN_UDP, alive.port())};
  Tree tree;
  GatewayMemory memory(tree.path() / "gateways");
  Liveness options = Quick();

  const auto quiet = memory.Facts(gateways, true, options);
  CHECK(alive.received() == 0);
  REQUIRE(quiet.size() == 1);
  CHECK_FALSE(quiet[0].has_resolved());
  CHECK(quiet[0].answer() == v1::GATEWAY_ANSWER_UNSPECIFIED);

  const auto first = memory.Facts(gateways, false, options);
  CHECK(alive.received() == 1);
  CHECK(first[0].answer() == v1::GATEWAY_ANSWER_REACHABLE);
  CHECK_FALSE(first[0].has_probed_time());
  constexpr std::int64_t kMinute = 60'000'000;
  for (int minute = 1; minute < 15; ++minute) {
    options.now = kNoon + minute * kMinute;
    CHECK(memory.Facts(gateways, false, options)[0].answer() == v1::GATEWAY_ANSWER_REACHABLE);
  }
  CHECK(alive.received() == 1);
  options.now = kNoon + 17 * kMinute;
  memory.Facts(gateways, true, options);
  CHECK(alive.received() == 1);
  memory.Facts(gateways, false, options);
  CHECK(alive.received() == 2);

  tree.File("gateways", "\xff damaged");
  options.now += kMinute;
  memory.Facts(gateways, false, options);
  CHECK(alive.received() == 3);
}

TEST_CASE("probing waits out the period and its jitter") {
  CHECK_FALSE(MayProbe(kNoon, kNoon, 0));
  CHECK_FALSE(MayProbe(kNoon, kNoon + kProbePeriod - 1, 0));
  CHECK(MayProbe(kNoon, kNoon + kProbePeriod, 0));
  CHECK_FALSE(MayProbe(kNoon, kNoon + kProbePeriod, 1));
  CHECK(MayProbe(kNoon, kNoon + kProbePeriod * 11 / 10, 1));
  CHECK(MayProbe(kNoon + 1, kNoon, 0));  // the clock was set back
}

TEST_CASE("a server can ask for more peace of its gateways, never for less") {
  CHECK_FALSE(MayProbe(kNoon, kNoon + kProbePeriod, 0, 2 * kProbePeriod));
  CHECK(MayProbe(kNoon, kNoon + 2 * kProbePeriod, 0, 2 * kProbePeriod));
  CHECK_FALSE(MayProbe(kNoon, kNoon + kProbePeriod / 2, 0, 1));
}

namespace {

v1::ApplicationTarget Application(const std::string& name, int port, bool tls = false,
                                  bool through_vpn = false) {
  v1::ApplicationTarget target;
  target.set_application(name);
  target.set_host("127.0.0.1");
  target.set_port(port);
  target.set_tls(tls);
  target.set_through_vpn(through_vpn);
  return target;
}

Reaching Soon() {
  Reaching options;
  options.network = Quick();
  options.each = milliseconds(2000);
  return options;
}

std::string AnswersOf(const v1::Applications& facts) {
  std::string text;
  for (const auto& answer : facts.answers()) {
    text += answer.application() + "=" + v1::GatewayAnswer_Name(answer.answer()).substr(15) + " ";
  }
  return text;
}

}  // namespace

TEST_CASE("applications are connected to, and with TLS must be the ones that they say") {
  const TestAuthority authority("authority", kNoon);
  const TestCertificate own = authority.IssueServer("127.0.0.1", kNoon - kOneDay, kNoon + kOneDay);
  TlsServer server(own.pem, own.key_pem, [](const auto&) { return ""; });
  Tree tree;
  tree.File("roots.pem", authority.pem());
  Reaching options = Soon();
  options.network.trusted_file = (tree.path() / "roots.pem").string();
  const std::vector<v1::ApplicationTarget> targets = {
      Application("web", server.port(), true),
      Application("plain", server.port()),
      Application("closed", ClosedPort(SOCK_STREAM)),
      Application("inside", server.port(), false, true),
      Application("web", 1),  // said twice: the first counts
      Application("odd", 99'999),
      Application("", server.port()),
  };
  CHECK(AnswersOf(ReachApplications(targets, options)) ==
        "closed=REFUSED inside=UNKNOWN odd=UNKNOWN plain=REACHABLE web=AUTHENTICATED ");
  options.tunnel_up = true;
  options.network.trusted_file = "/nonexistent";
  CHECK(AnswersOf(ReachApplications(targets, options)) ==
        "closed=REFUSED inside=REACHABLE odd=UNKNOWN plain=REACHABLE web=REFUSED ");
  CHECK(server.requests().empty());
}

TEST_CASE("however many applications do not answer, looking for them ends in time") {
  Reaching options = Soon();
  options.within = milliseconds(300);
  options.each = milliseconds(200);
  options.network.resolve = [](const std::string&, int, Deadline deadline) {
    // Nobody answers: waits like the system's resolver.
    std::this_thread::sleep_for(milliseconds(deadline.left_ms()));
    return absl::DeadlineExceededError("nobody");
  };
  std::vector<v1::ApplicationTarget> targets;
  for (int i = 0; i < 300; ++i) targets.push_back(Application("a" + std::to_string(1000 + i), 1));
  const auto start = steady_clock::now();
  const auto facts = ReachApplications(targets, options);
  CHECK(steady_clock::now() - start < milliseconds(2000));
  REQUIRE(facts.answers_size() == static_cast<int>(kMaxApplications));
  CHECK(facts.answers(0).answer() == v1::GATEWAY_ANSWER_SILENT);
  CHECK(facts.answers(255).answer() == v1::GATEWAY_ANSWER_UNKNOWN);
}

TEST_CASE(
    "applications are looked for once in a quarter of an hour, or when the question changes") {
  Tree tree;
  const auto memory = tree.path() / "applications";
  Reaching options = Soon();
  int asked = 0;
  options.network.resolve = [&](const std::string&, int, Deadline) {
    ++asked;
    return absl::NotFoundError("no such name");
  };
  const std::vector<v1::ApplicationTarget> targets = {Application("a", 1)};
  RememberedApplications(memory, targets, options);
  options.network.now = kNoon + kProbePeriod - 1;
  CHECK(AnswersOf(RememberedApplications(memory, targets, options)) == "a=SILENT ");
  CHECK(asked == 1);
  options.tunnel_up = true;
  RememberedApplications(memory, targets, options);
  CHECK(asked == 2);
  RememberedApplications(memory, {Application("b", 1)}, options);
  CHECK(asked == 3);
  options.network.now += kProbePeriod;
  RememberedApplications(memory, {Application("b", 1)}, options);
  CHECK(asked == 4);
  tree.File("applications", "damaged");
  RememberedApplications(memory, {Application("b", 1)}, options);
  CHECK(asked == 5);
}

TEST_CASE("latencies are rounded up to steps") {
  CHECK(CoarseLatency(1) == 1'000);
  CHECK(CoarseLatency(1'001) == 2'000);
  CHECK(CoarseLatency(9'000) == 10'000);
  CHECK(CoarseLatency(49'999) == 50'000);
  CHECK(CoarseLatency(1'000'000'000'000) == 100'000'000);
}

}  // namespace parc::agent
