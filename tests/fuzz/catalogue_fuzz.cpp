// Tables of the kernel, of the system and of disks, as somebody may have prepared them: what is
// told of them is counts and words of a list.

#include <string>

#include "agent/collector/disk_health.h"
#include "agent/collector/netfilter.h"
#include "agent/collector/wireguard_device.h"
#include "agent/gateways/openvpn_wrap.h"
#include "agent/probes/luks.h"
#include "agent/probes/packages.h"
#include "agent/probes/probes.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace parc::agent;  // NOLINT(google-build-using-namespace): one function
  // A copy of its own, so that a byte too far is seen.
  const std::string text(AsText(data, size));
  for (const int port : ExposedPorts(text)) {
    PARC_MUST(port == 22 || port == 445 || port == 3389 || port == 5900);
  }
  PARC_MUST(ParseShadow(text).open >= 0);
  PARC_MUST(CountAdministrators(text) >= 0);
  if (const auto kdf = ParseLuksHeader(text); kdf.has_value()) {
    PARC_MUST(*kdf == "luks1" || *kdf == "pbkdf2" || *kdf == "argon2i" || *kdf == "argon2id");
  }
  for (const auto& [name, version] : ParseRpmList(text)) {
    PARC_MUST(name.size() <= 256 && version.size() <= 256);
  }
  if (const auto key = ParseStaticKey(text); key.has_value()) PARC_MUST(key->size() == 256);
  ParseNvmeLog(text);
  ParseUserspaceDevice(text);
  ParseKernelDevice(text);
  auto chains = ParseChains(text);
  ParseRules(text, chains);
  Filters(chains);
  return 0;
}
