#include <algorithm>
#include <filesystem>
#include <tuple>

#include <openssl/evp.h>

#include "agent/vpn/certificate.h"
#include "agent/vpn/find.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxProfileBytes = 256 * 1024;
constexpr std::size_t kMaxProfiles = 64;
constexpr std::string_view kNeedsRoot = "needs the root collector";

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
  Finder(const Root& root, Notes& notes) : root_(root), notes_(notes) {}

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
    for (const Profile& profile : Parse(source.name, *text)) Keep(source, path, profile);
  }

  FoundProfiles Found() {
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
    if (source == "swanctl" || source == "ipsec") return v1::VPN_TOOL_STRONGSWAN;
    return v1::VPN_TOOL_UNSPECIFIED;
  }

  static std::vector<Profile> Parse(std::string_view source, std::string_view text) {
    if (source == "openvpn") return {ParseOpenVpn(text)};
    if (source == "wireguard") return {ParseWireGuard(text)};
    if (source == "swanctl") return ParseSwanctl(text);
    if (source == "ipsec") return ParseIpsecConf(text);
    if (auto profile = ParseNetworkManager(text)) return {*std::move(profile)};
    return {};
  }

  // How many profiles there are, and how they are, is then not known.
  void Skip(const absl::Status& why) {
    for (const std::string_view fact : {"vpn.profiles", "vpn.certificate.expires"}) {
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
    std::string problem = profile.problem;
    ReadCertificate(path, profile, fact, problem);
    fact.set_valid(problem.empty());
    fact.set_problem(problem);
    found_.gateways.insert(found_.gateways.end(), profile.gateways.begin(), profile.gateways.end());
  }

  void ReadCertificate(const std::string& path, const Profile& profile, v1::VpnProfile& fact,
                       std::string& problem) {
    std::string pem = profile.certificate_pem;
    const std::string& file = profile.certificate_file;
    if (pem.empty() && file.empty()) return;
    if (pem.empty()) {
      // On a token: nothing can be told without its driver.
      if (file.rfind("pkcs11:", 0) == 0) return;
      const auto absolute = (std::filesystem::path(path).parent_path() / file).lexically_normal();
      const auto text = root_.Read(absolute.string(), kMaxProfileBytes);
      if (absl::IsPermissionDenied(text.status())) {
        notes_.Unreadable("vpn.certificate.expires", kNeedsRoot);
        return;
      }
      if (!text.ok()) {
        if (problem.empty()) {
          problem = absl::IsNotFound(text.status()) ? "its client certificate is missing"
                                                    : "its client certificate cannot be read";
        }
        return;
      }
      pem = *text;
    }
    if (auto certificate = ReadVpnCertificate(pem); certificate.ok()) {
      *fact.mutable_certificate() = *std::move(certificate);
    } else if (problem.empty()) {
      problem = std::string(certificate.status().message());
    }
  }

  const Root& root_;
  Notes& notes_;
  FoundProfiles found_;
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
  return finder.Found();
}

}  // namespace parc::agent
