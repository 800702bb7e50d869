#include "agent/files/ini.h"
#include "agent/files/text.h"
#include "agent/vpn/profile.h"

namespace parc::agent {

Profile ParseWireGuard(std::string_view text) {
  Profile profile;
  profile.tool = v1::VPN_TOOL_WIREGUARD;
  if (!IsText(text)) {
    profile.problem = "it is not a text file";
    return profile;
  }
  std::string own;
  bool public_key = false;
  std::string problem;
  // Of the peer whose section is being read.
  WireGuardKeys peer;
  std::optional<Gateway> gateway;
  const auto end_peer = [&] {
    if (gateway && profile.gateways.size() < kMaxProfileGateways) {
      profile.gateways.push_back(std::move(*gateway));
      profile.peers.push_back(std::move(peer));
    }
    gateway.reset();
    peer = WireGuardKeys();
  };
  ReadIni(text, [&](std::string_view section, std::string_view key, std::string_view value) {
    const std::string part = Lower(section);
    const std::string name = Lower(key);
    if (part == "interface" && name == "privatekey") {
      own = std::string(value);
      if (!IsWireGuardKey(value)) problem = "its private key is not 32 bytes in base64";
    } else if (part == "peer" && name == "publickey") {
      // A second one is of the next peer: sections are not told apart by name.
      if (!peer.peer_public.empty()) end_peer();
      public_key = true;
      peer.peer_public = std::string(value);
      if (!IsWireGuardKey(value)) problem = "a peer's public key is not 32 bytes in base64";
    } else if (part == "peer" && name == "presharedkey") {
      peer.preshared = std::string(value);
      if (!IsWireGuardKey(value)) problem = "a preshared key is not 32 bytes in base64";
    } else if (part == "peer" && name == "endpoint") {
      if (gateway) end_peer();
      gateway = SplitHostPort(value);
      if (!gateway || gateway->port == 0) {
        problem = "an endpoint is no host name and port";
        gateway.reset();
        return;
      }
      gateway->protocol = v1::GATEWAY_PROTOCOL_WIREGUARD;
    }
  });
  end_peer();
  for (WireGuardKeys& keys : profile.peers) keys.own_private = own;
  if (problem.empty() && profile.gateways.empty()) problem = "it names no gateway (Endpoint)";
  if (problem.empty() && !public_key) problem = "it names no peer (PublicKey)";
  if (problem.empty() && own.empty()) problem = "it has no private key";
  profile.problem = problem;
  return profile;
}

}  // namespace parc::agent
