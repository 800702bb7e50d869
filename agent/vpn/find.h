#pragma once

#include <optional>
#include <vector>

#include "agent/probes/notes.h"
#include "agent/probes/packages.h"
#include "agent/probes/world.h"
#include "agent/vpn/profile.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

// A gateway with what its own question needs, or what it is to be known by; for the root collector.
struct KeyedGateway {
  Gateway gateway;
  Wrap wrap{};                // its key read, in `wrap.key.text`
  WireGuardKeys wireguard{};  // empty unless it is WireGuard's
};

struct FoundProfiles {
  std::vector<v1::VpnProfile> profiles;  // sorted by (source, fingerprint)
  std::vector<Gateway> gateways;         // that they name: sorted, each once
  std::vector<KeyedGateway> keyed;       // those of them whose key could be read
};

// Looks where NetworkManager, OpenVPN, WireGuard, strongSwan and openfortivpn keep profiles.
FoundProfiles FindProfiles(const Root& root, Notes& notes);

// Installed clients with their versions, by the package manager or, where there is none, by their
// programs.
std::vector<v1::VpnClient> FindClients(const Root& root, const InstalledPackages& packages,
                                       Notes& notes);

// Whether the service is there that strongSwan's profiles need; nothing where it is not installed.
std::optional<bool> FindIkeDaemon(const Root& root, const std::vector<v1::VpnClient>& clients);

}  // namespace parc::agent
