#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parc/v1/facts.pb.h"

// VPN profiles, read as files that somebody may have prepared to hurt. Parsers are functions of the
// text alone; whatever it is they answer, never with the text itself.
namespace parc::agent {

struct Gateway {
  v1::GatewayProtocol protocol = v1::GATEWAY_PROTOCOL_UNSPECIFIED;
  std::string host;
  int port = 0;
  // Its first packet is wrapped with a key that the agent does not have: silence then says nothing.
  bool wrapped = false;

  auto operator<=>(const Gateway&) const = default;
};

// Gateways that one profile may name; further ones are left out.
inline constexpr std::size_t kMaxProfileGateways = 4;

struct Profile {
  v1::VpnTool tool = v1::VPN_TOOL_UNSPECIFIED;
  std::string name;     // of the connection, in files that hold several
  std::string problem;  // one sentence; empty when the profile is understood
  std::vector<Gateway> gateways;
  std::string certificate_pem;   // given inline
  std::string certificate_file;  // given by path

  bool operator==(const Profile&) const = default;
};

// *.ovpn and /etc/openvpn/client/*.conf
Profile ParseOpenVpn(std::string_view text);
// /etc/wireguard/*.conf (wg-quick)
Profile ParseWireGuard(std::string_view text);
// NetworkManager keyfiles; nothing when the connection is no VPN.
std::optional<Profile> ParseNetworkManager(std::string_view text);
// swanctl.conf and conf.d/*.conf: one for each connection that dials out.
std::vector<Profile> ParseSwanctl(std::string_view text);
// ipsec.conf: one for each connection that dials out.
std::vector<Profile> ParseIpsecConf(std::string_view text);

// A name or address that may be resolved and told: letters, digits, dots, dashes, underscores and,
// in an IPv6 address, colons.
bool IsHost(std::string_view text);
// A port in digits; nothing when it is none.
std::optional<int> ToPort(std::string_view text);
// "host:port", "[v6]:port" or "host"; nothing when it is none of these. Port 0 when there is none.
std::optional<Gateway> SplitHostPort(std::string_view text);
// True for 32 bytes in base64.
bool IsWireGuardKey(std::string_view text);

}  // namespace parc::agent
