#include "daemon/filter/lexer.h"

#include <algorithm>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::filter {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool EndsWord(char c) {
  return IsSpace(c) || std::string_view("()<>=!:\"'").find(c) != std::string_view::npos;
}
bool EndsValue(char c) { return IsSpace(c) || c == '(' || c == ')' || c == '"'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Token>> Run() {
    while (true) {
      const std::size_t before = at_;
      while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
      Token token;
      token.at = at_;
      token.space_before = at_ > before;
      if (at_ == text_.size()) {
        tokens_.push_back(std::move(token));
        return std::move(tokens_);
      }
      PARC_TRY(Read(token));
      tokens_.push_back(std::move(token));
    }
  }

 private:
  bool AfterComparator() const {
    return !tokens_.empty() && tokens_.back().kind == TokenKind::kComparator;
  }

  absl::Status Read(Token& token) {
    const char c = text_[at_];
    if (c == '(' || c == ')') {
      token.kind = c == '(' ? TokenKind::kOpen : TokenKind::kClose;
      ++at_;
      return absl::OkStatus();
    }
    if (c == '"' || c == '\'') return ReadString(token);
    if (AfterComparator()) return ReadRun(token, EndsValue);
    if (c == '-' && at_ + 1 < text_.size() && !IsSpace(text_[at_ + 1])) {
      token.kind = TokenKind::kMinus;
      ++at_;
      return absl::OkStatus();
    }
    for (const std::string_view comparator : {"<=", ">=", "!=", "=", "<", ">", ":"}) {
      if (text_.substr(at_).starts_with(comparator)) {
        token.kind = TokenKind::kComparator;
        token.text = comparator;
        at_ += comparator.size();
        return absl::OkStatus();
      }
    }
    if (c == '!') return BadFilter(text_, at_, "\"!\" stands alone; write NOT, or !=");
    PARC_TRY(ReadRun(token, EndsWord));
    if (token.text == "AND") token.kind = TokenKind::kAnd;
    if (token.text == "OR") token.kind = TokenKind::kOr;
    if (token.text == "NOT") token.kind = TokenKind::kNot;
    return absl::OkStatus();
  }

  absl::Status ReadRun(Token& token, bool (*ends)(char)) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !ends(text_[at_])) ++at_;
    if (at_ == begin) return BadFilter(text_, at_, "a value is missing here");
    token.kind = TokenKind::kWord;
    token.text = text_.substr(begin, at_ - begin);
    return absl::OkStatus();
  }

  absl::Status ReadString(Token& token) {
    const std::size_t begin = at_;
    const char quote = text_[at_++];
    token.kind = TokenKind::kString;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      token.text.push_back(text_[at_++]);
    }
    if (at_ == text_.size()) return BadFilter(text_, begin, "this quote is never closed");
    ++at_;
    return absl::OkStatus();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

absl::Status BadFilter(std::string_view text, std::size_t at, std::string_view what) {
  const std::string_view before = text.substr(0, at);
  const auto column = 1 + std::count_if(before.begin(), before.end(), [](char c) {
                        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
                      });
  return WithDetail(Refuse(absl::StatusCode::kInvalidArgument, "BAD_FILTER",
                           fmt::format("filter, column {}: {}", column, what), "filter"),
                    "column", fmt::format("{}", column));
}

absl::StatusOr<std::vector<Token>> Lex(std::string_view text) { return Lexer(text).Run(); }

}  // namespace parc::filter
