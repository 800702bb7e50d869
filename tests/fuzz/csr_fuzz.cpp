// A certificate request of a stranger: read or refused, and what is read is a key of the one form.

#include "daemon/access/csr.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto key = parc::access::ParseCsr(AsText(data, size));
  if (key.ok()) {
    PARC_MUST(key->spki_sha256.size() == 32);
    PARC_MUST(key->spki.size() == 91);  // P-256, named curve, uncompressed
    PARC_MUST(!parc::access::FingerprintWords(key->spki_sha256).empty());
  }
  return 0;
}
