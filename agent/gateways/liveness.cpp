#include "agent/gateways/liveness.h"

#include <openssl/ec.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <tuple>

#include "agent/gateways/packets.h"
#include "agent/net/tls.h"

namespace parc::agent {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMaxPacket = 64 * 1024;

std::int64_t MicrosSince(steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - start).count();
}

struct Outcome {
  v1::GatewayAnswer answer = v1::GATEWAY_ANSWER_SILENT;
  std::int64_t latency = 0;
};

// A public point of P-256 that nobody keeps the key of.
std::string RandomPoint() {
  const std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
  unsigned char point[65];
  std::size_t size = 0;
  if (key == nullptr ||
      EVP_PKEY_get_octet_string_param(key.get(), "pub", point, sizeof point, &size) != 1) {
    return std::string(64, '\1');
  }
  return std::string(reinterpret_cast<char*>(point) + 1, 64);
}

using Judge = std::function<bool(std::string_view packet)>;

// Sends `packet` and waits for an answer that `judge` takes. Others are passed over: anybody can
// forge a datagram.
Outcome AskDatagram(const Address& address, const std::string& packet, const Judge& judge,
                    Deadline deadline) {
  const auto start = steady_clock::now();
  const auto fd = Connect(address, SOCK_DGRAM, deadline);
  if (!fd.ok()) return {};
  absl::Status failed = SendAll(fd->get(), packet, deadline);
  while (failed.ok()) {
    const auto answer = ReceiveSome(fd->get(), kMaxPacket, deadline);
    if (answer.ok() && judge(*answer)) {
      return {v1::GATEWAY_ANSWER_REACHABLE, MicrosSince(start)};
    }
    failed = answer.status();
  }
  return {absl::IsAborted(failed) ? v1::GATEWAY_ANSWER_REFUSED : v1::GATEWAY_ANSWER_SILENT, 0};
}

Outcome AskOpenVpnTcp(const Address& address, const std::string& session, Deadline deadline) {
  const auto start = steady_clock::now();
  const auto fd = Connect(address, SOCK_STREAM, deadline);
  if (absl::IsAborted(fd.status())) return {v1::GATEWAY_ANSWER_REFUSED, 0};
  if (!fd.ok() || !SendAll(fd->get(), WithLength(OpenVpnReset(session)), deadline).ok()) return {};
  std::string stream;
  while (stream.size() < kMaxPacket) {
    const auto more = ReceiveSome(fd->get(), kMaxPacket - stream.size(), deadline);
    if (absl::IsDeadlineExceeded(more.status()) && stream.empty()) return {};
    // It took the connection and hung up, or speaks something else.
    if (!more.ok() || more->empty()) break;
    stream += *more;
    if (const auto packet = FirstWithLength(stream)) {
      if (IsOpenVpnAnswer(*packet, session)) {
        return {v1::GATEWAY_ANSWER_REACHABLE, MicrosSince(start)};
      }
      break;
    }
  }
  return {v1::GATEWAY_ANSWER_REFUSED, 0};
}

Outcome AskTls(const Gateway& gateway, const Address& address, const Liveness& options,
               Deadline deadline) {
  const auto start = steady_clock::now();
  auto fd = Connect(address, SOCK_STREAM, deadline);
  if (absl::IsAborted(fd.status())) return {v1::GATEWAY_ANSWER_REFUSED, 0};
  if (!fd.ok()) return {};
  const auto stream = TlsStream::Handshake(*std::move(fd), gateway.host, deadline);
  if (absl::IsDeadlineExceeded(stream.status())) return {};
  if (!stream.ok()) return {v1::GATEWAY_ANSWER_REFUSED, 0};
  const std::int64_t latency = MicrosSince(start);
  const std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>> roots(X509_STORE_new());
  if (options.trusted_file.empty()) {
    X509_STORE_set_default_paths(roots.get());
  } else {
    X509_STORE_load_file(roots.get(), options.trusted_file.c_str());
  }
  const bool known = VerifyServer(stream->chain(), roots.get(), gateway.host, options.now).ok();
  return {known ? v1::GATEWAY_ANSWER_AUTHENTICATED : v1::GATEWAY_ANSWER_REACHABLE, latency};
}

Outcome AskIke(const Gateway& gateway, const Address& address, const Liveness& options, int attempt,
               Deadline deadline) {
  // strongSwan takes a packet without the marker on port 500 only.
  constexpr int kIkePort = 500;
  constexpr std::size_t kNonceBytes = 32;
  const bool marked = gateway.port != kIkePort;
  const std::string spi = options.random(kSessionIdBytes);
  std::string packet =
      attempt == 0 ? IkeHeader(spi) : IkeInit(spi, RandomPoint(), options.random(kNonceBytes));
  if (marked) packet = WithMarker(packet);
  return AskDatagram(
      address, packet,
      [&](std::string_view answer) {
        return IsIkeAnswer(marked ? WithoutMarker(answer) : answer, spi);
      },
      deadline);
}

Outcome Ask(const Gateway& gateway, const Address& address, const Liveness& options, int attempt) {
  const Deadline deadline(options.answer_within);
  const std::string session = options.random(kSessionIdBytes);
  switch (gateway.protocol) {
    case v1::GATEWAY_PROTOCOL_OPENVPN_UDP:
      return AskDatagram(
          address, OpenVpnReset(session),
          [&](std::string_view answer) { return IsOpenVpnAnswer(answer, session); }, deadline);
    case v1::GATEWAY_PROTOCOL_OPENVPN_TCP:
      return AskOpenVpnTcp(address, session, deadline);
    case v1::GATEWAY_PROTOCOL_IKEV2:
      return AskIke(gateway, address, options, attempt, deadline);
    case v1::GATEWAY_PROTOCOL_TLS:
      return AskTls(gateway, address, options, deadline);
    default:
      return {v1::GATEWAY_ANSWER_UNKNOWN, 0};
  }
}

}  // namespace

std::int64_t CoarseLatency(std::int64_t micros) {
  constexpr std::int64_t kMillisecond = 1000;
  constexpr std::int64_t kMost = 100'000'000;
  for (std::int64_t unit = kMillisecond; unit < kMost; unit *= 10) {
    for (const std::int64_t step : {1, 2, 5}) {
      if (micros <= unit * step) return unit * step;
    }
  }
  return kMost;
}

v1::VpnGateway ProbeGateway(const Gateway& gateway, const Liveness& options) {
  v1::VpnGateway facts;
  facts.set_protocol(gateway.protocol);
  facts.set_host(gateway.host);
  facts.set_port(gateway.port);
  facts.mutable_probed_time()->set_seconds(options.now / 1'000'000);
  const auto addresses =
      options.resolve(gateway.host, gateway.port, Deadline(options.resolve_within));
  facts.set_resolved(addresses.ok() && !addresses->empty());
  if (!facts.resolved()) return facts;
  Outcome outcome;
  for (int attempt = 0; attempt < options.tries; ++attempt) {
    const std::size_t which = static_cast<std::size_t>(attempt) % addresses->size();
    outcome = Ask(gateway, (*addresses)[which], options, attempt);
    if (outcome.answer != v1::GATEWAY_ANSWER_SILENT) break;
  }
  // A wrapped gateway is silent to whoever has no key.
  if (gateway.wrapped && outcome.answer == v1::GATEWAY_ANSWER_SILENT) {
    outcome.answer = v1::GATEWAY_ANSWER_UNKNOWN;
  }
  facts.set_answer(outcome.answer);
  if (outcome.latency > 0) facts.set_latency_micros(CoarseLatency(outcome.latency));
  return facts;
}

std::vector<v1::VpnGateway> ProbeGateways(const std::vector<Gateway>& gateways,
                                          const Liveness& options) {
  std::vector<v1::VpnGateway> facts(gateways.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < gateways.size(); ++i) {
      threads.emplace_back([&, i] { facts[i] = ProbeGateway(gateways[i], options); });
    }
  }
  std::sort(facts.begin(), facts.end(), [](const v1::VpnGateway& a, const v1::VpnGateway& b) {
    return std::tuple(a.protocol(), a.port(), a.host()) <
           std::tuple(b.protocol(), b.port(), b.host());
  });
  return facts;
}

}  // namespace parc::agent
