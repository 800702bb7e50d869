#pragma once

#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

// Small readings of text, over std::string_view. Debian's absl::string_view is another type.
namespace parc::agent {

std::string_view Trim(std::string_view text);
std::vector<std::string_view> SplitLines(std::string_view text);
// Non-empty words between white space.
std::vector<std::string_view> SplitWords(std::string_view text);
std::vector<std::string_view> Split(std::string_view text, char separator);
std::string Lower(std::string_view text);

// The whole of `text` as a number.
template <typename Int>
std::optional<Int> ToInt(std::string_view text, int base = 10) {
  Int value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// `KEY=value` and `KEY="value"` lines, as os-release(5) writes them; comments and other lines are
// passed over, and the last of a key wins.
std::map<std::string, std::string> ParseKeyValues(std::string_view text);

// Text that may travel: valid UTF-8 without control characters, cut at 256 bytes.
std::string Printable(std::string_view text);
// True for text without NUL and other control characters but tab and line ends.
bool IsText(std::string_view bytes);

}  // namespace parc::agent
