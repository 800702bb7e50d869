#include <map>

#include "agent/files/ini.h"
#include "agent/files/text.h"
#include "agent/vpn/profile.h"

namespace parc::agent {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;

std::string Value(const Values& values, std::string_view key) {
  const auto found = values.find(key);
  return found == values.end() ? std::string() : found->second;
}

bool IsSha256Hex(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// remote=vpn.example:1194:udp, vpn2.example:443:tcp
void ReadOpenVpn(const Values& vpn, Profile& profile) {
  profile.tool = v1::VPN_TOOL_OPENVPN;
  if (vpn.count("ta") != 0) {
    profile.wrap.kind = Wrap::Kind::kTlsAuth;
    profile.wrap.key.file = Value(vpn, "ta");
    profile.wrap.direction = ToInt<int>(Value(vpn, "ta-dir"));
    if (vpn.count("auth") != 0) profile.wrap.digest = Value(vpn, "auth");
  } else if (vpn.count("tls-crypt") != 0) {
    profile.wrap.kind = Wrap::Kind::kTlsCrypt;
    profile.wrap.key.file = Value(vpn, "tls-crypt");
  } else if (vpn.count("tls-crypt-v2") != 0 || vpn.count("static-key") != 0) {
    profile.wrap.kind = Wrap::Kind::kOther;
  }
  const bool wrapped = profile.wrap.kind != Wrap::Kind::kNone;
  const std::string port = vpn.count("port") != 0 ? Value(vpn, "port") : "1194";
  std::string remotes = Value(vpn, "remote");
  for (char& c : remotes) c = c == ',' ? ' ' : c;
  for (std::string_view remote : SplitWords(remotes)) {
    bool tcp = Value(vpn, "proto-tcp") == "yes";
    for (const auto& [suffix, is_tcp] : {std::pair{":udp", false}, std::pair{":tcp", true}}) {
      if (remote.size() > 4 && remote.substr(remote.size() - 4) == suffix) {
        remote.remove_suffix(4);
        tcp = is_tcp;
      }
    }
    auto gateway = SplitHostPort(remote);
    if (gateway && gateway->port == 0) gateway->port = ToPort(port).value_or(0);
    if (!gateway || gateway->port == 0) {
      profile.problem = "a remote is no host name and port";
      continue;
    }
    gateway->protocol = tcp ? v1::GATEWAY_PROTOCOL_OPENVPN_TCP : v1::GATEWAY_PROTOCOL_OPENVPN_UDP;
    gateway->wrapped = wrapped;
    if (profile.gateways.size() < kMaxProfileGateways)
      profile.gateways.push_back(*std::move(gateway));
  }
  profile.certificate.file = Value(vpn, "cert");
  profile.key.file = Value(vpn, "key");
  profile.authority.file = Value(vpn, "ca");
  profile.revocation.file = Value(vpn, "crl-verify-file");
  if (profile.problem.empty() && profile.gateways.empty()) {
    profile.problem = "it names no gateway (remote)";
  } else if (profile.problem.empty() && vpn.count("ca") == 0 &&
             Value(vpn, "connection-type") != "static-key") {
    profile.problem = "it names no authority (ca) to know the gateway by";
  }
}

// One host, with a port of the protocol's own unless it says another.
void ReadOneHost(std::string_view host, v1::GatewayProtocol protocol, int port, Profile& profile) {
  auto gateway = SplitHostPort(host);
  if (host.empty()) {
    profile.problem = "it names no gateway";
  } else if (!gateway) {
    profile.problem = "its gateway is no host name";
  } else {
    gateway->protocol = protocol;
    if (gateway->port == 0) gateway->port = port;
    profile.gateways.push_back(*std::move(gateway));
  }
}

void ReadVpn(const Values& vpn, Profile& profile) {
  constexpr std::string_view kPrefix = "org.freedesktop.NetworkManager.";
  std::string service = Value(vpn, "service-type");
  if (service.rfind(kPrefix, 0) == 0) service.erase(0, kPrefix.size());
  constexpr int kHttps = 443;
  constexpr int kIke = 500;
  if (service == "openvpn") {
    ReadOpenVpn(vpn, profile);
  } else if (service == "strongswan" || service == "libreswan" || service == "l2tp") {
    profile.tool = v1::VPN_TOOL_STRONGSWAN;
    const std::string host = service == "strongswan" ? Value(vpn, "address")
                             : service == "l2tp"     ? Value(vpn, "gateway")
                                                     : Value(vpn, "right");
    ReadOneHost(host, v1::GATEWAY_PROTOCOL_IKEV2, kIke, profile);
    profile.certificate.file = Value(vpn, "usercert");
    profile.key.file = Value(vpn, "userkey");
    profile.authority.file = Value(vpn, "certificate");
  } else if (service == "openconnect") {
    profile.tool = v1::VPN_TOOL_OPENCONNECT;
    const std::string protocol = Value(vpn, "protocol");
    ReadOneHost(Value(vpn, "gateway"),
                protocol.empty() || protocol == "anyconnect" ? v1::GATEWAY_PROTOCOL_ANYCONNECT
                                                             : v1::GATEWAY_PROTOCOL_TLS,
                kHttps, profile);
    profile.certificate.file = Value(vpn, "usercert");
    profile.key.file = Value(vpn, "userkey");
    profile.authority.file = Value(vpn, "cacert");
  } else if (service == "fortisslvpn") {
    profile.tool = v1::VPN_TOOL_FORTISSL;
    ReadOneHost(Value(vpn, "gateway"), v1::GATEWAY_PROTOCOL_TLS, kHttps, profile);
    profile.certificate.file = Value(vpn, "cert");
    profile.key.file = Value(vpn, "key");
    profile.authority.file = Value(vpn, "ca");
    if (const std::string pin = Lower(Value(vpn, "trusted-cert")); !profile.gateways.empty()) {
      profile.gateways.front().pinned_sha256 = IsSha256Hex(pin) ? pin : std::string();
    }
  } else {
    profile.problem = "its kind of VPN is not known to this version";
  }
}

struct Peer {
  std::string endpoint;
  std::string preshared;
};

void ReadWireGuardPeers(const std::map<std::string, Peer>& peers, const std::string& own,
                        Profile& profile) {
  profile.tool = v1::VPN_TOOL_WIREGUARD;
  for (const auto& [key, peer] : peers) {
    if (peer.endpoint.empty()) continue;
    auto gateway = SplitHostPort(peer.endpoint);
    if (!IsWireGuardKey(key)) {
      profile.problem = "a peer's public key is not 32 bytes in base64";
    } else if (!gateway || gateway->port == 0) {
      profile.problem = "an endpoint is no host name and port";
    } else if (profile.gateways.size() < kMaxProfileGateways) {
      gateway->protocol = v1::GATEWAY_PROTOCOL_WIREGUARD;
      profile.gateways.push_back(*std::move(gateway));
      profile.peers.push_back({own, key, peer.preshared});
    }
  }
  if (profile.problem.empty() && profile.gateways.empty()) {
    profile.problem = "it names no gateway (endpoint)";
  }
}

}  // namespace

std::vector<std::string> NetworkManagerSecondaries(std::string_view text) {
  constexpr std::size_t kMost = 64;
  std::vector<std::string> uuids;
  if (!IsText(text)) return uuids;
  ReadIni(text, [&](std::string_view section, std::string_view key, std::string_view value) {
    if (section != "connection" || key != "secondaries") return;
    for (const std::string_view uuid : Split(value, ';')) {
      if (!Trim(uuid).empty() && uuids.size() < kMost) uuids.push_back(Lower(Trim(uuid)));
    }
  });
  return uuids;
}

std::optional<Profile> ParseNetworkManager(std::string_view text) {
  Profile profile;
  if (!IsText(text)) {
    profile.problem = "it is not a text file";
    return profile;
  }
  constexpr std::string_view kPeer = "wireguard-peer.";
  std::string type;
  std::string own;
  bool autoconnect = true;
  Values vpn;
  std::map<std::string, Peer> peers;
  ReadIni(text, [&](std::string_view section, std::string_view key, std::string_view value) {
    if (section == "connection" && key == "type") type = std::string(value);
    if (section == "vpn") vpn.emplace(key, value);
    if (section == "connection" && key == "uuid") profile.uuid = Lower(value);
    if (section == "connection" && key == "autoconnect") autoconnect = Lower(value) != "false";
    if (section == "wireguard" && key == "private-key") own = std::string(value);
    if (section.substr(0, kPeer.size()) != kPeer) return;
    Peer& peer = peers[std::string(section.substr(kPeer.size()))];
    if (key == "endpoint") peer.endpoint = std::string(value);
    if (key == "preshared-key") peer.preshared = std::string(value);
  });
  if (type == "vpn") {
    ReadVpn(vpn, profile);
  } else if (type == "wireguard") {
    ReadWireGuardPeers(peers, own, profile);
    // NetworkManager has no such switch for other VPNs: those come up with another connection.
    profile.autoconnect = autoconnect;
  } else {
    return std::nullopt;
  }
  return profile;
}

}  // namespace parc::agent
