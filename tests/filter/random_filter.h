#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/filter/expression.h"
#include "daemon/store/sql.h"
#include "daemon/store/where.h"
#include "tests/support/dice.h"

// Filters and records thrown by dice, for comparing the two ways a filter is executed.
namespace parc::test {

using Record = std::map<inventory::FieldId, inventory::Value>;

// One field of each kind, and where the table of MakeTable() holds it.
const store::ColumnMap& SampleColumns();

Record RandomRecord(Dice& dice);
filter::Expression RandomExpression(Dice& dice, int depth);
// `expression` in the filter language, with few parentheses and in varying forms.
std::string Render(const filter::Expression& expression, Dice& dice);

// CREATE TABLE records(id, …) with the columns of SampleColumns(), and one row of it.
std::string TableOfRecords();
absl::Status InsertRecord(store::Connection& db, std::int64_t id, const Record& record);

}  // namespace parc::test
