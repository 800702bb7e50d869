#pragma once

#include <vector>

#include "agent/probes/notes.h"
#include "agent/probes/world.h"
#include "agent/vpn/profile.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

struct FoundProfiles {
  std::vector<v1::VpnProfile> profiles;  // sorted by (source, fingerprint)
  std::vector<Gateway> gateways;         // that they name: sorted, each once
};

// Looks where NetworkManager, OpenVPN, WireGuard and strongSwan keep profiles.
FoundProfiles FindProfiles(const Root& root, Notes& notes);

// Installed clients with their versions, by dpkg's status file or, where there is none, by their
// programs.
std::vector<v1::VpnClient> FindClients(const Root& root, Notes& notes);

}  // namespace parc::agent
