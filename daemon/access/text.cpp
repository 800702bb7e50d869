#include "daemon/access/text.h"

#include <array>

#include "absl/strings/ascii.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::access {
namespace {

constexpr std::size_t kMaxMachineText = 256;

absl::Status Bad(std::string_view field, std::string_view what) {
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_TEXT", fmt::format("{}: {}", field, what),
                field);
}

// The length of the character at the front; 0 when it is no UTF-8 (RFC 3629: shortest form, no
// surrogates). `text` is not empty.
std::size_t CharacterLength(std::string_view text, char32_t& character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    character = lead;
    return 1;
  }
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  character = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
    character = (character << 6U) | (byte(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  return character < kSmallest[length] || character > 0x10ffff || surrogate ? 0 : length;
}

bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

// Line and paragraph separators, direction marks, embeddings, overrides and isolates.
bool Misleads(char32_t c) {
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

absl::Status CheckText(std::string_view text, std::string_view field, std::size_t max_bytes) {
  if (text.size() > max_bytes) return Bad(field, fmt::format("longer than {} bytes", max_bytes));
  while (!text.empty()) {
    char32_t character = 0;
    const std::size_t length = CharacterLength(text, character);
    if (length == 0) return Bad(field, "not UTF-8");
    if (IsControl(character) || Misleads(character)) return Bad(field, "has control characters");
    text.remove_prefix(length);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> CleanText(std::string_view text, std::string_view field) {
  if (text.size() > kMaxMachineText) {
    return Bad(field, fmt::format("longer than {} bytes", kMaxMachineText));
  }
  std::string clean;
  while (!text.empty()) {
    char32_t character = 0;
    const std::size_t length = CharacterLength(text, character);
    if (length == 0) return Bad(field, "not UTF-8");
    if (IsControl(character)) {
      clean += ' ';
    } else if (!Misleads(character)) {
      clean += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  absl::RemoveExtraAsciiWhitespace(&clean);
  return clean;
}

}  // namespace parc::access
