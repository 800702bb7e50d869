// A token as somebody typed it: what is read is written in one form, which reads the same.

#include "daemon/access/tokens.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace parc::access;  // NOLINT(google-build-using-namespace): one function
  const std::string_view text = AsText(data, size);
  for (const TokenKind kind : {TokenKind::kEnrolment, TokenKind::kPerson}) {
    const auto parts = ParseToken(kind, text);
    if (!parts.ok()) continue;
    PARC_MUST(IsTokenId(parts->id));
    const auto again = ParseToken(kind, FormatToken(kind, *parts));
    PARC_MUST(again.ok() && *again == *parts);
  }
  return 0;
}
