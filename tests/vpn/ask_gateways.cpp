// ask_gateways ROOT: asks every gateway that the profiles below ROOT name, with their keys where
// they have them, as the agent and its collector do; one line for each:
//
//   PROTOCOL PORT ANSWER [trusted|untrusted]
//
// Then what the kernel's firewall does, and the newest handshake of the interface wg0, when there
// is one.

#include <openssl/rand.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "agent/collector/netfilter.h"
#include "agent/collector/wireguard_device.h"
#include "agent/gateways/liveness.h"
#include "agent/vpn/find.h"

namespace {

using namespace parc::agent;  // NOLINT(google-build-using-namespace): one file, one subject

Liveness Options() {
  Liveness options;
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  options.now = std::chrono::duration_cast<std::chrono::microseconds>(since).count();
  options.answer_within = std::chrono::milliseconds(1000);
  options.random = [](std::size_t count) {
    std::string bytes(count, '\0');
    RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count));
    return bytes;
  };
  return options;
}

void Print(const parc::v1::VpnGateway& facts) {
  std::cout << parc::v1::GatewayProtocol_Name(facts.protocol()).substr(17) << " " << facts.port()
            << " " << parc::v1::GatewayAnswer_Name(facts.answer()).substr(15);
  if (facts.has_certificate_trusted()) {
    std::cout << (facts.certificate_trusted() ? " trusted" : " untrusted");
  }
  std::cout << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const Root root(argv[1]);
  Notes notes;
  const FoundProfiles found = FindProfiles(root, notes);
  const Liveness options = Options();
  for (const KeyedGateway& keyed : found.keyed) Print(ProbeKeyedGateway(keyed, options));
  for (const Gateway& gateway : found.gateways) {
    const bool keyed = std::any_of(found.keyed.begin(), found.keyed.end(),
                                   [&](const auto& other) { return other.gateway == gateway; });
    if (!keyed) Print(ProbeGateway(gateway, options));
  }
  if (const auto filters = KernelFilters(); filters.ok()) {
    std::cout << "firewall " << (*filters ? "filters" : "open") << "\n";
  } else {
    std::cout << "firewall " << filters.status() << "\n";
  }
  if (const auto newest = NewestHandshake(Root("/"), {"wg0"})) {
    std::cout << "handshake " << *newest << "\n";
  }
  return 0;
}
