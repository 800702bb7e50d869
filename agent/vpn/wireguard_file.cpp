#include "agent/files/text.h"
#include "agent/vpn/ini.h"
#include "agent/vpn/profile.h"

namespace parc::agent {

Profile ParseWireGuard(std::string_view text) {
  Profile profile;
  profile.tool = v1::VPN_TOOL_WIREGUARD;
  if (!IsText(text)) {
    profile.problem = "it is not a text file";
    return profile;
  }
  bool private_key = false;
  bool public_key = false;
  std::string problem;
  ReadIni(text, [&](std::string_view section, std::string_view key, std::string_view value) {
    const std::string part = Lower(section);
    const std::string name = Lower(key);
    if (part == "interface" && name == "privatekey") {
      private_key = true;
      if (!IsWireGuardKey(value)) problem = "its private key is not 32 bytes in base64";
    } else if (part == "peer" && name == "publickey") {
      public_key = true;
      if (!IsWireGuardKey(value)) problem = "a peer's public key is not 32 bytes in base64";
    } else if (part == "peer" && name == "endpoint" && profile.gateways.size() < kMaxProfileGateways) {
      auto gateway = SplitHostPort(value);
      if (!gateway || gateway->port == 0) {
        problem = "an endpoint is no host name and port";
        return;
      }
      gateway->protocol = v1::GATEWAY_PROTOCOL_WIREGUARD;
      profile.gateways.push_back(*std::move(gateway));
    }
  });
  if (problem.empty() && profile.gateways.empty()) problem = "it names no gateway (Endpoint)";
  if (problem.empty() && !public_key) problem = "it names no peer (PublicKey)";
  if (problem.empty() && !private_key) problem = "it has no private key";
  profile.problem = problem;
  return profile;
}

}  // namespace parc::agent
