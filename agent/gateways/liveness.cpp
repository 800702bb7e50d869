#include "agent/gateways/liveness.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>
#include <thread>
#include <tuple>

#include "agent/gateways/openvpn_wrap.h"
#include "agent/gateways/packets.h"
#include "agent/gateways/wireguard_handshake.h"
#include "agent/net/tls.h"
#include "fmt/format.h"

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
  // Of a gateway that showed a certificate.
  std::optional<bool> certificate_trusted{};
  std::int64_t certificate_end = 0;  // UTC seconds
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
                    Deadline deadline, v1::GatewayAnswer proof = v1::GATEWAY_ANSWER_REACHABLE) {
  const auto start = steady_clock::now();
  const auto fd = Connect(address, SOCK_DGRAM, deadline);
  if (!fd.ok()) return {};
  absl::Status failed = SendAll(fd->get(), packet, deadline);
  while (failed.ok()) {
    const auto answer = ReceiveSome(fd->get(), kMaxPacket, deadline);
    if (answer.ok() && judge(*answer)) {
      return {proof, MicrosSince(start)};
    }
    failed = answer.status();
  }
  return {absl::IsAborted(failed) ? v1::GATEWAY_ANSWER_REFUSED : v1::GATEWAY_ANSWER_SILENT, 0};
}

struct Meaning {
  v1::GatewayAnswer proof;    // of an answer that the judge takes
  v1::GatewayAnswer hung_up;  // of an end without one
};

Outcome AskOpenVpnTcp(const Address& address, const std::string& packet, const Judge& judge,
                      Deadline deadline, const Meaning& meaning) {
  const auto start = steady_clock::now();
  const auto fd = Connect(address, SOCK_STREAM, deadline);
  if (absl::IsAborted(fd.status())) return {v1::GATEWAY_ANSWER_REFUSED, 0};
  if (!fd.ok() || !SendAll(fd->get(), WithLength(packet), deadline).ok()) return {};
  std::string stream;
  while (stream.size() < kMaxPacket) {
    const auto more = ReceiveSome(fd->get(), kMaxPacket - stream.size(), deadline);
    if (absl::IsDeadlineExceeded(more.status()) && stream.empty()) return {};
    // It took the connection and hung up, or speaks something else.
    if (!more.ok() || more->empty()) break;
    stream += *more;
    if (const auto answer = FirstWithLength(stream)) {
      if (judge(*answer)) return {meaning.proof, MicrosSince(start)};
      break;
    }
  }
  return {meaning.hung_up, 0};
}

// Certificates that this gateway may be known by.
std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>> RootsFor(const Gateway& gateway,
                                                                const Liveness& options) {
  std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>> roots(X509_STORE_new());
  if (!gateway.trusted_pem.empty()) {
    const std::unique_ptr<BIO, FreeWith<BIO_free_all>> bio(
        BIO_new_mem_buf(gateway.trusted_pem.data(), static_cast<int>(gateway.trusted_pem.size())));
    const auto no_passphrase = [](char*, int, int, void*) { return -1; };
    while (X509* root = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) {
      X509_STORE_add_cert(roots.get(), root);
      X509_free(root);
    }
    ERR_clear_error();
  } else if (options.trusted_file.empty()) {
    X509_STORE_set_default_paths(roots.get());
  } else {
    X509_STORE_load_file(roots.get(), options.trusted_file.c_str());
  }
  return roots;
}

std::string Sha256Of(X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1) return {};
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

// What its certificate proves, in `outcome`.
void JudgeCertificate(const TlsStream& stream, const Gateway& gateway, const Liveness& options,
                      Outcome& outcome) {
  STACK_OF(X509)* chain = stream.chain();
  if (chain == nullptr || sk_X509_num(chain) == 0) return;
  X509* leaf = sk_X509_value(chain, 0);
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &parts) == 1) {
    outcome.certificate_end = timegm(&parts);
  }
  if (!gateway.pinned_sha256.empty()) {
    outcome.certificate_trusted = Sha256Of(leaf) == gateway.pinned_sha256;
    return;
  }
  const auto roots = RootsFor(gateway, options);
  outcome.certificate_trusted = VerifyServer(chain, roots.get(), gateway.host, options.now).ok();
}

// Nothing is said to a gateway that is not the right one.
v1::GatewayAnswer AskAnyConnect(TlsStream& stream, const Gateway& gateway, Deadline deadline) {
  if (!stream.Send(AnyConnectQuestion(gateway.host), deadline).ok()) {
    return v1::GATEWAY_ANSWER_REFUSED;
  }
  std::string answer;
  while (answer.size() < kMaxPacket) {
    const auto more = stream.ReceiveSome(deadline);
    if (!more.ok() || more->empty()) break;
    answer += *more;
    if (IsAnyConnectAnswer(answer)) return v1::GATEWAY_ANSWER_AUTHENTICATED;
  }
  return v1::GATEWAY_ANSWER_REFUSED;
}

Outcome AskTls(const Gateway& gateway, const Address& address, const Liveness& options,
               Deadline deadline) {
  const auto start = steady_clock::now();
  auto fd = Connect(address, SOCK_STREAM, deadline);
  if (absl::IsAborted(fd.status())) return {v1::GATEWAY_ANSWER_REFUSED, 0};
  if (!fd.ok()) return {};
  auto stream = TlsStream::Handshake(*std::move(fd), gateway.host, deadline);
  if (absl::IsDeadlineExceeded(stream.status())) return {};
  if (!stream.ok()) return {v1::GATEWAY_ANSWER_REFUSED, 0};
  Outcome outcome;
  outcome.latency = MicrosSince(start);
  JudgeCertificate(*stream, gateway, options, outcome);
  outcome.answer = v1::GATEWAY_ANSWER_REACHABLE;
  if (outcome.certificate_trusted.value_or(false)) {
    outcome.answer = gateway.protocol == v1::GATEWAY_PROTOCOL_ANYCONNECT
                         ? AskAnyConnect(*stream, gateway, deadline)
                         : v1::GATEWAY_ANSWER_AUTHENTICATED;
  }
  return outcome;
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

// OpenVPN's first packet; with `keys`, in their wrap.
Outcome AskOpenVpn(const Gateway& gateway, const WrapKeys* keys, const Address& address,
                   const Liveness& options, Deadline deadline) {
  const std::string session = options.random(kSessionIdBytes);
  const auto now = static_cast<std::uint32_t>(options.now / 1'000'000);
  const std::string packet =
      keys == nullptr ? OpenVpnReset(session) : WrappedReset(*keys, session, now);
  const Judge judge = [&](std::string_view answer) {
    if (keys == nullptr) return IsOpenVpnAnswer(answer, session);
    const auto plain = Unwrap(*keys, answer);
    return plain && IsOpenVpnAnswer(*plain, session);
  };
  Meaning meaning{v1::GATEWAY_ANSWER_REACHABLE, v1::GATEWAY_ANSWER_REFUSED};
  if (keys != nullptr) meaning.proof = v1::GATEWAY_ANSWER_AUTHENTICATED;
  // A gateway that wants a wrap hangs up on a packet without one.
  if (keys == nullptr && gateway.wrapped) meaning.hung_up = v1::GATEWAY_ANSWER_UNKNOWN;
  return gateway.protocol == v1::GATEWAY_PROTOCOL_OPENVPN_TCP
             ? AskOpenVpnTcp(address, packet, judge, deadline, meaning)
             : AskDatagram(address, packet, judge, deadline, meaning.proof);
}

Outcome AskWireGuard(const WireGuardKeys& keys, const Address& address, const Liveness& options,
                     int attempt, Deadline deadline) {
  constexpr std::size_t kEphemeral = 32;
  const std::string index = options.random(4);
  std::uint32_t number = 0;
  for (const char byte : index) number = number << 8U | static_cast<unsigned char>(byte);
  // Each initiation must be newer than the one before.
  const auto handshake =
      WireGuardHandshake::Begin(keys, options.random(kEphemeral), number, options.now + attempt);
  if (!handshake) return {v1::GATEWAY_ANSWER_UNKNOWN, 0};
  return AskDatagram(
      address, handshake->initiation(),
      [&](std::string_view answer) { return handshake->IsAnswer(answer); }, deadline,
      v1::GATEWAY_ANSWER_AUTHENTICATED);
}

Outcome Ask(const Gateway& gateway, const Address& address, const Liveness& options, int attempt) {
  const Deadline deadline = options.end.AtMost(options.answer_within);
  switch (gateway.protocol) {
    case v1::GATEWAY_PROTOCOL_OPENVPN_UDP:
    case v1::GATEWAY_PROTOCOL_OPENVPN_TCP:
      return AskOpenVpn(gateway, nullptr, address, options, deadline);
    case v1::GATEWAY_PROTOCOL_IKEV2:
      return AskIke(gateway, address, options, attempt, deadline);
    case v1::GATEWAY_PROTOCOL_TLS:
    case v1::GATEWAY_PROTOCOL_ANYCONNECT:
      return AskTls(gateway, address, options, deadline);
    default:
      return {v1::GATEWAY_ANSWER_UNKNOWN, 0};
  }
}

// With the gateway's key. Nothing can be asked without `wrap` or WireGuard's keys.
Outcome AskKeyed(const KeyedGateway& keyed, const std::optional<WrapKeys>& wrap,
                 const Address& address, const Liveness& options, int attempt) {
  const Deadline deadline = options.end.AtMost(options.answer_within);
  if (keyed.gateway.protocol == v1::GATEWAY_PROTOCOL_WIREGUARD) {
    return AskWireGuard(keyed.wireguard, address, options, attempt, deadline);
  }
  if (keyed.gateway.protocol == v1::GATEWAY_PROTOCOL_TLS ||
      keyed.gateway.protocol == v1::GATEWAY_PROTOCOL_ANYCONNECT) {
    return AskTls(keyed.gateway, address, options, deadline);
  }
  if (!wrap) return {v1::GATEWAY_ANSWER_UNKNOWN, 0};
  return AskOpenVpn(keyed.gateway, &*wrap, address, options, deadline);
}

using Question = std::function<Outcome(const Address& address, int attempt)>;

bool HasAnswered(v1::GatewayAnswer answer) {
  return answer == v1::GATEWAY_ANSWER_REACHABLE || answer == v1::GATEWAY_ANSWER_AUTHENTICATED;
}

v1::VpnGateway ProbeWith(const Gateway& gateway, const Liveness& options,
                         const Question& question) {
  v1::VpnGateway facts;
  facts.set_protocol(gateway.protocol);
  facts.set_host(gateway.host);
  facts.set_port(gateway.port);
  const auto addresses =
      options.resolve(gateway.host, gateway.port, options.end.AtMost(options.resolve_within));
  const bool resolved = addresses.ok() && !addresses->empty();
  const auto is_over = [&] { return options.end.left_ms() == 0; };
  if (is_over()) {
    // It was not asked: it may be as soon as there is time.
    if (resolved) facts.set_resolved(true);
    facts.set_answer(v1::GATEWAY_ANSWER_UNKNOWN);
    return facts;
  }
  facts.mutable_probed_time()->set_seconds(options.now / 1'000'000);
  facts.set_resolved(resolved);
  if (!resolved) return facts;
  Outcome outcome;
  for (int attempt = 0; attempt < options.tries && !is_over(); ++attempt) {
    const std::size_t which = static_cast<std::size_t>(attempt) % addresses->size();
    outcome = question((*addresses)[which], attempt);
    if (outcome.answer != v1::GATEWAY_ANSWER_SILENT) break;
  }
  // What was cut short proves nothing against it.
  if (is_over() && !HasAnswered(outcome.answer)) outcome = {v1::GATEWAY_ANSWER_UNKNOWN, 0};
  facts.set_answer(outcome.answer);
  if (outcome.latency > 0) facts.set_latency_micros(CoarseLatency(outcome.latency));
  if (outcome.certificate_trusted) facts.set_certificate_trusted(*outcome.certificate_trusted);
  if (outcome.certificate_end > 0) {
    facts.mutable_certificate_not_after_time()->set_seconds(outcome.certificate_end);
  }
  return facts;
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
  v1::VpnGateway facts = ProbeWith(gateway, options, [&](const Address& address, int attempt) {
    return Ask(gateway, address, options, attempt);
  });
  // A wrapped gateway is silent to whoever has no key.
  const bool told = facts.answer() == v1::GATEWAY_ANSWER_SILENT;
  if (gateway.wrapped && told) facts.set_answer(v1::GATEWAY_ANSWER_UNKNOWN);
  return facts;
}

v1::VpnGateway ProbeKeyedGateway(const KeyedGateway& gateway, const Liveness& options) {
  const auto wrap = KeysOf(gateway.wrap);
  return ProbeWith(gateway.gateway, options, [&](const Address& address, int attempt) {
    return AskKeyed(gateway, wrap, address, options, attempt);
  });
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
