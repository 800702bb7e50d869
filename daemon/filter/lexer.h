#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace parc::filter {

enum class TokenKind { kEnd, kOpen, kClose, kAnd, kOr, kNot, kMinus, kComparator, kWord, kString };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;    // of a string: without quotes and escapes
  std::size_t at = 0;  // byte where it begins
  bool space_before = false;
};

// INVALID_ARGUMENT BAD_FILTER at byte `at` of `text`.
absl::Status BadFilter(std::string_view text, std::size_t at, std::string_view what);

// Cuts `text`; the last token is kEnd. A word after a comparator runs to the next blank or
// parenthesis, so that times and versions need no quotes.
absl::StatusOr<std::vector<Token>> Lex(std::string_view text);

}  // namespace parc::filter
