#include "tests/filter/random_filter.h"

#include "daemon/store/text_codec.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::test {

using filter::Comparison;
using filter::Expression;
using filter::Test;
using inventory::CivilDate;
using inventory::FieldId;
using inventory::Kind;
using inventory::Value;

namespace {

const std::vector<FieldId> kSample = {
    FieldId::kModel,     FieldId::kNotes,        FieldId::kState,
    FieldId::kPrice,     FieldId::kPurchaseDate, FieldId::kTpm2,
    FieldId::kOsVersion, FieldId::kTags,         FieldId::kLastSeen};

std::string ColumnOf(FieldId field) { return fmt::format("c{}", static_cast<int>(field)); }

// Short, so that values often meet; with what LIKE, quoting and folding stumble over.
std::string RandomText(Dice& dice) {
  static const std::vector<std::string> kPieces = {"a",  "A", "b", "é", "E", "%",  "_", "\\", "'",
                                                   "\"", " ", "œ", "ß", "1", "10", ".", "日", "\n"};
  std::string text;
  for (int i = dice.Below(4); i > 0; --i) text += dice.Pick(kPieces);
  return text;
}

std::string RandomElement(Dice& dice) {
  static const std::vector<std::string> kTags = {"vpn",  "VPN", "vp", "pn",
                                                 "prêt", "a_b", "a%", "1"};
  return dice.Pick(kTags);
}

std::string RandomVersion(Dice& dice) {
  static const std::vector<std::string> kVersions = {"9.10", "24.04", "24.4",  "24.04.1", "",
                                                     "9",    "10",    "9.10A", "9.10a",   "010"};
  return dice.Pick(kVersions);
}

Value RandomValue(FieldId field, Dice& dice) {
  static const std::vector<std::string> kStates = {"IN_STOCK", "ASSIGNED", "LOST"};
  switch (inventory::Get(field).kind) {
    case Kind::kBool:
      return dice.OneIn(2);
    case Kind::kInt:
      return std::int64_t{dice.Below(5) - 2};
    case Kind::kTime:
      return std::int64_t{dice.Below(4)} * 1'000'000;
    case Kind::kDate:
      return CivilDate{2020, 1 + dice.Below(3), 1 + dice.Below(2)};
    case Kind::kEnum:
      return dice.Pick(kStates);
    case Kind::kVersion:
      return RandomVersion(dice);
    case Kind::kList:
    case Kind::kText:
      return RandomText(dice);
  }
  return {};
}

Test RandomTest(Dice& dice) {
  Test test;
  test.field = dice.Pick(kSample);
  const Kind kind = inventory::Get(test.field).kind;
  if (dice.OneIn(8)) {
    test.comparison = Comparison::kHas;
    test.presence = true;
    return test;
  }
  static const std::vector<Comparison> kEquality = {Comparison::kEqual, Comparison::kNotEqual};
  static const std::vector<Comparison> kOrdered = {
      Comparison::kEqual,       Comparison::kNotEqual, Comparison::kLess,
      Comparison::kLessOrEqual, Comparison::kGreater,  Comparison::kGreaterOrEqual};
  const bool equal_only = kind == Kind::kEnum || kind == Kind::kBool;
  test.comparison = kind == Kind::kList ? Comparison::kHas
                    : equal_only        ? dice.Pick(kEquality)
                                        : dice.Pick(kOrdered);
  const bool textual = kind == Kind::kText || kind == Kind::kVersion;
  if (textual && dice.OneIn(4)) test.comparison = Comparison::kHas;
  test.value = kind == Kind::kList && !dice.OneIn(4) ? Value(RandomElement(dice))
                                                     : RandomValue(test.field, dice);
  const auto* text = std::get_if<std::string>(&test.value);
  const bool may_be_wild =
      (textual || kind == Kind::kList) && text != nullptr && !text->empty() &&
      (test.comparison == Comparison::kEqual || test.comparison == Comparison::kNotEqual ||
       test.comparison == Comparison::kHas);
  if (may_be_wild) {
    test.any_prefix = dice.OneIn(4);
    test.any_suffix = dice.OneIn(4);
  }
  return test;
}

std::string Quoted(const std::string& text, Dice& dice) {
  const char quote = dice.OneIn(2) ? '"' : '\'';
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + quote;
}

std::string RenderTest(const Test& test, Dice& dice) {
  constexpr std::string_view kSigns[] = {"=", "!=", "<", "<=", ">", ">=", ":"};
  const inventory::Field& field = inventory::Get(test.field);
  const std::string_view blank = dice.OneIn(2) ? " " : "";
  const std::string left = fmt::format("{}{}{}{}", field.name, blank,
                                       kSigns[static_cast<std::size_t>(test.comparison)], blank);
  if (test.presence) return left + "*";
  std::string value = inventory::ToText(test.value, field.kind);
  if (test.any_prefix) value = "*" + value;
  if (test.any_suffix) value += "*";
  return left + (std::holds_alternative<std::string>(test.value) ? Quoted(value, dice) : value);
}

}  // namespace

const store::ColumnMap& SampleColumns() {
  static const store::ColumnMap kColumns = [] {
    store::ColumnMap columns;
    for (const FieldId field : kSample) columns.emplace(field, ColumnOf(field));
    return columns;
  }();
  return kColumns;
}

Record RandomRecord(Dice& dice) {
  Record record;
  for (const FieldId field : kSample) {
    if (dice.OneIn(4)) continue;  // absent
    if (inventory::Get(field).kind == Kind::kList) {
      std::vector<std::string> list;
      for (int i = dice.Below(3); i > 0; --i) list.push_back(RandomElement(dice));
      record.emplace(field, std::move(list));
    } else {
      record.emplace(field, RandomValue(field, dice));
    }
  }
  return record;
}

Expression RandomExpression(Dice& dice, int depth) {
  if (depth == 0 || dice.OneIn(3)) return {Expression::Node::kTest, {}, {RandomTest(dice)}};
  if (dice.OneIn(4)) {
    return {Expression::Node::kNot, {RandomExpression(dice, depth - 1)}, {}};
  }
  Expression expression{dice.OneIn(2) ? Expression::Node::kAnd : Expression::Node::kOr, {}, {}};
  for (int i = 2 + dice.Below(2); i > 0; --i) {
    expression.children.push_back(RandomExpression(dice, depth - 1));
  }
  return expression;
}

std::string Render(const Expression& expression, Dice& dice) {
  using Node = Expression::Node;
  const auto inside = [&](const Expression& child, bool bare) {
    const std::string text = Render(child, dice);
    return bare ? text : "(" + text + ")";
  };
  std::vector<std::string> parts;
  switch (expression.node) {
    case Node::kTest:
      return RenderTest(expression.test.front(), dice);
    case Node::kNot: {
      const Expression& child = expression.children.front();
      return (dice.OneIn(2) ? "NOT " : "-") + inside(child, child.node == Node::kTest);
    }
    case Node::kOr:
      for (const Expression& child : expression.children) {
        parts.push_back(inside(child, child.node == Node::kTest || child.node == Node::kNot));
      }
      return fmt::format("{}", fmt::join(parts, " OR "));
    case Node::kAnd:
      for (const Expression& child : expression.children) {
        parts.push_back(inside(child, child.node != Node::kAnd || dice.OneIn(2)));
      }
      return fmt::format("{}", fmt::join(parts, dice.OneIn(2) ? " AND " : "\n"));
  }
  return {};
}

std::string TableOfRecords() {
  std::string sql = "CREATE TABLE records(id INTEGER PRIMARY KEY";
  for (const FieldId field : kSample) {
    const Kind kind = inventory::Get(field).kind;
    const bool integer = kind == Kind::kInt || kind == Kind::kTime || kind == Kind::kBool;
    sql += fmt::format(", {} {}", ColumnOf(field), integer ? "INTEGER" : "TEXT");
  }
  return sql + ") STRICT";
}

absl::Status InsertRecord(store::Connection& db, std::int64_t id, const Record& record) {
  std::string columns = "id";
  std::string parameters = "?1";
  std::vector<store::Bind> binds = {id};
  for (const auto& [field, value] : record) {
    columns += ", " + ColumnOf(field);
    parameters += fmt::format(", ?{}", binds.size() + 1);
    if (const auto* boolean = std::get_if<bool>(&value)) {
      binds.emplace_back(std::int64_t{*boolean ? 1 : 0});
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      binds.emplace_back(*integer);
    } else if (const auto* date = std::get_if<CivilDate>(&value)) {
      binds.emplace_back(inventory::ToIso(*date));
    } else if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
      binds.emplace_back(store::JoinList(*list));
    } else {
      binds.emplace_back(std::get<std::string>(value));
    }
  }
  store::Statement insert(db,
                          fmt::format("INSERT INTO records({}) VALUES({})", columns, parameters));
  return insert.QueryWith([](const store::Row&) { return absl::OkStatus(); }, binds);
}

}  // namespace parc::test
