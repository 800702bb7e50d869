#include "agent/gateways/memory.h"

#include <algorithm>
#include <thread>
#include <tuple>

#include "agent/files/durable.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxGateways = 8;
constexpr std::size_t kMaxFile = 64 * 1024;

bool IsOf(const v1::VpnGateway& facts, const Gateway& gateway) {
  return facts.protocol() == gateway.protocol && facts.host() == gateway.host &&
         facts.port() == gateway.port;
}

v1::VpnGateway Unprobed(const Gateway& gateway) {
  v1::VpnGateway facts;
  facts.set_protocol(gateway.protocol);
  facts.set_host(gateway.host);
  facts.set_port(gateway.port);
  return facts;
}

double Fraction(const RandomBytes& random) {
  return static_cast<unsigned char>(random(1)[0]) / 255.0;
}

}  // namespace

bool MayProbe(std::int64_t last, std::int64_t now, double jitter, std::int64_t period) {
  // A server can ask for more peace, never for less.
  const auto base = static_cast<double>(std::max(period, kProbePeriod));
  const auto gap = static_cast<std::int64_t>(base * (1 + jitter / 10));
  return last > now || now - last >= gap;
}

std::vector<v1::VpnGateway> GatewayMemory::Facts(const std::vector<Gateway>& gateways,
                                                 bool tunnel_up, const Liveness& options) {
  return Remember(gateways, tunnel_up, options, [&](const std::vector<std::size_t>& due) {
    std::vector<Gateway> asked;
    for (const std::size_t i : due) asked.push_back(gateways[i]);
    return ProbeGateways(asked, options);
  });
}

std::vector<v1::VpnGateway> GatewayMemory::KeyedFacts(const std::vector<KeyedGateway>& gateways,
                                                      bool tunnel_up, const Liveness& options) {
  std::vector<Gateway> plain;
  for (const KeyedGateway& keyed : gateways) plain.push_back(keyed.gateway);
  return Remember(plain, tunnel_up, options, [&](const std::vector<std::size_t>& due) {
    std::vector<v1::VpnGateway> facts(due.size());
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < due.size(); ++i) {
      threads.emplace_back([&, i] { facts[i] = ProbeKeyedGateway(gateways[due[i]], options); });
    }
    threads.clear();  // joins them
    return facts;
  });
}

std::vector<v1::VpnGateway> GatewayMemory::Remember(const std::vector<Gateway>& gateways,
                                                    bool tunnel_up, const Liveness& options,
                                                    const Probe& probe) {
  // An unreadable memory is an empty one.
  v1::Vpn memory;
  if (const auto bytes = ReadWhole(file_, kMaxFile); !bytes.ok() || !memory.ParseFromString(*bytes))
    memory.Clear();
  v1::Vpn now;
  std::vector<std::size_t> due;
  for (std::size_t i = 0; i < std::min(gateways.size(), kMaxGateways); ++i) {
    const auto known = std::find_if(memory.gateways().begin(), memory.gateways().end(),
                                    [&](const auto& facts) { return IsOf(facts, gateways[i]); });
    const bool remembered = known != memory.gateways().end();
    const std::int64_t last = remembered ? known->probed_time().seconds() * 1'000'000 : 0;
    if (!tunnel_up &&
        (last == 0 || MayProbe(last, options.now, Fraction(options.random), options.period))) {
      due.push_back(i);
    } else {
      *now.add_gateways() = remembered ? *known : Unprobed(gateways[i]);
    }
  }
  for (v1::VpnGateway& facts : probe(due)) *now.add_gateways() = std::move(facts);
  if (!due.empty() || now.gateways_size() != memory.gateways_size()) {
    // Without it the next report would only ask again.
    (void)WriteDurably(file_, now.SerializeAsString());
  }
  std::vector<v1::VpnGateway> facts(now.gateways().begin(), now.gateways().end());
  for (v1::VpnGateway& gateway : facts) gateway.clear_probed_time();
  std::sort(facts.begin(), facts.end(), [](const v1::VpnGateway& a, const v1::VpnGateway& b) {
    return std::tuple(a.protocol(), a.port(), a.host()) <
           std::tuple(b.protocol(), b.port(), b.host());
  });
  return facts;
}

}  // namespace parc::agent
