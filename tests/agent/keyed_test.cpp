// Questions that need a gateway's key: OpenVPN's wraps, WireGuard's handshake, AnyConnect's form.
// Real servers answer them in real_gateways_test.py.

#include <catch2/catch.hpp>
#include <cstdio>

#include "agent/gateways/liveness.h"
#include "agent/gateways/openvpn_wrap.h"
#include "agent/gateways/packets.h"
#include "agent/gateways/wireguard_handshake.h"
#include "agent/net/tls.h"
#include "tests/agent/agent_support.h"
#include "tests/agent/tls_support.h"

namespace parc::agent {
namespace {

constexpr std::uint32_t kTime = 1'700'000'000;

std::string StaticKey() {
  std::string text = "#\n# 2048 bit OpenVPN static key\n#\n-----BEGIN OpenVPN Static key V1-----\n";
  for (int line = 0; line < 16; ++line) {
    for (int i = 0; i < 16; ++i) {
      char digits[3];
      snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(line * 16 + i));
      text += digits;
    }
    text += "\n";
  }
  return text + "-----END OpenVPN Static key V1-----\n";
}

Wrap WrapOf(Wrap::Kind kind, std::optional<int> direction, const std::string& digest = "SHA1") {
  return {kind, {StaticKey(), {}, {}}, direction, digest};
}

// The same wrap as the other side has it.
WrapKeys Turned(WrapKeys keys) {
  std::swap(keys.send_cipher, keys.receive_cipher);
  std::swap(keys.send_hmac, keys.receive_hmac);
  return keys;
}

// Keys of RFC 7748, section 6.1, as WireGuard writes them.
constexpr char kAlicePrivate[] = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=";
constexpr char kAlicePublic[] = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=";
constexpr char kBobPrivate[] = "XasIfmJKikt54X+Lg4AO5m87sSkmGLb9HC+LJ/+I4Os=";
constexpr char kBobPublic[] = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=";

}  // namespace

TEST_CASE("a static key is 256 bytes in hex between two lines, and nothing else") {
  const auto key = ParseStaticKey(StaticKey());
  REQUIRE(key);
  REQUIRE(key->size() == 256);
  CHECK(static_cast<unsigned char>((*key)[192]) == 192);
  CHECK_FALSE(ParseStaticKey(""));
  CHECK_FALSE(ParseStaticKey("-----BEGIN OpenVPN Static key V1-----\n00\n"));
  std::string odd = StaticKey();
  odd[odd.find("00")] = 'g';
  CHECK_FALSE(ParseStaticKey(odd));
}

TEST_CASE("tls-auth puts an HMAC behind the head, with the bytes that OpenVPN counts") {
  const auto keys = KeysOf(WrapOf(Wrap::Kind::kTlsAuth, 1));
  REQUIRE(keys);
  CHECK(keys->send_hmac.size() == 20);
  CHECK(static_cast<unsigned char>(keys->send_hmac[0]) == 192);
  CHECK(static_cast<unsigned char>(keys->receive_hmac[0]) == 64);
  const std::string packet = WrappedReset(*keys, kSession, kTime);
  CHECK(packet.size() == 42);
  CHECK(packet.substr(0, 9) == "\x38" + kSession);
  CHECK(Unwrap(Turned(*keys), packet) == OpenVpnReset(kSession));
  std::string forged = packet;
  forged[30] = static_cast<char>(forged[30] ^ 1);
  CHECK_FALSE(Unwrap(Turned(*keys), forged));
  CHECK_FALSE(Unwrap(*keys, packet));  // our own, reflected
  CHECK_FALSE(Unwrap(*keys, packet.substr(0, 20)));
  CHECK(KeysOf(WrapOf(Wrap::Kind::kTlsAuth, 1, "SHA512"))->send_hmac.size() == 64);
  CHECK(KeysOf(WrapOf(Wrap::Kind::kTlsAuth, {}))->send_hmac ==
        KeysOf(WrapOf(Wrap::Kind::kTlsAuth, {}))->receive_hmac);
  CHECK_FALSE(KeysOf(WrapOf(Wrap::Kind::kTlsAuth, 1, "ROT13")));
}

TEST_CASE("tls-crypt hides the rest, 54 bytes as OpenVPN counts") {
  const auto keys = KeysOf(WrapOf(Wrap::Kind::kTlsCrypt, {}));
  REQUIRE(keys);
  CHECK(static_cast<unsigned char>(keys->send_cipher[0]) == 128);
  CHECK(static_cast<unsigned char>(keys->send_hmac[0]) == 192);
  const std::string packet = WrappedReset(*keys, kSession, kTime);
  CHECK(packet.size() == 54);
  CHECK(Unwrap(Turned(*keys), packet) == OpenVpnReset(kSession));
  for (std::size_t i = 0; i < packet.size(); ++i) {
    std::string forged = packet;
    forged[i] = static_cast<char>(forged[i] ^ 1);
    INFO(i);
    CHECK_FALSE(Unwrap(Turned(*keys), forged));
  }
  CHECK_FALSE(KeysOf(WrapOf(Wrap::Kind::kOther, {})));
  CHECK_FALSE(KeysOf({Wrap::Kind::kTlsCrypt, {"no key", {}, {}}, {}, "SHA1"}));
}

TEST_CASE("WireGuard's initiation has its shape, and a new ephemeral key makes a new one") {
  const WireGuardKeys keys{kAlicePrivate, kBobPublic, {}};
  const auto one = WireGuardHandshake::Begin(keys, std::string(32, '\x11'), 7, kNoon);
  REQUIRE(one);
  const std::string& packet = one->initiation();
  CHECK(packet.size() == 148);
  CHECK(packet.substr(0, 8) == std::string("\1\0\0\0\7\0\0\0", 8));
  CHECK(packet.substr(132) == std::string(16, '\0'));
  CHECK(packet.substr(116, 16) != std::string(16, '\0'));
  const auto two = WireGuardHandshake::Begin(keys, std::string(32, '\x12'), 7, kNoon);
  CHECK(two->initiation() != packet);
  CHECK_FALSE(WireGuardHandshake::Begin({"", kBobPublic, {}}, std::string(32, '\x11'), 7, kNoon));
  CHECK_FALSE(
      WireGuardHandshake::Begin({kAlicePrivate, kBobPublic, "x"}, std::string(32, 'x'), 7, kNoon));
  CHECK_FALSE(WireGuardHandshake::Begin(keys, "short", 7, kNoon));
  // A point of small order gives no secret.
  const std::string zero = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  CHECK_FALSE(
      WireGuardHandshake::Begin({kAlicePrivate, zero, {}}, std::string(32, '\x11'), 7, kNoon));
  CHECK(DecodeWireGuardKey(kBobPrivate)->size() == 32);
  CHECK_FALSE(DecodeWireGuardKey(std::string(kAlicePublic).substr(1)));
}

TEST_CASE("no bytes but the peer's pass for its answer") {
  const auto handshake =
      WireGuardHandshake::Begin({kAlicePrivate, kBobPublic, {}}, std::string(32, '\x11'), 7, kNoon);
  std::string packet(92, '\x33');
  packet.replace(0, 4, std::string("\2\0\0\0", 4));
  packet.replace(8, 4, std::string("\7\0\0\0", 4));
  CHECK_FALSE(handshake->IsAnswer(packet));
  CHECK_FALSE(handshake->IsAnswer(packet.substr(1)));
  CHECK_FALSE(handshake->IsAnswer(""));
  CHECK_FALSE(handshake->IsAnswer(handshake->initiation()));
}

TEST_CASE("AnyConnect's answer is its form and its header, and nothing else") {
  const std::string good =
      "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nX-Transcend-Version: 1\r\n\r\n"
      "<config-auth client=\"vpn\" type=\"auth-request\">";
  CHECK(IsAnyConnectAnswer(good));
  CHECK_FALSE(IsAnyConnectAnswer(""));
  CHECK_FALSE(IsAnyConnectAnswer(good.substr(0, good.size() - 5)));
  CHECK_FALSE(
      IsAnyConnectAnswer("HTTP/1.1 404 Not Found\r\nX-Transcend-Version: 1\r\n\r\n"
                         "type=\"auth-request\""));
  CHECK_FALSE(IsAnyConnectAnswer("HTTP/1.1 200 OK\r\n\r\ntype=\"auth-request\""));
}

TEST_CASE("a TLS gateway is known by its profile's authority, or by its own certificate") {
  const TestAuthority authority("VPN authority", kNoon);
  const TestAuthority other("another", kNoon);
  const TestCertificate own = authority.IssueServer("127.0.0.1", kNoon - kOneDay, kNoon + kOneDay);
  std::string reply =
      "HTTP/1.1 200 OK\r\nX-Transcend-Version: 1\r\n\r\n<config-auth type=\"auth-request\">";
  TlsServer server(own.pem, own.key_pem, [&](const auto&) { return reply; });
  Gateway gateway{v1::GATEWAY_PROTOCOL_TLS, "127.0.0.1", server.port(), false};
  Liveness options;
  options.random = LoadedBytes();
  options.now = kNoon;
  SECTION("the right authority") {
    gateway.trusted_pem = authority.pem();
    const auto facts = ProbeGateway(gateway, options);
    CHECK(facts.answer() == v1::GATEWAY_ANSWER_AUTHENTICATED);
    CHECK(facts.certificate_trusted());
    CHECK(facts.certificate_not_after_time().seconds() == (kNoon + kOneDay) / 1'000'000);
  }
  SECTION("another authority: it answers, and is not the one it says") {
    gateway.trusted_pem = other.pem();
    const auto facts = ProbeGateway(gateway, options);
    CHECK(facts.answer() == v1::GATEWAY_ANSWER_REACHABLE);
    CHECK_FALSE(facts.certificate_trusted());
  }
  SECTION("nothing is asked of an AnyConnect gateway that is not the right one") {
    gateway.protocol = v1::GATEWAY_PROTOCOL_ANYCONNECT;
    gateway.trusted_pem = other.pem();
    CHECK(ProbeGateway(gateway, options).answer() == v1::GATEWAY_ANSWER_REACHABLE);
    CHECK(server.requests().empty());
    gateway.trusted_pem = authority.pem();
    CHECK(ProbeGateway(gateway, options).answer() == v1::GATEWAY_ANSWER_AUTHENTICATED);
    CHECK(server.requests().size() == 1);
  }
  SECTION("a web server is no AnyConnect gateway") {
    reply = "HTTP/1.1 200 OK\r\n\r\nhello";
    gateway.protocol = v1::GATEWAY_PROTOCOL_ANYCONNECT;
    gateway.trusted_pem = authority.pem();
    CHECK(ProbeGateway(gateway, options).answer() == v1::GATEWAY_ANSWER_REFUSED);
  }
  SECTION("a pin") {
    gateway.pinned_sha256 = std::string(64, '0');
    CHECK_FALSE(ProbeGateway(gateway, options).certificate_trusted());
  }
}

}  // namespace parc::agent
