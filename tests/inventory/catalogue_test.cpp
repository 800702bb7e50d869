#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "daemon/inventory/fields.h"
#include "daemon/inventory/lifecycle.h"
#include "daemon/store/sql.h"
#include "tests/support/scratch_store.h"

namespace parc::inventory {
namespace {

std::string ColumnOf(const Field& fact) {
  std::string column(fact.name);
  std::replace(column.begin(), column.end(), '.', '_');
  return column;
}

std::string StorageOf(Kind kind) {
  const bool integer = kind == Kind::kInt || kind == Kind::kBool || kind == Kind::kTime;
  return integer ? "INTEGER" : "TEXT";
}

TEST_CASE("fields are indexed by their id and named once for each resource") {
  std::set<std::pair<Resource, std::string_view>> seen;
  for (const Field& field : Fields()) {
    INFO(field.name);
    CHECK(&Get(field.id) == &field);
    CHECK(seen.emplace(field.resource, field.name).second);
    CHECK(Find(field.resource, field.name) == &field);
    CHECK_FALSE(field.description.empty());
    CHECK(field.description.back() != '.');
  }
}

TEST_CASE("every fact has its column in the database, and every column its fact") {
  test::ScratchStore store;
  std::map<std::string, std::string> columns;
  store::Statement table(store.reader(), "SELECT name, type FROM pragma_table_info('facts')");
  REQUIRE(table
              .Query([&](const store::Row& row) {
                columns.emplace(row.Text(0), row.Text(1));
                return absl::OkStatus();
              })
              .ok());
  REQUIRE(columns.erase("laptop") == 1);
  // Which sections the row speaks of, and which report they came by: no facts.
  for (const char* column : {"sections", "boot_id", "facts_digest", "agent_version"})
    REQUIRE(columns.erase(column) == 1);

  for (const Field* fact : Facts()) {
    INFO("the fact " << fact->name);
    CHECK(columns[ColumnOf(*fact)] == StorageOf(fact->kind));
    columns.erase(ColumnOf(*fact));
  }
  for (const auto& [column, type] : columns) FAIL_CHECK("no fact has the column " << column);
}

TEST_CASE("facts are fields of laptops and belong to a section") {
  for (const Field* fact : Facts()) {
    CHECK(fact->resource == Resource::kLaptops);
    CHECK(fact->section != Section::kNone);
    CHECK_FALSE(ToString(fact->section).empty());
  }
}

TEST_CASE("just the fields that are enums have a list of values") {
  for (const Field& field : Fields()) {
    INFO(field.name);
    CHECK(EnumValues(field.id).empty() == (field.kind != Kind::kEnum));
  }
}

TEST_CASE("the states that filters know are those of the lifecycle") {
  std::vector<std::string_view> states;
  for (const LaptopState state : AllLaptopStates()) states.push_back(ToString(state));
  const auto values = EnumValues(FieldId::kState);
  CHECK(states == std::vector<std::string_view>(values.begin(), values.end()));
}

TEST_CASE("bare words are looked for in text fields of the same resource") {
  for (const Resource resource : {Resource::kLaptops, Resource::kPeople, Resource::kSites,
                                  Resource::kOrders, Resource::kDevices}) {
    CHECK_FALSE(SearchedFields(resource).empty());
    for (const FieldId id : SearchedFields(resource)) {
      CHECK(Get(id).resource == resource);
      CHECK(Get(id).kind == Kind::kText);
    }
  }
}

TEST_CASE("a misspelt field has a nearest one, a strange one has none") {
  struct Row {
    std::string_view written;
    std::string_view nearest;  // empty: none
  };
  const Row row = GENERATE(Row{"sate", "state"}, Row{"os.verison", "os.version"},
                           Row{"disk_encrypted", "disk.encrypted"}, Row{"Serial", "serial"},
                           Row{"zzzzzzzz", ""}, Row{"", ""});
  INFO(row.written);
  const Field* nearest = Nearest(Resource::kLaptops, row.written);
  CHECK((nearest == nullptr ? "" : nearest->name) == row.nearest);
}

TEST_CASE("the distance of words counts letters to insert, delete, replace or swap") {
  CHECK(EditDistance("", "") == 0);
  CHECK(EditDistance("", "abc") == 3);
  CHECK(EditDistance("state", "state") == 0);
  CHECK(EditDistance("state", "sate") == 1);
  CHECK(EditDistance("state", "stste") == 1);
  CHECK(EditDistance("version", "verison") == 1);
  CHECK(EditDistance("kitten", "sitting") == 3);
  CHECK(EditDistance("sitting", "kitten") == 3);
}

TEST_CASE("values are shown as lists and evidence show them") {
  CHECK(ToText({}, Kind::kText).empty());
  CHECK(ToText(true, Kind::kBool) == "true");
  CHECK(ToText(std::int64_t{42}, Kind::kInt) == "42");
  CHECK(ToText(std::int64_t{0}, Kind::kTime) == "1970-01-01T00:00:00Z");
  CHECK(ToText(CivilDate{2020, 3, 12}, Kind::kDate) == "2020-03-12");
  CHECK(ToText(std::string("24.04"), Kind::kVersion) == "24.04");
  CHECK(ToText(std::vector<std::string>{"a", "b"}, Kind::kList) == "a, b");
}

}  // namespace
}  // namespace parc::inventory
