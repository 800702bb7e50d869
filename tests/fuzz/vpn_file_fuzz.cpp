// A VPN profile that somebody prepared to hurt: what is told of it is clean.

#include <algorithm>
#include <string>
#include <vector>

#include "agent/vpn/certificate.h"
#include "agent/vpn/profile.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace parc::agent;  // NOLINT(google-build-using-namespace): one file, one subject

void Judge(const Profile& profile) {
  for (const Gateway& gateway : profile.gateways) {
    PARC_MUST(gateway.port >= 0 && gateway.port <= 65535);
    PARC_MUST(gateway.host.empty() || IsHost(gateway.host));
  }
  const bool control = std::any_of(profile.problem.begin(), profile.problem.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  PARC_MUST(!control);
  PARC_MUST(profile.problem.size() < 512);
  for (const Material& material :
       {profile.certificate, profile.key, profile.authority, profile.revocation}) {
    if (material.text.empty()) continue;
    ReadVpnCertificate(material.text).IgnoreError();
    KeyMatches(profile.certificate.text, material.text);
    ReadAuthority(material.text, profile.certificate.text).IgnoreError();
    ReadNextUpdate(material.text).IgnoreError();
  }
  PARC_MUST(profile.peers.empty() || profile.peers.size() == profile.gateways.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(AsText(data, size));
  Judge(ParseOpenVpn(text));
  Judge(ParseWireGuard(text));
  if (const auto profile = ParseNetworkManager(text); profile.has_value()) Judge(*profile);
  for (const Profile& profile : ParseSwanctl(text)) Judge(profile);
  for (const Profile& profile : ParseIpsecConf(text)) Judge(profile);
  if (const auto profile = ParseOpenFortiVpn(text); profile.has_value()) Judge(*profile);
  PARC_MUST(NetworkManagerSecondaries(text).size() <= 64);
  if (const auto gateway = SplitHostPort(text); gateway.has_value())
    PARC_MUST(gateway->port >= 0 && gateway->port <= 65535);
  ReadVpnCertificate(text).IgnoreError();
  return 0;
}
