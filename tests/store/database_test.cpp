#include "daemon/store/database.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "tests/support/scratch_directory.h"

namespace parc::store {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<Database> MustOpen(const fs::path& directory) {
  auto database = Database::Open(directory);
  INFO(database.status());
  REQUIRE(database.ok());
  return *std::move(database);
}

unsigned ModeOf(const fs::path& file) {
  struct stat status {};
  REQUIRE(stat(file.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

TEST_CASE("a new database is made, for its owner only, and found again") {
  const test::ScratchDirectory directory;
  const fs::path state = directory / "state";
  {
    const auto database = MustOpen(state);
    CHECK(ModeOf(database->file()) == 0600);
    CHECK(*database->writer().Integer("PRAGMA user_version") == Migrations().back().number);
    CHECK(*database->writer().Integer("PRAGMA synchronous") == 2);  // FULL
    REQUIRE(database->writer()
                .Execute("INSERT INTO sites VALUES(1, 'ORL', 'orl', '', '', NULL, 1)")
                .ok());
  }
  const auto again = MustOpen(state);
  CHECK(*again->writer().Integer("SELECT COUNT(*) FROM sites") == 1);
}

TEST_CASE("a second daemon is refused by the pid of the first") {
  const test::ScratchDirectory directory;
  {
    const auto first = MustOpen(directory.path());
    const auto second = Database::Open(directory.path());
    REQUIRE_FALSE(second.ok());
    CHECK(second.status().code() == absl::StatusCode::kFailedPrecondition);
    CHECK(ReasonOf(second.status()) == "DATABASE_IN_USE");
    CHECK_THAT(std::string(second.status().message()),
               Catch::Contains(fmt::format("in use by pid {};", getpid())));
    // The first goes on undisturbed.
    CHECK(first->writer().Execute("INSERT INTO sites VALUES(1, 'A', 'a', '', '', NULL, 1)").ok());
  }
  CHECK(Database::Open(directory.path()).ok());
}

TEST_CASE("a database from a later Parc is left untouched and named in the error") {
  const test::ScratchDirectory directory;
  const int later = Migrations().back().number + 1;
  {
    const auto database = MustOpen(directory.path());
    REQUIRE(database->writer().Execute(fmt::format("PRAGMA user_version = {}", later)).ok());
  }
  const std::string before = test::ReadFile(directory / "parc.db");
  const auto opened = Database::Open(directory.path());
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(ReasonOf(opened.status()) == "DATABASE_TOO_NEW");
  CHECK_THAT(std::string(opened.status().message()),
             Catch::Contains("parc.db was written by a later Parc") &&
                 Catch::Contains(fmt::format("(schema {}, this one knows {})", later, later - 1)));
  CHECK(test::ReadFile(directory / "parc.db") == before);
}

TEST_CASE("a file of another program is refused and left untouched") {
  const test::ScratchDirectory directory;
  const std::string kind = GENERATE("text", "short", "application", "tables");
  const fs::path file = directory / "parc.db";
  if (kind == "text") test::WriteFile(file, std::string(5000, 'x'));
  if (kind == "short") test::WriteFile(file, "hello");
  if (kind == "application" || kind == "tables") {
    auto other = Connection::Open(file, Connection::Mode::kWriter);
    REQUIRE(other.ok());
    REQUIRE((*other)->Execute("PRAGMA journal_mode = DELETE").ok());
    if (kind == "application") REQUIRE((*other)->Execute("PRAGMA application_id = 42").ok());
    REQUIRE((*other)->Execute("CREATE TABLE songs(id INTEGER PRIMARY KEY)").ok());
  }
  INFO(kind);
  const std::string before = test::ReadFile(file);
  const auto opened = Database::Open(directory.path());
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(ReasonOf(opened.status()) == "NOT_A_DATABASE");
  CHECK_THAT(std::string(opened.status().message()), Catch::Contains("is no Parc database"));
  CHECK(test::ReadFile(file) == before);
}

TEST_CASE("a daemon that was killed at its first start starts again") {
  const test::ScratchDirectory directory;
  const fs::path state = directory / "state";
  SECTION("before the first migration") {
    fs::create_directories(state);
    REQUIRE(Connection::Open(state / "parc.db", Connection::Mode::kWriter).ok());
    REQUIRE(fs::file_size(state / "parc.db") > 0);
  }
  SECTION("right after it, and before the write-ahead log was copied back") {
    const auto running = MustOpen(directory / "running");
    REQUIRE(
        running->writer().Execute("INSERT INTO sites VALUES(1, 'A', 'a', '', '', NULL, 1)").ok());
    fs::create_directories(state);
    for (const std::string name : {"parc.db", "parc.db-wal"})
      fs::copy_file(directory / "running" / name, state / name);
  }
  SECTION("with the stamp of the application in the log alone") {
    fs::create_directories(directory / "running");
    auto running = Connection::Open(directory / "running" / "parc.db", Connection::Mode::kWriter);
    REQUIRE(running.ok());
    REQUIRE((*running)
                ->Execute("BEGIN; CREATE TABLE early(id); PRAGMA application_id = 1346458179;"
                          "COMMIT")
                .ok());
    fs::create_directories(state);
    for (const std::string name : {"parc.db", "parc.db-wal"})
      fs::copy_file(directory / "running" / name, state / name);
  }
  const auto opened = MustOpen(state);
  CHECK(*opened->writer().Integer("PRAGMA user_version") == Migrations().back().number);
}

TEST_CASE("a migration that fails leaves the database as it was") {
  const test::ScratchDirectory directory;
  const std::vector<Migration> first = {{1, "0001", "CREATE TABLE a(id INTEGER) STRICT"}};
  std::vector<Migration> second = first;
  second.push_back({2, "0002", "CREATE TABLE b(id INTEGER) STRICT; INSERT INTO nothing VALUES(1)"});
  REQUIRE(Database::Open(directory.path(), first).ok());
  const auto failed = Database::Open(directory.path(), second);
  REQUIRE_FALSE(failed.ok());
  CHECK_THAT(std::string(failed.status().message()), Catch::StartsWith("migrating the database: "));
  {
    const auto still_first = Database::Open(directory.path(), first);
    REQUIRE(still_first.ok());
    CHECK(*(*still_first)->writer().Integer("SELECT COUNT(*) FROM sqlite_schema") == 1);
  }
  second.back().sql = "CREATE TABLE b(id INTEGER) STRICT";
  const auto mended = Database::Open(directory.path(), second);
  REQUIRE(mended.ok());
  CHECK(*(*mended)->writer().Integer("PRAGMA user_version") == 2);
}

// Fills a database, closes it, and overwrites part of every page of the table's tree.
void Damage(const fs::path& file) {
  std::string bytes = test::ReadFile(file);
  REQUIRE(bytes.size() > 40 * 4096);
  for (std::size_t page = 30; page < 40; ++page)
    bytes.replace(page * 4096, 64, std::string(64, '\x5A'));
  test::WriteFile(file, bytes);
}

TEST_CASE("damage is found at the start, and told with the remedy") {
  const test::ScratchDirectory directory;
  {
    const auto database = MustOpen(directory.path());
    REQUIRE(database->writer()
                .Execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                         "5000) INSERT INTO sites SELECT i, 'S' || i, 's' || i, "
                         "'a site with a name that takes room', '', NULL, 1 FROM n")
                .ok());
  }
  Damage(directory / "parc.db");
  const auto opened = Database::Open(directory.path());
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.status().code() == absl::StatusCode::kDataLoss);
  CHECK(ReasonOf(opened.status()) == "STORAGE_CORRUPT");
  CHECK_THAT(std::string(opened.status().message()), Catch::Contains("parcd restore FILE"));
}

TEST_CASE("the full check finds a reference to nothing, in tables of both kinds") {
  const test::ScratchDirectory directory;
  const auto database = MustOpen(directory.path());
  Connection& db = database->writer();
  CHECK(CheckIntegrity(db).ok());
  REQUIRE(db.Execute("PRAGMA foreign_keys = OFF").ok());
  SECTION("with row ids") {
    REQUIRE(db.Execute("INSERT INTO sites VALUES(7, 'A', 'a', '', '', 99, 1)").ok());
    const absl::Status checked = CheckIntegrity(db);
    CHECK(checked.code() == absl::StatusCode::kDataLoss);
    CHECK_THAT(std::string(checked.message()),
               Catch::Contains("row 7 of sites refers to nothing in sites"));
  }
  SECTION("without row ids") {
    REQUIRE(
        db.Execute("INSERT INTO forecast_days VALUES(99, '2026-03-01', 1, 2, 3, 4, 5, 6, 7)").ok());
    const absl::Status checked = CheckIntegrity(db);
    CHECK(checked.code() == absl::StatusCode::kDataLoss);
    CHECK_THAT(std::string(checked.message()),
               Catch::Contains("of forecast_days refers to nothing in forecasts"));
  }
}

}  // namespace
}  // namespace parc::store
