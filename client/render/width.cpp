#include "client/render/width.h"

#include <algorithm>
#include <clocale>
#include <cstdint>
#include <cwchar>

namespace parc::client::render {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// One character and the bytes it takes; `valid` is false for a byte that is no UTF-8.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool valid = true;
};

Character Next(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  std::size_t length = 0;
  char32_t code = 0;
  char32_t smallest = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2, code = lead & 0x1F, smallest = 0x80;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3, code = lead & 0x0F, smallest = 0x800;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4, code = lead & 0x07, smallest = 0x10000;
  }
  if (length == 0 || text.size() < length) return {0, 1, false};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0, 1, false};
    code = (code << 6) | (byte(i) & 0x3F);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < smallest || code > 0x10FFFF || surrogate) return {0, 1, false};
  return {code, length, true};
}

bool IsControl(char32_t code) {
  const bool c0_c1 = code < 0x20 || (code >= 0x7F && code < 0xA0);
  // Marks that turn the direction of what follows.
  const bool bidi = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return c0_c1 || bidi || code == 0x2028 || code == 0x2029;
}

// wcwidth knows the characters of the thread's locale; that of the user may know ASCII only.
class Utf8Locale {
 public:
  Utf8Locale() : before_(::uselocale(Shared())) {}
  ~Utf8Locale() { ::uselocale(before_); }
  Utf8Locale(Utf8Locale&&) = delete;

 private:
  static locale_t Shared() {
    static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
  }
  const locale_t before_;
};

int WidthOf(char32_t code) {
  if (code >= 0x20 && code < 0x7F) return 1;
  const int width = ::wcwidth(static_cast<wchar_t>(code));
  return width < 0 ? 1 : width;
}

bool IsPlain(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F) return false;
  }
  return true;
}

}  // namespace

std::string Printable(std::string_view text) {
  if (IsPlain(text)) return std::string(text);
  std::string result;
  while (!text.empty()) {
    const Character next = Next(text);
    if (!next.valid) {
      result += kReplacement;
    } else if (IsControl(next.code)) {
      result += ' ';
    } else {
      result += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  return result;
}

std::size_t Utf8Prefix(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size()) {
    const Character next = Next(text.substr(size));
    if (!next.valid) break;
    size += next.bytes;
  }
  return size;
}

int WidthOf(std::string_view text) {
  if (IsPlain(text)) return static_cast<int>(text.size());
  const Utf8Locale locale;
  int width = 0;
  while (!text.empty()) {
    const Character next = Next(text);
    width += next.valid ? WidthOf(next.code) : 1;
    text.remove_prefix(next.bytes);
  }
  return width;
}

std::string Shorten(std::string_view text, int width) {
  if (WidthOf(text) <= width) return std::string(text);
  if (width <= 0) return "";
  const Utf8Locale locale;
  std::size_t end = 0;
  for (int used = 0; end < text.size();) {
    const Character next = Next(text.substr(end));
    const int columns = next.valid ? WidthOf(next.code) : 1;
    if (used + columns > width - 1) break;
    used += columns;
    end += next.bytes;
  }
  while (end > 0 && text[end - 1] == ' ') --end;
  return std::string(text.substr(0, end)) + "…";
}

std::string PadRight(std::string_view text, int width) {
  const int missing = width - WidthOf(text);
  return std::string(text) + std::string(missing > 0 ? static_cast<std::size_t>(missing) : 0, ' ');
}

std::string PadLeft(std::string_view text, int width) {
  const int missing = width - WidthOf(text);
  return std::string(missing > 0 ? static_cast<std::size_t>(missing) : 0, ' ') + std::string(text);
}

std::string Wrap(std::string_view text, int width, std::string_view indent) {
  std::string lines;
  std::string line(indent);
  bool empty = true;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, blank);
    text.remove_prefix(std::min(blank + 1, text.size()));
    if (word.empty()) continue;
    if (!empty && width > 0 && WidthOf(line) + 1 + WidthOf(word) > width) {
      lines += line + "\n";
      line = std::string(indent);
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  return lines + line;
}

std::string_view Characters(std::string_view text, int characters) {
  std::size_t end = 0;
  for (int i = 0; i < characters && end < text.size(); ++i) end += Next(text.substr(end)).bytes;
  return text.substr(0, end);
}

}  // namespace parc::client::render
