#include <catch2/catch.hpp>
#include <string>

#include "daemon/store/database.h"
#include "tests/store/schema_dump.h"
#include "tests/support/scratch_store.h"

namespace parc::store {
namespace {

constexpr char kSchemaFile[] = "daemon/store/schema/schema.sql";

TEST_CASE("the migrations and schema.sql build the same database") {
  test::ScratchStore migrated;
  const auto by_migrations = test::DumpSchema(migrated.reader());
  REQUIRE(by_migrations.ok());
  const std::string committed = test::ReadFile(kSchemaFile);

  const test::ScratchDirectory directory;
  auto direct = Connection::Open(directory / "direct.db", Connection::Mode::kWriter);
  REQUIRE(direct.ok());
  const absl::Status built = (*direct)->Execute(committed);
  INFO(built);
  REQUIRE(built.ok());
  const auto by_schema = test::DumpSchema(**direct);
  REQUIRE(by_schema.ok());
  INFO("after a new migration: cmake --build --preset dev --target schema");
  CHECK(*by_schema == *by_migrations);
  CHECK(committed == *by_migrations);
}

TEST_CASE("migrations are numbered without gaps") {
  int number = 0;
  for (const Migration& migration : Migrations()) {
    CHECK(migration.number == ++number);
    CHECK_FALSE(migration.sql.empty());
  }
}

TEST_CASE("every table is strict, and every reference is declared") {
  test::ScratchStore store;
  CHECK(store.Text("SELECT group_concat(name) FROM pragma_table_list WHERE schema = 'main' AND "
                   "type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'") == "");
  CHECK(store.Integer("SELECT count(*) FROM pragma_foreign_key_list('facts')") == 1);
  CHECK(store.Integer("PRAGMA foreign_keys") == 1);
}

// A foreign key without an index on its side makes every delete of the parent a scan, and lists of
// "what belongs to this" too. These are looked up by parent.
TEST_CASE("histories are found by their record without a scan") {
  test::ScratchStore store;
  const std::string query =
      GENERATE("SELECT * FROM laptop_versions WHERE id = 1 AND known_to = 2",
               "SELECT * FROM laptop_versions WHERE holder = 1",
               "SELECT * FROM person_versions WHERE id = 1 AND known_to = 2",
               "SELECT * FROM laptop_events WHERE laptop = 1 ORDER BY id",
               "SELECT * FROM laptop_events WHERE person = 1 ORDER BY id",
               "SELECT * FROM laptops WHERE holder = 1", "SELECT * FROM promises WHERE line = 1",
               "SELECT * FROM receipts WHERE line = 1", "SELECT * FROM laptops WHERE receipt = 1",
               "SELECT * FROM replies WHERE committed <= 1");
  std::string plan;
  Statement explain(store.reader(), "EXPLAIN QUERY PLAN " + query);
  REQUIRE(explain
              .Query([&](const Row& row) {
                plan += row.Text(3) + "\n";
                return absl::OkStatus();
              })
              .ok());
  INFO(query << "\n" << plan);
  CHECK_THAT(plan, Catch::Contains("USING INDEX"));
  CHECK_THAT(plan, !Catch::Contains("SCAN"));
}

}  // namespace
}  // namespace parc::store
