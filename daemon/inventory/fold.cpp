#include "daemon/inventory/fold.h"

#include <algorithm>

#include <array>

namespace parc::inventory {
namespace {

// Base letters of U+00C0…U+017F; "" leaves the letter as it is.
constexpr std::array<std::string_view, 192> kBase = {
    // U+00C0
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i", "d", "n", "o",
    "o", "o", "o", "o", "", "o", "u", "u", "u", "u", "y", "th", "ss", "a", "a", "a", "a", "a", "a",
    "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i", "d", "n", "o", "o", "o", "o", "o", "", "o",
    "u", "u", "u", "u", "y", "th", "y",
    // U+0100
    "a", "a", "a", "a", "a", "a", "c", "c", "c", "c", "c", "c", "c", "c", "d", "d", "d", "d", "e",
    "e", "e", "e", "e", "e", "e", "e", "e", "e", "g", "g", "g", "g", "g", "g", "g", "g", "h", "h",
    "h", "h", "i", "i", "i", "i", "i", "i", "i", "i", "i", "i", "ij", "ij", "j", "j", "k", "k", "k",
    "l", "l", "l", "l", "l", "l", "l",
    // U+0140
    "l", "l", "l", "n", "n", "n", "n", "n", "n", "n", "n", "n", "o", "o", "o", "o", "o", "o", "oe",
    "oe", "r", "r", "r", "r", "r", "r", "s", "s", "s", "s", "s", "s", "s", "s", "t", "t", "t", "t",
    "t", "t", "u", "u", "u", "u", "u", "u", "u", "u", "u", "u", "u", "u", "w", "w", "y", "y", "y",
    "z", "z", "z", "z", "z", "z", "s"};

}  // namespace

std::string Fold(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      folded.push_back(lead >= 'A' && lead <= 'Z' ? static_cast<char>(lead + 32) : text[i]);
      continue;
    }
    const bool latin = lead >= 0xC3 && lead <= 0xC5 && i + 1 < text.size();
    if (latin) {
      const auto trail = static_cast<unsigned char>(text[i + 1]);
      const std::string_view base = kBase[(lead - 0xC3u) * 64u + (trail & 0x3Fu)];
      if (base.empty()) {
        folded.append(text.substr(i, 2));
      } else {
        folded.append(base);
      }
      ++i;
    } else {
      folded.push_back(text[i]);
    }
  }
  return folded;
}

bool FoldsTo(std::string_view text, std::string_view key) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) return Fold(text) == key;
    const auto folded = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    if (i >= key.size() || folded != key[i]) return false;
  }
  return text.size() == key.size();
}

std::string VersionKey(std::string_view version) {
  constexpr std::size_t kWidth = 10;
  std::string key;
  std::string digits;
  const auto flush = [&] {
    const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size());
    const std::string significant = digits.substr(first);
    if (!digits.empty() && significant.size() < kWidth)
      key.append(kWidth - significant.size(), '0');
    key += significant;
    digits.clear();
  };
  for (const char c : Fold(version)) {
    if (c >= '0' && c <= '9') {
      digits.push_back(c);
    } else {
      flush();
      key.push_back(c);
    }
  }
  flush();
  return key;
}

}  // namespace parc::inventory
