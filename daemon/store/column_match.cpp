#include "daemon/store/column_match.h"

#include <algorithm>
#include <cctype>

#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::store {

using filter::Expression;
using inventory::FieldId;

namespace {

constexpr std::string_view kValue = "x.v";

bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

// The names "a.b" in an SQL expression, each once.
std::vector<std::string> NamesIn(std::string_view sql) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < sql.size();) {
    std::size_t end = i;
    while (end < sql.size() && IsWord(sql[end])) ++end;
    const std::string word(sql.substr(i, end - i));
    if (word.find('.') != std::string::npos &&
        std::find(names.begin(), names.end(), word) == names.end())
      names.push_back(word);
    i = std::max(end, i + 1);
  }
  return names;
}

std::string_view AliasOf(KeptTable table) { return table == KeptTable::kFactRows ? "f." : "l."; }

class Matcher {
 public:
  using FieldOf =
      absl::FunctionRef<absl::StatusOr<std::optional<FieldInMemory>>(inventory::FieldId)>;

  Matcher(Connection& db, const RowSet& all, FieldOf field) : db_(db), all_(all), field_(field) {}

  absl::StatusOr<std::optional<RowSet>> Run(const Expression& expression) {
    if (expression.node == Expression::Node::kTest) return One(expression);
    const bool any = expression.node == Expression::Node::kOr;
    RowSet rows = any ? RowSet() : all_;
    for (const Expression& child : expression.children) {
      PARC_ASSIGN(const std::optional<RowSet> found, Run(child));
      if (!found.has_value()) return std::optional<RowSet>();
      if (expression.node == Expression::Node::kNot) {
        rows.Remove(*found);
      } else if (any) {
        rows.Add(*found);
      } else {
        rows.Intersect(*found);
      }
    }
    return std::optional(std::move(rows));
  }

 private:
  absl::StatusOr<std::optional<RowSet>> One(const Expression& test) {
    const FieldId id = test.test.front().field;
    PARC_ASSIGN(const std::optional<FieldInMemory> field, field_(id));
    if (!field.has_value()) return std::optional<RowSet>();
    PARC_ASSIGN(const Where where, Compile(test, {{id, field->field}}));
    // The value stands behind the parameters of the test.
    Statement ask(
        db_, fmt::format("SELECT {} FROM (SELECT ?{} AS v) x", where.sql, where.binds.size() + 1));
    std::vector<Bind> binds = where.binds;
    binds.emplace_back();
    std::vector<bool> passes;
    for (const Bind& value : field->column->values) {
      binds.back() = value;
      PARC_TRY(ask.QueryWith(
          [&](const Row& row) {
            passes.push_back(row.Bool(0));
            return absl::OkStatus();
          },
          binds));
    }
    RowSet rows;
    all_.Each([&](std::int64_t row) {
      if (passes[field->column->CodeOf(static_cast<std::size_t>(row))]) rows.Put(row);
    });
    return std::optional(std::move(rows));
  }

  Connection& db_;
  const RowSet& all_;
  const FieldOf field_;
};

}  // namespace

std::optional<std::pair<KeptTable, std::string>> OneColumnOf(const Column& column) {
  if (!column.key.empty() || !column.alias.empty()) return std::nullopt;
  const std::vector<std::string> names = NamesIn(column.sql);
  // A literal might hold what looks like a name.
  if (names.size() != 1 || column.sql.find('\'') != std::string::npos) return std::nullopt;
  for (const KeptTable table : {KeptTable::kFactRows, KeptTable::kLaptopRows}) {
    const std::string_view alias = AliasOf(table);
    if (names.front().starts_with(alias))
      return std::pair(table, names.front().substr(alias.size()));
  }
  return std::nullopt;
}

Column OverValue(const Column& column, KeptTable table, const std::string& name) {
  const std::string full = std::string(AliasOf(table)) + name;
  std::string sql;
  for (std::size_t i = 0; i < column.sql.size();) {
    std::size_t end = i;
    while (end < column.sql.size() && IsWord(column.sql[end])) ++end;
    end = std::max(end, i + 1);
    const std::string_view word = std::string_view(column.sql).substr(i, end - i);
    sql += word == full ? kValue : word;
    i = end;
  }
  return sql;
}

absl::StatusOr<std::optional<RowSet>> MatchInMemory(
    Connection& db, const Expression& expression, const RowSet& all,
    absl::FunctionRef<absl::StatusOr<std::optional<FieldInMemory>>(FieldId)> field) {
  return Matcher(db, all, field).Run(expression);
}

}  // namespace parc::store
