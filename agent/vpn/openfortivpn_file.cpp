#include "agent/files/text.h"
#include "agent/vpn/profile.h"

namespace parc::agent {

// openfortivpn(1): `key = value` lines without sections.
std::optional<Profile> ParseOpenFortiVpn(std::string_view text) {
  constexpr int kHttps = 443;
  Profile profile;
  profile.tool = v1::VPN_TOOL_FORTISSL;
  if (!IsText(text)) {
    profile.problem = "it is not a text file";
    return profile;
  }
  const auto values = ParseKeyValues(text);
  const auto value = [&](const char* key) {
    const auto found = values.find(key);
    return found == values.end() ? std::string() : found->second;
  };
  const std::string host = value("host");
  if (host.empty()) return std::nullopt;
  profile.certificate.file = value("user-cert");
  profile.key.file = value("user-key");
  profile.authority.file = value("ca-file");
  const std::string port = value("port");
  const auto number = port.empty() ? std::optional(kHttps) : ToPort(port);
  if (!IsHost(host) || !number) {
    profile.problem = "its gateway is no host name and port";
    return profile;
  }
  Gateway gateway;
  gateway.protocol = v1::GATEWAY_PROTOCOL_TLS;
  gateway.host = host;
  gateway.port = *number;
  const std::string pin = Lower(value("trusted-cert"));
  const bool digest = pin.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (pin.size() == 64 && digest) gateway.pinned_sha256 = pin;
  profile.gateways.push_back(std::move(gateway));
  if (value("insecure-ssl") == "1") {
    profile.problem = "it accepts any certificate of the gateway (insecure-ssl)";
  } else if (!pin.empty() && profile.gateways.front().pinned_sha256.empty()) {
    profile.problem = "its trusted-cert is no SHA-256";
  }
  return profile;
}

}  // namespace parc::agent
