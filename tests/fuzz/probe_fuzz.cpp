// What a stranger answers to a probe: judged without reading beyond it.

#include <string>

#include "agent/gateways/packets.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace parc::agent;  // NOLINT(google-build-using-namespace): one function
  const std::string session = "ABCDEFGH";
  // A copy of its own, so that a byte too far is seen.
  const std::string packet(AsText(data, size));
  IsOpenVpnAnswer(packet, session);
  IsIkeAnswer(packet, session);
  IsIkeAnswer(WithoutMarker(packet), session);
  if (const auto first = FirstWithLength(packet); first.has_value()) {
    PARC_MUST(first->size() + 2 <= packet.size());
    IsOpenVpnAnswer(*first, session);
    const auto again = FirstWithLength(WithLength(*first));
    PARC_MUST(again.has_value() && *again == *first);
  }
  return 0;
}
