#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/filter/expression.h"
#include "daemon/filter/parse.h"
#include "daemon/store/row_set.h"
#include "daemon/store/sql.h"

// Lists: filters as SQL, and pages by key. Every name in the SQL comes from a ColumnMap; every
// value is bound.
namespace parc::store {

// The SQL expression that holds a field. Kinds lie as follows: text, versions and enums as TEXT,
// integers and times as INTEGER, booleans as 0 and 1, dates as ISO text, lists as JoinList() makes
// them.
struct Column {
  Column(std::string expression) : sql(std::move(expression)) {}
  Column(const char* expression) : sql(expression) {}
  // `key`: a column that holds fold() of a text field, is never NULL, and has an index.
  static Column WithKey(std::string sql, std::string key) {
    Column column(std::move(sql));
    column.key = std::move(key);
    return column;
  }
  // `alias`: a second text by which the same thing is known, as a site is by name and by code.
  static Column WithAlias(std::string sql, std::string alias) {
    Column column(std::move(sql));
    column.alias = std::move(alias);
    return column;
  }

  std::string sql;
  std::string key;
  std::string alias;
};

using ColumnMap = std::map<inventory::FieldId, Column>;

struct Where {
  std::string sql;  // "1" when everything matches
  std::vector<Bind> binds;
};

// `first` is the number of the first parameter. INVALID_ARGUMENT BAD_FILTER for a field that the
// list does not offer.
absl::StatusOr<Where> Compile(const filter::Expression& expression, const ColumnMap& columns,
                              int first = 1);

// One list: what to select, from what, in which order, where to go on.
struct ListPlan {
  std::string columns;  // of each row, in the caller's order
  // A table or a subquery, and LEFT JOINs that find at most one row each: "t a LEFT JOIN u b ON …".
  std::string from;
  std::string id;  // expression that is unique for each row; the last key of the order
  Where where;
  std::optional<RowSet> matches;  // the rows that `where` lets through, when they are known
  std::vector<filter::OrderTerm> order;
  const ColumnMap* map = nullptr;
  std::string cursor;  // of the last row of the page before; empty: from the beginning
  int page_size = 100;
};

// `from` (as ListPlan has it) without the joins whose alias `used` does not name: they neither add
// nor take away a row, and SQLite would look each of them up for nothing.
std::string OnlyJoinsOf(std::string_view from, std::string_view used);

struct ListResult {
  std::string next_cursor;  // empty: no more rows
  std::int64_t total = 0;
};

// Runs `plan`; `each` gets the rows of one page. INVALID_ARGUMENT BAD_PAGE_TOKEN for a cursor of
// another order.
absl::StatusOr<ListResult> RunList(Connection& db, const ListPlan& plan,
                                   absl::FunctionRef<absl::Status(const Row&)> each);

}  // namespace parc::store
