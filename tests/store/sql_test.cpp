#include "daemon/store/sql.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "tests/support/scratch_directory.h"

namespace parc::store {
namespace {

struct OpenFile {
  OpenFile() {
    auto opened = Connection::Open(directory / "test.db", Connection::Mode::kWriter);
    REQUIRE(opened.ok());
    db = *std::move(opened);
    REQUIRE(db->Execute("CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT UNIQUE, number "
                        "INTEGER CHECK (number > 0), bytes BLOB) STRICT")
                .ok());
  }
  std::int64_t Count() { return *db->Integer("SELECT COUNT(*) FROM notes"); }

  test::ScratchDirectory directory;
  std::unique_ptr<Connection> db;
};

absl::Status AnyError() { return absl::CancelledError("on purpose"); }

TEST_CASE("arguments are bound by their type, and come back as they were") {
  OpenFile file;
  Statement insert(*file.db,
                   "INSERT INTO notes(id, text, number, bytes) VALUES(?1, ?2, ?3, "
                   "CAST(?4 AS BLOB))");
  const std::string bytes("\0\xFF'\n", 4);
  REQUIRE(insert.Run(1, "it's", std::optional<std::int64_t>(7), bytes).ok());
  REQUIRE(insert.Run(2, std::optional<std::string>(), std::nullopt, std::string()).ok());
  REQUIRE(insert.Run(3, std::string_view("Orléans"), INT64_MAX, "x").ok());

  std::vector<std::string> seen;
  Statement select(*file.db, "SELECT text, number, bytes FROM notes WHERE id >= ?1 ORDER BY id");
  REQUIRE(select
              .Query(
                  [&](const Row& row) {
                    seen.push_back(fmt::format("{}|{}|{}", row.OptText(0).value_or("NULL"),
                                               row.OptInt(1).value_or(-1), row.Blob(2).size()));
                    if (seen.size() == 1) CHECK(row.Blob(2) == bytes);
                    return absl::OkStatus();
                  },
                  1)
              .ok());
  CHECK(seen ==
        std::vector<std::string>{"it's|7|4", "NULL|-1|0", fmt::format("Orléans|{}|1", INT64_MAX)});
}

TEST_CASE("a statement is ready for its next use, whatever happened in the last") {
  OpenFile file;
  Statement insert(*file.db, "INSERT INTO notes(id, number) VALUES(?1, ?2)");
  REQUIRE(insert.Run(1, 5).ok());
  REQUIRE_FALSE(insert.Run(1, 5).ok());
  // An argument of the earlier use does not linger.
  REQUIRE(insert.Run(2).ok());
  CHECK(*file.db->Integer("SELECT number IS NULL FROM notes WHERE id = 2") == 1);

  Statement select(*file.db, "SELECT id FROM notes ORDER BY id");
  int rows = 0;
  const auto stop_at_once = [&](const Row&) {
    ++rows;
    return AnyError();
  };
  CHECK(select.Query(stop_at_once) == AnyError());
  CHECK(rows == 1);
  CHECK(select.Query(stop_at_once) == AnyError());
  CHECK(rows == 2);
}

TEST_CASE("our own mistakes and unforeseen constraints are INTERNAL") {
  OpenFile file;
  REQUIRE(file.db->Execute("INSERT INTO notes(text, number) VALUES('a', 1)").ok());
  for (const std::string sql :
       {"SELEC 1", "SELECT * FROM nothing", "INSERT INTO notes(text) VALUES('a')",
        "INSERT INTO notes(number) VALUES(-1)", "INSERT INTO notes(number) VALUES('x')"}) {
    INFO(sql);
    const absl::Status status = file.db->Execute(sql);
    CHECK(status.code() == absl::StatusCode::kInternal);
    CHECK_FALSE(IsDiskFault(status));
  }
}

TEST_CASE("references are enforced") {
  OpenFile file;
  REQUIRE(file.db->Execute("CREATE TABLE child(note INTEGER REFERENCES notes(id)) STRICT").ok());
  CHECK(file.db->Execute("INSERT INTO child VALUES(99)").code() == absl::StatusCode::kInternal);
}

TEST_CASE("a full disk is STORAGE_FULL, and what fits again afterwards is written") {
  OpenFile file;
  const std::int64_t pages = *file.db->Integer("PRAGMA page_count");
  REQUIRE(file.db->Execute(fmt::format("PRAGMA max_page_count = {}", pages + 2)).ok());
  const absl::Status full = Within(*file.db, "filling the disk", [&]() -> absl::Status {
    Statement insert(*file.db, "INSERT INTO notes(text) VALUES(?1)");
    for (int i = 0; i < 100; ++i) {
      if (absl::Status status = insert.Run(std::string(4000, 'a') + std::to_string(i));
          !status.ok())
        return status;
    }
    return absl::OkStatus();
  });
  CHECK(full.code() == absl::StatusCode::kResourceExhausted);
  CHECK(ReasonOf(full) == "STORAGE_FULL");
  CHECK_FALSE(IsDiskFault(full));
  CHECK_THAT(std::string(full.message()), Catch::StartsWith("filling the disk: the disk is full"));
  CHECK_FALSE(file.db->in_transaction());
  CHECK(file.Count() == 0);

  REQUIRE(file.db->Execute("PRAGMA max_page_count = 1000000").ok());
  CHECK(file.db->Execute("INSERT INTO notes(text) VALUES('a')").ok());
  CHECK(file.Count() == 1);
}

TEST_CASE("a file that cannot be opened, or written, is STORAGE_FAILED") {
  const test::ScratchDirectory directory;
  const auto missing = Connection::Open(directory / "none" / "test.db", Connection::Mode::kWriter);
  REQUIRE_FALSE(missing.ok());
  CHECK(ReasonOf(missing.status()) == "STORAGE_FAILED");
  CHECK(IsDiskFault(missing.status()));
  const auto no_file = Connection::Open(directory / "none.db", Connection::Mode::kReader);
  REQUIRE_FALSE(no_file.ok());
  CHECK(no_file.status().code() == absl::StatusCode::kUnavailable);

  OpenFile file;
  auto reader = Connection::Open(file.directory / "test.db", Connection::Mode::kReader);
  REQUIRE(reader.ok());
  CHECK_FALSE((*reader)->Execute("INSERT INTO notes(text) VALUES('a')").ok());
  CHECK(file.Count() == 0);
}

TEST_CASE("bytes that are no database are STORAGE_CORRUPT") {
  const test::ScratchDirectory directory;
  test::WriteFile(directory / "test.db", std::string(8192, 'x'));
  const auto opened = Connection::Open(directory / "test.db", Connection::Mode::kWriter);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.status().code() == absl::StatusCode::kDataLoss);
  CHECK(ReasonOf(opened.status()) == "STORAGE_CORRUPT");
  CHECK(IsDiskFault(opened.status()));
}

TEST_CASE("a transaction is whole or absent, and says its purpose when it fails") {
  OpenFile file;
  CHECK(Within(*file.db, "adding", [&] {
          return file.db->Execute("INSERT INTO notes(text) VALUES('a')");
        }).ok());
  CHECK(file.Count() == 1);
  const absl::Status failed = Within(*file.db, "adding two", [&]() -> absl::Status {
    CHECK(file.db->Execute("INSERT INTO notes(text) VALUES('b')").ok());
    return Refuse(absl::StatusCode::kNotFound, "NO_SUCH", "nothing there", "field");
  });
  CHECK(failed.message() == "adding two: nothing there");
  CHECK(ReasonOf(failed) == "NO_SUCH");
  CHECK(FieldOf(failed) == "field");
  CHECK(file.Count() == 1);
  CHECK_FALSE(file.db->in_transaction());
}

TEST_CASE("a savepoint undoes itself and nothing else, also inside another") {
  OpenFile file;
  const auto add = [&](const char* text) {
    return file.db->Execute(fmt::format("INSERT INTO notes(text) VALUES('{}')", text));
  };
  CHECK(Within(*file.db, "testing", [&]() -> absl::Status {
          CHECK(add("before").ok());
          CHECK(Savepoint(*file.db, [&] {
                  CHECK(add("lost").ok());
                  return AnyError();
                }) == AnyError());
          CHECK(Savepoint(*file.db, [&]() -> absl::Status {
                  CHECK(add("outer").ok());
                  CHECK(Savepoint(*file.db, [&] {
                          CHECK(add("inner").ok());
                          return AnyError();
                        }) == AnyError());
                  return absl::OkStatus();
                }).ok());
          return add("after");
        }).ok());
  std::string texts;
  Statement select(*file.db, "SELECT group_concat(text) FROM (SELECT text FROM notes ORDER BY id)");
  CHECK(select
            .Query([&](const Row& row) {
              texts = row.Text(0);
              return absl::OkStatus();
            })
            .ok());
  CHECK(texts == "before,outer,after");
}

TEST_CASE("SQL folds names and orders versions as the rest of Parc does") {
  OpenFile file;
  CHECK(*file.db->Integer("SELECT fold('Orléans') = 'orleans'") == 1);
  CHECK(*file.db->Integer("SELECT fold(NULL) IS NULL") == 1);
  CHECK(*file.db->Integer("SELECT fold('') = ''") == 1);
  CHECK(*file.db->Integer("SELECT version_key('9.10') < version_key('24.04')") == 1);
}

}  // namespace
}  // namespace parc::store
