#include <algorithm>
#include <filesystem>
#include <set>
#include <tuple>

#include <openssl/evp.h>

#include "agent/files/text.h"
#include "agent/probes/units.h"
#include "agent/vpn/find.h"
#include "agent/vpn/materials.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxProfileBytes = 256 * 1024;
constexpr std::size_t kMaxProfiles = 64;

struct Source {
  std::string_view name;
  std::string_view folder;
  std::vector<std::string_view> suffixes;
};

std::string Fingerprint(std::string_view path) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_Digest(path.data(), path.size(), digest, nullptr, EVP_sha256(), nullptr);
  std::string hex;
  for (int i = 0; i < 8; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

bool EndsWith(std::string_view text, std::string_view suffix) {
  return text.size() > suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

class Finder {
 public:
  Finder(const Root& root, Notes& notes) : root_(root), notes_(notes), materials_(root, notes) {}

  void Look(const Source& source) {
    const auto names = root_.List(source.folder);
    if (!names.ok()) {
      Skip(names.status());
      return;
    }
    for (const std::string& name : *names) {
      const bool ours =
          std::any_of(source.suffixes.begin(), source.suffixes.end(),
                      [&](std::string_view suffix) { return EndsWith(name, suffix); });
      if (ours) LookAt(source, name);
    }
  }

  void LookAt(const Source& source, const std::string& name) {
    const auto text = root_.ReadHostile(source.folder, name, kMaxProfileBytes);
    const std::string path = fmt::format("/{}/{}", source.folder, name);
    if (absl::IsNotFound(text.status())) return;
    if (absl::IsPermissionDenied(text.status())) {
      Skip(text.status());
      return;
    }
    if (!text.ok()) {
      Profile broken;
      broken.tool = ToolOf(source.name);
      broken.problem = absl::IsResourceExhausted(text.status()) ? "it is larger than 256 KiB"
                                                                : "it is no file of its folder";
      Keep(source, path, broken);
      return;
    }
    if (source.name == "networkmanager") {
      for (std::string& uuid : NetworkManagerSecondaries(*text)) {
        secondaries_.insert(std::move(uuid));
      }
    }
    for (const Profile& profile : Parse(source.name, *text)) Keep(source, path, profile);
  }

  FoundProfiles Found() {
    for (std::size_t i = 0; i < uuids_.size(); ++i) {
      if (uuids_[i].empty() || found_.profiles[i].has_autoconnect()) continue;
      found_.profiles[i].set_autoconnect(secondaries_.count(uuids_[i]) != 0);
    }
    const auto order = [](const v1::VpnProfile& a, const v1::VpnProfile& b) {
      return std::tie(a.source(), a.fingerprint()) < std::tie(b.source(), b.fingerprint());
    };
    std::sort(found_.profiles.begin(), found_.profiles.end(), order);
    std::sort(found_.gateways.begin(), found_.gateways.end());
    found_.gateways.erase(std::unique(found_.gateways.begin(), found_.gateways.end()),
                          found_.gateways.end());
    return std::move(found_);
  }

 private:
  static v1::VpnTool ToolOf(std::string_view source) {
    if (source == "openvpn") return v1::VPN_TOOL_OPENVPN;
    if (source == "wireguard") return v1::VPN_TOOL_WIREGUARD;
    if (source == "openfortivpn") return v1::VPN_TOOL_FORTISSL;
    if (source == "swanctl" || source == "ipsec") return v1::VPN_TOOL_STRONGSWAN;
    return v1::VPN_TOOL_UNSPECIFIED;
  }

  static std::vector<Profile> Parse(std::string_view source, std::string_view text) {
    if (source == "openvpn") return {ParseOpenVpn(text)};
    if (source == "wireguard") return {ParseWireGuard(text)};
    if (source == "swanctl") return ParseSwanctl(text);
    if (source == "ipsec") return ParseIpsecConf(text);
    if (source == "openfortivpn") {
      if (auto profile = ParseOpenFortiVpn(text)) return {*std::move(profile)};
      return {};
    }
    if (auto profile = ParseNetworkManager(text)) return {*std::move(profile)};
    return {};
  }

  // How many profiles there are, and how they are, is then not known.
  void Skip(const absl::Status& why) {
    for (const std::string_view fact :
         {"vpn.profiles", "vpn.certificate.expires", "vpn.certificate.key_matches",
          "vpn.certificate.trusted", "vpn.ca.expires"}) {
      notes_.Unreadable(fact, why);
    }
  }

  void Keep(const Source& source, const std::string& path, const Profile& profile) {
    if (found_.profiles.size() == kMaxProfiles) return;
    v1::VpnProfile& fact = found_.profiles.emplace_back();
    fact.set_tool(profile.tool);
    fact.set_source(std::string(source.name));
    fact.set_fingerprint(Fingerprint(profile.name.empty() ? path : path + "#" + profile.name));
    if (!profile.gateways.empty()) {
      fact.set_gateway(profile.gateways.front().host);
      fact.set_port(profile.gateways.front().port);
    }
    uuids_.push_back(profile.uuid);
    std::string problem = profile.problem;
    materials_.Judge(path, profile, fact, problem);
    fact.set_valid(problem.empty());
    fact.set_problem(problem);
    JudgeAccess(path, profile, fact);
    if (const auto starts = StartsByItself(source, path, profile)) fact.set_autoconnect(*starts);
    KeepGateways(path, profile);
  }

  void JudgeAccess(const std::string& path, const Profile& profile, v1::VpnProfile& fact) const {
    auto only = materials_.IsRootOnly(path);
    const std::string& key = profile.key.file;
    if (only && !key.empty() && key.rfind("pkcs11:", 0) != 0) {
      const auto absolute = (std::filesystem::path(path).parent_path() / key).lexically_normal();
      only = *only && materials_.IsRootOnly(absolute.string()).value_or(true);
    }
    if (only) fact.set_root_only(*only);
  }

  std::optional<bool> StartsByItself(const Source& source, const std::string& path,
                                     const Profile& profile) const {
    const std::string instance = std::filesystem::path(path).stem().string();
    if (source.name == "openvpn") return IsInstanceEnabled(root_, "openvpn-client@", instance);
    if (source.name == "wireguard") return IsInstanceEnabled(root_, "wg-quick@", instance);
    if (source.name == "openfortivpn") return IsInstanceEnabled(root_, "openfortivpn@", instance);
    return profile.autoconnect;
  }

  // What a gateway is known by comes along; of its keys only what could be read.
  void KeepGateways(const std::string& path, const Profile& profile) {
    std::string trusted;
    const auto authority = materials_.Read(path, profile.authority);
    if (authority.ok() && !authority->empty()) trusted = authority->front();
    const auto wrap = materials_.Read(path, profile.wrap.key);
    for (std::size_t i = 0; i < profile.gateways.size(); ++i) {
      Gateway gateway = profile.gateways[i];
      if (gateway.protocol == v1::GATEWAY_PROTOCOL_TLS ||
          gateway.protocol == v1::GATEWAY_PROTOCOL_ANYCONNECT) {
        gateway.trusted_pem = trusted;
      }
      if (i < profile.peers.size()) {
        found_.keyed.push_back({gateway, {}, profile.peers[i]});
      } else if (gateway.wrapped && wrap.ok()) {
        KeyedGateway keyed{gateway, profile.wrap, {}};
        keyed.wrap.key.text = wrap->front();
        found_.keyed.push_back(std::move(keyed));
      } else if (!gateway.trusted_pem.empty() || !gateway.pinned_sha256.empty()) {
        found_.keyed.push_back({gateway, {}, {}});
      }
      found_.gateways.push_back(std::move(gateway));
    }
  }

  const Root& root_;
  Notes& notes_;
  Materials materials_;
  FoundProfiles found_;
  std::vector<std::string> uuids_;  // of found_.profiles, before they are sorted
  std::set<std::string> secondaries_;
};

}  // namespace

FoundProfiles FindProfiles(const Root& root, Notes& notes) {
  Finder finder(root, notes);
  finder.Look({"networkmanager", "etc/NetworkManager/system-connections", {".nmconnection"}});
  finder.Look({"openvpn", "etc/openvpn/client", {".conf", ".ovpn"}});
  finder.Look({"wireguard", "etc/wireguard", {".conf"}});
  finder.LookAt({"swanctl", "etc/swanctl", {}}, "swanctl.conf");
  finder.Look({"swanctl", "etc/swanctl/conf.d", {".conf"}});
  finder.LookAt({"ipsec", "etc", {}}, "ipsec.conf");
  finder.LookAt({"openfortivpn", "etc/openfortivpn", {}}, "config");
  return finder.Found();
}

}  // namespace parc::agent
