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
  // What a TLS gateway is known by: certificates of authorities (PEM), or the SHA-256 of its own
  // certificate in hex. Without either, by the system's authorities.
  std::string trusted_pem{};
  std::string pinned_sha256{};

  auto operator<=>(const Gateway&) const = default;
};

// Gateways that one profile may name; further ones are left out.
inline constexpr std::size_t kMaxProfileGateways = 4;

// A certificate or key, as a profile refers to it: inline, in a file, or in one of the files of
// folders that belong to the tool.
struct Material {
  std::string text{};
  std::string file{};
  std::vector<std::string> folders{};

  bool empty() const { return text.empty() && file.empty() && folders.empty(); }
  bool operator==(const Material&) const = default;
};

// How OpenVPN's control packets are wrapped, and with which key file.
struct Wrap {
  enum class Kind { kNone, kTlsAuth, kTlsCrypt, kOther };
  Kind kind = Kind::kNone;
  Material key{};
  std::optional<int> direction{};  // of tls-auth: 0 or 1
  std::string digest = "SHA1";     // of tls-auth: what `auth` says

  bool operator==(const Wrap&) const = default;
};

// Keys of one WireGuard peer, base64. Never told, and looked at by the root collector only.
struct WireGuardKeys {
  std::string own_private{};
  std::string peer_public{};
  std::string preshared{};  // may be empty

  bool operator==(const WireGuardKeys&) const = default;
};

struct Profile {
  v1::VpnTool tool = v1::VPN_TOOL_UNSPECIFIED;
  std::string name;     // of the connection, in files that hold several
  std::string problem;  // one sentence; empty when the profile is understood
  std::vector<Gateway> gateways;
  Material certificate{};
  Material key{};
  Material authority{};
  Material revocation{};
  std::optional<bool> autoconnect{};  // when the file itself says so
  std::string uuid{};                 // NetworkManager's
  Wrap wrap{};
  std::vector<WireGuardKeys> peers{};  // one for each gateway of a WireGuard profile

  bool operator==(const Profile&) const = default;
};

// *.ovpn and /etc/openvpn/client/*.conf
Profile ParseOpenVpn(std::string_view text);
// /etc/wireguard/*.conf (wg-quick)
Profile ParseWireGuard(std::string_view text);
// NetworkManager keyfiles; nothing when the connection is no VPN.
std::optional<Profile> ParseNetworkManager(std::string_view text);
// The UUIDs of VPN connections that come up together with this one.
std::vector<std::string> NetworkManagerSecondaries(std::string_view text);
// swanctl.conf and conf.d/*.conf: one for each connection that dials out.
std::vector<Profile> ParseSwanctl(std::string_view text);
// ipsec.conf: one for each connection that dials out.
std::vector<Profile> ParseIpsecConf(std::string_view text);
// /etc/openfortivpn/config; nothing when it names no host, as the one that is installed with the
// package does not.
std::optional<Profile> ParseOpenFortiVpn(std::string_view text);

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
