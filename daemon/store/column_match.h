#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "daemon/filter/expression.h"
#include "daemon/store/kept_columns.h"
#include "daemon/store/where.h"

namespace parc::store {

// A field whose values lie in memory.
struct FieldInMemory {
  const CodedColumn* column = nullptr;
  Column field;  // the field, as an SQL expression over the column's value x.v
};

// When `column` of the map of laptops says no more than one column of one kept table, which that
// is.
std::optional<std::pair<KeptTable, std::string>> OneColumnOf(const Column& column);
// `column`, which OneColumnOf() found to say no more than `name` of `table`, over x.v.
Column OverValue(const Column& column, KeptTable table, const std::string& name);

// The rows of `all` that `expression` matches, by the SQL that Compile makes of each test, asked
// once for each value that a column has. Nothing when `field` has nothing for one of the fields.
absl::StatusOr<std::optional<RowSet>> MatchInMemory(
    Connection& db, const filter::Expression& expression, const RowSet& all,
    absl::FunctionRef<absl::StatusOr<std::optional<FieldInMemory>>(inventory::FieldId)> field);

}  // namespace parc::store
