#include "daemon/access/random.h"

#include <openssl/rand.h>

#include <cstdlib>

#include "absl/strings/escaping.h"

namespace parc::access {

RandomBytes SystemRandomBytes() {
  return [](std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
      std::abort();  // a guessable token is worse than a restart
    }
    return bytes;
  };
}

std::string MakeUuid7(std::int64_t now, const RandomBytes& random) {
  std::string bytes = random(16);
  const auto millis = static_cast<std::uint64_t>(now / 1000);
  for (std::size_t i = 0; i < 6; ++i) {
    bytes[i] = static_cast<char>((millis >> (8 * (5 - i))) & 0xff);
  }
  bytes[6] = static_cast<char>(0x70 | (bytes[6] & 0x0f));
  bytes[8] = static_cast<char>(0x80 | (bytes[8] & 0x3f));
  std::string text = absl::BytesToHexString(bytes);
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) text.insert(dash, 1, '-');
  return text;
}

bool IsUuid(const std::string& text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace parc::access
