#include "daemon/filter/parse.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "daemon/filter/lexer.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::filter {

using inventory::Field;
using inventory::FieldId;
using inventory::Kind;
using inventory::Resource;

namespace {

Expression Leaf(Test test) { return {Expression::Node::kTest, {}, {std::move(test)}}; }

Expression Join(Expression::Node node, std::vector<Expression> children) {
  if (children.size() == 1) return std::move(children.front());
  return {node, std::move(children), {}};
}

Comparison ComparisonOf(std::string_view text) {
  if (text == "=") return Comparison::kEqual;
  if (text == "!=") return Comparison::kNotEqual;
  if (text == "<") return Comparison::kLess;
  if (text == "<=") return Comparison::kLessOrEqual;
  if (text == ">") return Comparison::kGreater;
  if (text == ">=") return Comparison::kGreaterOrEqual;
  return Comparison::kHas;
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return upper;
}

// The operator of this language that one of another stands for; empty for a word. `and`, `or` and
// `not` are words: keywords are upper-case (AIP-160).
std::string OperatorMeant(std::string_view word) {
  if (word == "&&" || word == "&") return "AND";
  if (word == "||" || word == "|") return "OR";
  return {};
}

// Recursive descent over the grammar of AIP-160; each method reads the rule of its name.
class Parser {
 public:
  Parser(std::string_view text, Resource resource, std::vector<Token> tokens)
      : text_(text), resource_(resource), tokens_(std::move(tokens)) {}

  absl::StatusOr<Expression> Filter() {
    if (Peek().kind == TokenKind::kEnd) return Expression{};
    PARC_ASSIGN(Expression expression, ReadExpression());
    if (Peek().kind == TokenKind::kClose) return Bad("this parenthesis was never opened");
    if (Peek().kind != TokenKind::kEnd) return Bad("this does not belong here");
    return expression;
  }

 private:
  const Token& Peek() const { return tokens_[next_]; }
  Token Take() { return tokens_[next_++]; }
  absl::Status Bad(std::string_view what) const { return BadFilter(text_, Peek().at, what); }

  absl::StatusOr<Expression> ReadExpression() {
    if (++depth_ > kMaxDepth) return Bad(fmt::format("nested more than {} deep", kMaxDepth));
    std::vector<Expression> sequences;
    while (true) {
      PARC_ASSIGN(Expression sequence, ReadSequence());
      sequences.push_back(std::move(sequence));
      if (Peek().kind != TokenKind::kAnd) break;
      Take();
    }
    --depth_;
    return Join(Expression::Node::kAnd, std::move(sequences));
  }

  bool StartsTerm() const {
    switch (Peek().kind) {
      case TokenKind::kOpen:
      case TokenKind::kNot:
      case TokenKind::kMinus:
      case TokenKind::kWord:
      case TokenKind::kString:
        return true;
      default:
        return false;
    }
  }

  absl::StatusOr<Expression> ReadSequence() {
    std::vector<Expression> factors;
    do {
      PARC_ASSIGN(Expression factor, ReadFactor());
      factors.push_back(std::move(factor));
    } while (StartsTerm());
    return Join(Expression::Node::kAnd, std::move(factors));
  }

  absl::StatusOr<Expression> ReadFactor() {
    std::vector<Expression> terms;
    while (true) {
      PARC_ASSIGN(Expression term, ReadTerm());
      terms.push_back(std::move(term));
      if (Peek().kind != TokenKind::kOr) break;
      Take();
    }
    return Join(Expression::Node::kOr, std::move(terms));
  }

  absl::StatusOr<Expression> ReadTerm() {
    if (Peek().kind == TokenKind::kNot || Peek().kind == TokenKind::kMinus) {
      Take();
      PARC_ASSIGN(Expression inner, ReadSimple());
      return Expression{Expression::Node::kNot, {std::move(inner)}, {}};
    }
    return ReadSimple();
  }

  absl::StatusOr<Expression> ReadSimple() {
    if (Peek().kind == TokenKind::kOpen) {
      const std::size_t opened = Take().at;
      PARC_ASSIGN(Expression inner, ReadExpression());
      if (Peek().kind != TokenKind::kClose)
        return BadFilter(text_, opened, "this parenthesis is never closed");
      Take();
      return inner;
    }
    if (Peek().kind != TokenKind::kWord && Peek().kind != TokenKind::kString) {
      return Bad(Peek().kind == TokenKind::kEnd ? "the filter ends where a term is expected"
                                                : "a field or a word is expected here");
    }
    if (++terms_ > kMaxTerms) return Bad(fmt::format("more than {} terms", kMaxTerms));
    const Token left = Take();
    if (shared_.has_value()) {
      if (Peek().kind == TokenKind::kComparator)
        return BadFilter(text_, left.at, "only values of one field stand in these parentheses");
      return Compared(*shared_->field, shared_->comparator, left);
    }
    if (Peek().kind == TokenKind::kOpen && !Peek().space_before)
      return Bad("there are no functions in filters");
    if (Peek().kind != TokenKind::kComparator) return Word(left);
    if (left.kind == TokenKind::kString)
      return BadFilter(text_, left.at, "a field stands on the left, its value on the right");
    return Restriction(left);
  }

  // A word alone: looked for in the searched fields.
  absl::StatusOr<Expression> Word(const Token& word) {
    // As a word it would match nothing, in silence.
    if (word.kind == TokenKind::kWord) {
      const std::string meant = OperatorMeant(word.text);
      if (!meant.empty())
        return BadFilter(
            text_, word.at,
            fmt::format("write {0}, or \"{1}\" to look for the word", meant, word.text));
    }
    std::vector<Expression> tests;
    std::string text = word.text;
    if (text.size() > 1 && text.ends_with('*')) text.pop_back();
    for (const FieldId field : inventory::SearchedFields(resource_)) {
      tests.push_back(Leaf({.field = field, .comparison = Comparison::kHas, .value = text}));
    }
    return Join(Expression::Node::kOr, std::move(tests));
  }

  absl::StatusOr<Expression> Restriction(const Token& left) {
    const Field* field = inventory::Find(resource_, left.text);
    if (field == nullptr) return UnknownField(left);
    const Token comparator = Take();
    if (Peek().kind == TokenKind::kOpen) {
      shared_ = Shared{field, comparator};
      absl::StatusOr<Expression> values = ReadSimple();
      shared_.reset();
      return values;
    }
    if (Peek().kind != TokenKind::kWord && Peek().kind != TokenKind::kString) {
      return Bad(fmt::format("a value for {} is missing here", field->name));
    }
    const Token value = Take();
    return Compared(*field, comparator, value);
  }

  absl::StatusOr<Expression> Compared(const Field& field, const Token& comparator,
                                      const Token& value) {
    if (value.kind == TokenKind::kWord && value.text.starts_with('='))
      return BadFilter(text_, value.at, "one \"=\" compares; take this one away");
    Test test{.field = field.id, .comparison = ComparisonOf(comparator.text), .value = {}};
    if (test.comparison == Comparison::kHas && value.kind == TokenKind::kWord &&
        value.text == "*") {
      test.presence = true;
      return Leaf(std::move(test));
    }
    PARC_TRY(CheckComparator(field, comparator));
    PARC_TRY(ReadValue(field, value, test));
    return Leaf(std::move(test));
  }

  absl::Status UnknownField(const Token& left) const {
    const Field* nearest = inventory::Nearest(resource_, left.text);
    const std::string what = fmt::format("{} have no field \"{}\"", inventory::ToString(resource_),
                                         left.text.substr(0, 64));
    if (nearest == nullptr) return BadFilter(text_, left.at, what + "; `parc fields` lists them");
    return WithDetail(
        BadFilter(text_, left.at, fmt::format("{}; did you mean {}?", what, nearest->name)),
        "suggestion", nearest->name);
  }

  absl::Status CheckComparator(const Field& field, const Token& comparator) const {
    const std::string& sign = comparator.text;
    const auto refuse = [&](std::string_view what) {
      return BadFilter(text_, comparator.at, fmt::format("{} is {}", field.name, what));
    };
    switch (field.kind) {
      case Kind::kEnum:
      case Kind::kBool:
        if (sign != "=" && sign != "!=") return refuse("compared with = or != only");
        break;
      case Kind::kList:
        if (sign != ":") return refuse("a list; ask for an element with \":\"");
        break;
      case Kind::kInt:
      case Kind::kDate:
      case Kind::kTime:
        if (sign == ":") return refuse("no text; \":\" asks for its presence only, as in field:*");
        break;
      case Kind::kText:
      case Kind::kVersion:
        break;
    }
    return absl::OkStatus();
  }

  absl::Status ReadValue(const Field& field, const Token& token, Test& test) const {
    const auto refuse = [&](std::string_view wanted) {
      return BadFilter(text_, token.at,
                       fmt::format("{} is compared with {}, not \"{}\"", field.name, wanted,
                                   token.text.substr(0, 64)));
    };
    switch (field.kind) {
      case Kind::kBool:
        if (token.text != "true" && token.text != "false") return refuse("true or false");
        test.value = token.text == "true";
        return absl::OkStatus();
      case Kind::kInt: {
        std::int64_t number = 0;
        const char* const end = token.text.data() + token.text.size();
        const auto [stop, error] = std::from_chars(token.text.data(), end, number);
        if (error != std::errc() || stop != end) return refuse("a whole number");
        test.value = number;
        return absl::OkStatus();
      }
      case Kind::kDate: {
        const auto date = inventory::ParseIso(token.text);
        if (!date.ok()) return refuse("a date, as 2020-03-12");
        test.value = *date;
        return absl::OkStatus();
      }
      case Kind::kTime: {
        const auto time = inventory::ParseIsoTime(token.text);
        if (!time.ok()) return refuse("a time, as 2020-03-12 or 2020-03-12T08:30:00Z");
        test.value = *time;
        return absl::OkStatus();
      }
      case Kind::kEnum:
        return ReadEnum(field, token, test);
      case Kind::kText:
      case Kind::kVersion:
      case Kind::kList:
        ReadText(token, test);
        return absl::OkStatus();
    }
    return absl::InternalError("unknown kind of field");
  }

  absl::Status ReadEnum(const Field& field, const Token& token, Test& test) const {
    const std::string wanted = Upper(token.text);
    std::string_view nearest;
    int distance = 4;
    for (const std::string_view value : inventory::EnumValues(field.id)) {
      const int d = inventory::EditDistance(value, wanted.substr(0, 64));
      if (d < distance) {
        distance = d;
        nearest = value;
      }
    }
    test.value = wanted;
    if (distance == 0) return absl::OkStatus();
    absl::Status refused = BadFilter(
        text_, token.at,
        fmt::format("{} is never \"{}\"; it is one of {}", field.name, token.text.substr(0, 64),
                    fmt::join(inventory::EnumValues(field.id), ", ")));
    return nearest.empty() ? refused : WithDetail(std::move(refused), "suggestion", nearest);
  }

  static void ReadText(const Token& token, Test& test) {
    std::string_view text = token.text;
    const bool wild = test.comparison == Comparison::kEqual ||
                      test.comparison == Comparison::kNotEqual ||
                      test.comparison == Comparison::kHas;
    if (wild && text.size() > 1 && text.ends_with('*')) {
      test.any_suffix = true;
      text.remove_suffix(1);
    }
    if (wild && text.size() > 1 && text.starts_with('*')) {
      test.any_prefix = true;
      text.remove_prefix(1);
    }
    test.value = std::string(text);
  }

  // What the values in parentheses after it are compared with: `state : (LOST OR RETIRED)`.
  struct Shared {
    const Field* field = nullptr;
    Token comparator;
  };

  std::string_view text_;
  Resource resource_;
  std::vector<Token> tokens_;
  std::optional<Shared> shared_;
  std::size_t next_ = 0;
  int depth_ = 0;
  int terms_ = 0;
};

}  // namespace

absl::StatusOr<Expression> Parse(std::string_view text, Resource resource) {
  if (text.size() > kMaxLength) {
    return BadFilter(text, kMaxLength,
                     fmt::format("a filter is no longer than {} bytes", kMaxLength));
  }
  // SQL ends a text there, a match in memory does not.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return BadFilter(text, nul, "there is no NUL in filters");
  }
  PARC_ASSIGN(std::vector<Token> tokens, Lex(text));
  return Parser(text, resource, std::move(tokens)).Filter();
}

absl::StatusOr<std::vector<OrderTerm>> ParseOrder(std::string_view text, Resource resource) {
  std::vector<OrderTerm> terms;
  const auto refuse = [](std::string_view what) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_ORDER",
                  fmt::format("order_by: {}", what), "order_by");
  };
  if (text.size() > 512) return refuse("longer than 512 bytes");
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view term = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    while (term.starts_with(' ')) term.remove_prefix(1);
    while (term.ends_with(' ')) term.remove_suffix(1);
    const bool descending = term.ends_with(" desc");
    if (descending) term.remove_suffix(5);
    if (term.ends_with(" asc")) term.remove_suffix(4);
    while (term.ends_with(' ')) term.remove_suffix(1);
    const Field* field = inventory::Find(resource, term);
    if (field == nullptr)
      return refuse(fmt::format("there is no field \"{}\"", term.substr(0, 64)));
    if (field->kind == Kind::kList)
      return refuse(fmt::format("{} is a list and has no order", field->name));
    const bool twice = std::any_of(terms.begin(), terms.end(),
                                   [&](const OrderTerm& t) { return t.field == field->id; });
    if (twice) return refuse(fmt::format("{} occurs twice", field->name));
    terms.push_back({field->id, descending});
  }
  return terms;
}

}  // namespace parc::filter
