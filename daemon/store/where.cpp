#include "daemon/store/where.h"

#include <algorithm>
#include <charconv>

#include "daemon/inventory/fold.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::store {

using filter::Comparison;
using filter::Expression;
using filter::OrderTerm;
using filter::Test;
using inventory::Kind;

namespace {

std::string_view Sign(Comparison comparison) {
  switch (comparison) {
    case Comparison::kEqual:
    case Comparison::kHas:
      return "=";
    case Comparison::kNotEqual:
      return "<>";
    case Comparison::kLess:
      return "<";
    case Comparison::kLessOrEqual:
      return "<=";
    case Comparison::kGreater:
      return ">";
    case Comparison::kGreaterOrEqual:
      return ">=";
  }
  return "=";
}

// A LIKE pattern that takes `text` literally.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') escaped.push_back('\\');
    escaped.push_back(c);
  }
  return escaped;
}

int DepthOf(const Expression& expression) {
  int depth = 0;
  for (const Expression& child : expression.children) depth = std::max(depth, DepthOf(child));
  return depth + 1;
}

class Compiler {
 public:
  Compiler(const ColumnMap& columns, int first) : columns_(columns), next_(first) {}

  absl::StatusOr<std::string> Run(const Expression& expression) {
    switch (expression.node) {
      case Expression::Node::kAnd:
        return Joined(expression, " AND ", "1");
      case Expression::Node::kOr:
        return Joined(expression, " OR ", "0");
      case Expression::Node::kNot: {
        PARC_ASSIGN(const std::string inner, Run(expression.children.front()));
        return fmt::format("NOT ({})", inner);
      }
      case Expression::Node::kTest:
        return One(expression.test.front());
    }
    return absl::InternalError("unknown node of a filter");
  }

  std::vector<Bind> TakeBinds() { return std::move(binds_); }

 private:
  std::string Bound(Bind value) {
    binds_.push_back(std::move(value));
    return fmt::format("?{}", next_++);
  }

  absl::StatusOr<std::string> Joined(const Expression& expression, std::string_view glue,
                                     std::string_view empty) {
    if (expression.children.empty()) return std::string(empty);
    // The deepest first: what stands before an open parenthesis fills the stack of SQLite's parser,
    // which holds a hundred symbols and no more. Every test is 0 or 1, so that the order is free.
    std::vector<const Expression*> children;
    for (const Expression& child : expression.children) children.push_back(&child);
    std::stable_sort(
        children.begin(), children.end(),
        [](const Expression* a, const Expression* b) { return DepthOf(*a) > DepthOf(*b); });
    std::vector<std::string> parts;
    for (const Expression* child : children) {
      PARC_ASSIGN(std::string part, Run(*child));
      parts.push_back("(" + part + ")");
    }
    return fmt::format("{}", fmt::join(parts, glue));
  }

  // Always 0 or 1, never NULL: a test of an absent value is false, so that its NOT is true.
  absl::StatusOr<std::string> One(const Test& test) {
    const auto found = columns_.find(test.field);
    if (found == columns_.end()) {
      return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FILTER",
                    fmt::format("{} cannot be asked here", inventory::Get(test.field).name),
                    "filter");
    }
    const Column& column = found->second;
    if (test.presence) return fmt::format("{0} IS NOT NULL AND {0} <> ''", column.sql);
    const bool whole =
        !test.any_prefix && !test.any_suffix && test.comparison == Comparison::kEqual;
    if (!column.key.empty() && whole) {
      return fmt::format("{} = {}", column.key,
                         Bound(inventory::Fold(std::get<std::string>(test.value))));
    }
    std::string by_name = NotNull(column.sql, test);
    if (column.alias.empty()) return by_name;
    return fmt::format("({}) {} ({})", by_name,
                       test.comparison == Comparison::kNotEqual ? "AND" : "OR",
                       NotNull(column.alias, test));
  }

  std::string NotNull(const std::string& column, const Test& test) {
    return fmt::format("{} IS NOT NULL AND {}", column, Comparing(column, test));
  }

  std::string Comparing(const std::string& column, const Test& test) {
    const Kind kind = inventory::Get(test.field).kind;
    if (const auto* boolean = std::get_if<bool>(&test.value)) {
      return fmt::format("{} {} {}", column, Sign(test.comparison),
                         Bound(std::int64_t{*boolean ? 1 : 0}));
    }
    if (const auto* integer = std::get_if<std::int64_t>(&test.value)) {
      return fmt::format("{} {} {}", column, Sign(test.comparison), Bound(*integer));
    }
    if (const auto* date = std::get_if<inventory::CivilDate>(&test.value)) {
      return fmt::format("{} {} {}", column, Sign(test.comparison), Bound(inventory::ToIso(*date)));
    }
    const std::string& text = std::get<std::string>(test.value);
    if (kind == Kind::kEnum)
      return fmt::format("{} {} {}", column, Sign(test.comparison), Bound(text));
    return ComparingText(column, kind, text, test);
  }

  std::string ComparingText(const std::string& column, Kind kind, const std::string& text,
                            const Test& test) {
    const std::string folded = inventory::Fold(text);
    if (kind == Kind::kList) return Element(column, folded, test);
    const bool wild = test.any_prefix || test.any_suffix;
    const bool part = test.comparison == Comparison::kHas;
    if (kind == Kind::kVersion && !wild && !part) {
      return fmt::format("version_key({}) {} {}", column, Sign(test.comparison),
                         Bound(inventory::VersionKey(text)));
    }
    const bool equal = test.comparison == Comparison::kEqual;
    if (!wild && !part && (equal || test.comparison == Comparison::kNotEqual))
      return fmt::format("{}folds_to({}, {})", equal ? "" : "NOT ", column, Bound(folded));
    if (!wild && !part)
      return fmt::format("fold({}) {} {}", column, Sign(test.comparison), Bound(folded));
    const bool before = part || test.any_prefix;
    const bool after = part || test.any_suffix;
    const std::string pattern = (before ? "%" : "") + Escaped(folded) + (after ? "%" : "");
    return fmt::format("fold({}) {} {} ESCAPE '\\'", column,
                       test.comparison == Comparison::kNotEqual ? "NOT LIKE" : "LIKE",
                       Bound(pattern));
  }

  // Lists lie as "\na\nb\n": a whole element has a line break on both sides, a wildcard stands for
  // the rest of a line. No element holds a line break.
  std::string Element(const std::string& column, const std::string& folded, const Test& test) {
    if (folded.find('\n') != std::string::npos) return "0";
    if (test.any_prefix || test.any_suffix) {
      const std::string pattern = std::string(test.any_prefix ? "%" : "%\n") + Escaped(folded) +
                                  (test.any_suffix ? "%" : "\n%");
      return fmt::format("fold({}) LIKE {} ESCAPE '\\'", column, Bound(pattern));
    }
    return fmt::format("instr(fold({}), {}) > 0", column, Bound("\n" + folded + "\n"));
  }

  const ColumnMap& columns_;
  int next_;
  std::vector<Bind> binds_;
};

// A cursor: the kind and value of every key of the last row. "n", "i12;", "d0.5;", "t3:abc".
void AppendKey(const Bind& key, std::string& cursor) {
  if (const auto* integer = std::get_if<std::int64_t>(&key)) {
    cursor += fmt::format("i{};", *integer);
  } else if (const auto* text = std::get_if<std::string>(&key)) {
    cursor += fmt::format("t{}:{}", text->size(), *text);
  } else {
    cursor += "n";
  }
}

std::optional<std::vector<Bind>> ReadKeys(std::string_view cursor) {
  std::vector<Bind> keys;
  while (!cursor.empty()) {
    const char kind = cursor.front();
    cursor.remove_prefix(1);
    if (kind == 'n') {
      keys.emplace_back(nullptr);
      continue;
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
    const auto used = static_cast<std::size_t>(end - cursor.data());
    if (error != std::errc() || used >= cursor.size()) return std::nullopt;
    const char mark = cursor[used];
    cursor.remove_prefix(used + 1);
    if (kind == 'i' && mark == ';') {
      keys.emplace_back(number);
    } else if (kind == 't' && mark == ':' && number >= 0 &&
               static_cast<std::size_t>(number) <= cursor.size()) {
      keys.emplace_back(std::string(cursor.substr(0, static_cast<std::size_t>(number))));
      cursor.remove_prefix(static_cast<std::size_t>(number));
    } else {
      return std::nullopt;
    }
  }
  return keys;
}

struct Key {
  std::string expression;
  bool descending;
  bool nullable;

  std::string Order() const {
    const std::string order = expression + (descending ? " DESC" : "");
    return nullable ? fmt::format("({} IS NULL), {}", expression, order) : order;
  }
};

std::vector<Key> KeysOf(const ListPlan& plan) {
  std::vector<Key> keys;
  for (const OrderTerm& term : plan.order) {
    const Column& column = plan.map->at(term.field);
    if (!column.key.empty()) {
      keys.push_back({column.key, term.descending, false});
      continue;
    }
    const Kind kind = inventory::Get(term.field).kind;
    const std::string expression = kind == Kind::kText ? fmt::format("fold({})", column.sql)
                                   : kind == Kind::kVersion
                                       ? fmt::format("version_key({})", column.sql)
                                       : column.sql;
    keys.push_back({expression, term.descending, true});
  }
  keys.push_back({plan.id, false, false});
  return keys;
}

// "Comes after the row with these keys", absent values last: (k1 > v1) OR (k1 = v1 AND (k2 > v2 OR
// …)).
std::string After(const std::vector<Key>& keys, const std::vector<Bind>& values, std::size_t i,
                  int& next, std::vector<Bind>& binds) {
  const Key& key = keys[i];
  std::string begin;
  std::string greater;
  std::string equal;
  if (std::holds_alternative<std::nullptr_t>(values[i])) {
    greater = "0";
    equal = fmt::format("{} IS NULL", key.expression);
  } else {
    binds.push_back(values[i]);
    const int parameter = next++;
    const std::string_view sign = key.descending ? "<" : ">";
    greater = fmt::format("{} {} ?{}", key.expression, sign, parameter);
    if (key.nullable) greater = fmt::format("({} IS NULL OR {})", key.expression, greater);
    equal = fmt::format("{} = ?{}", key.expression, parameter);
    // Said twice, so that an index on the first key begins there.
    if (!key.nullable && i == 0)
      begin = fmt::format("{} {}= ?{} AND ", key.expression, sign, parameter);
  }
  if (i + 1 == keys.size()) return greater;
  return fmt::format("({}({} OR ({} AND {})))", begin, greater, equal,
                     After(keys, values, i + 1, next, binds));
}

}  // namespace

absl::StatusOr<Where> Compile(const Expression& expression, const ColumnMap& columns, int first) {
  Compiler compiler(columns, first);
  Where where;
  PARC_ASSIGN(where.sql, compiler.Run(expression));
  where.binds = compiler.TakeBinds();
  return where;
}

std::string OnlyJoinsOf(std::string_view from, std::string_view used) {
  constexpr std::string_view kJoin = " LEFT JOIN ";
  std::vector<std::string_view> joins;
  for (std::size_t at = from.rfind(kJoin); at != std::string_view::npos; at = from.rfind(kJoin)) {
    joins.push_back(from.substr(at));
    from = from.substr(0, at);
  }
  // The last join first: what it is joined on may need an earlier one.
  std::string needed;
  std::string named(used);
  for (const std::string_view join : joins) {
    const std::size_t end = join.rfind(" ON ");
    const std::size_t begin = join.rfind(' ', end - 1) + 1;
    const std::string alias = std::string(join.substr(begin, end - begin)) + ".";
    if (named.find(alias) == std::string::npos) continue;
    needed.insert(0, join);
    named += join.substr(end);
  }
  return std::string(from) + needed;
}

namespace {

// How many rows a filter lets through, and which, when they are few.
struct Matches {
  std::int64_t total = 0;
  std::optional<std::vector<std::int64_t>> few;
};

// A page of few rows is read by their ids. By the order, SQLite would walk the whole table once
// more, with a look-up for each row.
absl::StatusOr<Matches> FindMatches(Connection& db, const ListPlan& plan) {
  constexpr std::size_t kFew = 500;
  if (plan.matches.has_value()) {
    Matches matches{plan.matches->Count(), std::nullopt};
    if (matches.total > static_cast<std::int64_t>(kFew)) return matches;
    matches.few.emplace();
    plan.matches->Each([&](std::int64_t row) { matches.few->push_back(row); });
    return matches;
  }
  const std::string from = OnlyJoinsOf(plan.from, plan.where.sql);
  Matches matches;
  if (plan.id.find('-') == std::string::npos) {  // a column, not an order of its own
    std::vector<std::int64_t> ids;
    Statement find(db, fmt::format("SELECT {} FROM {} WHERE {} LIMIT {}", plan.id, from,
                                   plan.where.sql, kFew + 1));
    PARC_TRY(find.QueryWith(
        [&](const Row& row) {
          ids.push_back(row.Int(0));
          return absl::OkStatus();
        },
        plan.where.binds));
    matches.total = static_cast<std::int64_t>(ids.size());
    if (ids.size() <= kFew) {
      matches.few = std::move(ids);
      return matches;
    }
  }
  Statement count(db, fmt::format("SELECT COUNT(*) FROM {} WHERE {}", from, plan.where.sql));
  PARC_TRY(count.QueryWith(
      [&](const Row& row) {
        matches.total = row.Int(0);
        return absl::OkStatus();
      },
      plan.where.binds));
  return matches;
}

}  // namespace

absl::StatusOr<ListResult> RunList(Connection& db, const ListPlan& plan,
                                   absl::FunctionRef<absl::Status(const Row&)> each) {
  ListResult result;
  PARC_ASSIGN(const Matches matches, FindMatches(db, plan));
  result.total = matches.total;

  for (const OrderTerm& term : plan.order) {
    if (!plan.map->contains(term.field)) {
      return Refuse(
          absl::StatusCode::kInvalidArgument, "BAD_ORDER",
          fmt::format("order_by: {} cannot be ordered by here", inventory::Get(term.field).name),
          "order_by");
    }
  }
  const std::vector<Key> keys = KeysOf(plan);
  std::vector<Bind> binds;
  // Where many rows match, the first ones are met soon by the order: the plus keeps SQLite from an
  // index of the filter, by which it would read and sort them all.
  std::string picked = "+(" + plan.where.sql + ")";
  if (matches.few.has_value()) {
    picked = fmt::format("{} IN ({})", plan.id, fmt::join(*matches.few, ", "));
  } else if (plan.matches.has_value()) {
    picked = fmt::format("has_bit(?1, {})", plan.id);
    binds = {plan.matches->bits()};
  } else {
    binds = plan.where.binds;
  }
  int next = static_cast<int>(binds.size()) + 1;
  std::string after = "1";
  if (!plan.cursor.empty()) {
    const std::optional<std::vector<Bind>> values = ReadKeys(plan.cursor);
    if (!values.has_value() || values->size() != keys.size()) {
      return Refuse(absl::StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN",
                    "the page token belongs to another list; begin again without one",
                    "page_token");
    }
    after = After(keys, *values, 0, next, binds);
  }
  std::vector<std::string> order;
  std::vector<std::string> key_columns;
  for (const Key& key : keys) {
    order.push_back(key.Order());
    key_columns.push_back(key.expression);
  }
  // The keys stand behind the caller's columns; one row more than asked tells whether there is a
  // next page.
  const std::string sql = fmt::format("SELECT {}, {} FROM {} WHERE {} AND {} ORDER BY {} LIMIT {}",
                                      plan.columns, fmt::join(key_columns, ", "), plan.from, picked,
                                      after, fmt::join(order, ", "), plan.page_size + 1);
  Statement list(db, sql);
  int rows = 0;
  std::string last;
  PARC_TRY(list.QueryWith(
      [&](const Row& row) -> absl::Status {
        if (++rows > plan.page_size) {
          result.next_cursor = last;
          return absl::OkStatus();
        }
        last.clear();
        const int first_key = row.Columns() - static_cast<int>(keys.size());
        for (int i = 0; i < static_cast<int>(keys.size()); ++i)
          AppendKey(row.Any(first_key + i), last);
        return each(row);
      },
      binds));
  return result;
}

}  // namespace parc::store
