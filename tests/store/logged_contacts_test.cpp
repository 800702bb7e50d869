#include "daemon/store/logged_contacts.h"

#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <string>

#include "daemon/store/contact_log.h"
#include "daemon/store/sql.h"
#include "fmt/format.h"
#include "tests/support/scratch_directory.h"

namespace parc::store {
namespace {

constexpr int kLaptops = 5;

struct Log {
  Log() {
    writer = Open(Connection::Mode::kWriter);
    // As the schema has them, without what they refer to.
    Do("CREATE TABLE contact_log(id INTEGER PRIMARY KEY, laptop INTEGER NOT NULL, device INTEGER "
       "NOT NULL, seen INTEGER NOT NULL, report_seq INTEGER NOT NULL) STRICT");
    Do("CREATE TABLE contacts(laptop INTEGER PRIMARY KEY, device INTEGER NOT NULL, last_seen "
       "INTEGER NOT NULL, report_time INTEGER, report_seq INTEGER NOT NULL) STRICT");
    for (int laptop = 1; laptop <= kLaptops; ++laptop)
      Do(fmt::format("INSERT INTO contacts VALUES({0}, {0}, 1, 1, 10)", laptop));
    reader = Open(Connection::Mode::kReader);
  }

  std::unique_ptr<Connection> Open(Connection::Mode mode) {
    auto opened = Connection::Open(directory / "test.db", mode);
    REQUIRE(opened.ok());
    return *std::move(opened);
  }
  void Do(const std::string& sql) { REQUIRE(writer->Execute(sql).ok()); }
  void Append(int laptop, int device, int seen, int sequence) {
    Do(
        fmt::format("INSERT INTO contact_log(laptop, device, seen, report_seq) VALUES({}, {}, {}, "
                    "{})",
                    laptop, device, seen, sequence));
  }

  static std::string Rows(Connection& db, const std::string& sql) {
    std::string rows;
    Statement select(db, sql);
    REQUIRE(select
                .Query([&](const Row& row) {
                  rows += fmt::format("{}:{}@{} ", row.Int(0), row.Int(1), row.Int(2));
                  return absl::OkStatus();
                })
                .ok());
    return rows;
  }
  static std::string Told(Connection& db) {
    return Rows(db, fmt::format("SELECT c.laptop, {}, {} FROM contacts c ORDER BY c.laptop",
                                kReportSequence, kLastSeen));
  }
  // The same, said by a join.
  static std::string Joined(Connection& db) {
    return Rows(db,
                "SELECT c.laptop, coalesce(k.report_seq, c.report_seq), "
                "coalesce(k.seen, c.last_seen) FROM contacts c LEFT JOIN contact_log k ON "
                "k.id = (SELECT max(id) FROM contact_log n WHERE n.laptop = c.laptop) AND "
                "k.device = c.device AND k.report_seq > c.report_seq ORDER BY c.laptop");
  }

  test::ScratchDirectory directory;
  std::unique_ptr<Connection> writer;
  std::unique_ptr<Connection> reader;
};

}  // namespace

TEST_CASE("a contact in the log counts when it is of the same device and newer") {
  Log log;
  CHECK(Log::Told(*log.reader) == "1:10@1 2:10@1 3:10@1 4:10@1 5:10@1 ");
  log.Append(1, 1, 7, 11);
  log.Append(2, 9, 7, 11);
  log.Append(3, 3, 7, 9);
  CHECK(Log::Told(*log.reader) == "1:11@7 2:10@1 3:10@1 4:10@1 5:10@1 ");
  CHECK(Log::Rows(*log.reader,
                  fmt::format("SELECT 1, {} IS NULL, 0 FROM (SELECT 1) LEFT JOIN contacts c ON "
                              "c.laptop = 99",
                              kLastSeen)) == "1:1@0 ");
}

TEST_CASE("one statement sees one state of the log, the next one the next") {
  Log log;
  REQUIRE(log.reader->Execute("BEGIN").ok());
  CHECK(Log::Told(*log.reader) == Log::Joined(*log.reader));
  log.Append(1, 1, 7, 11);
  CHECK(Log::Told(*log.reader) == "1:10@1 2:10@1 3:10@1 4:10@1 5:10@1 ");
  REQUIRE(log.reader->Execute("COMMIT").ok());
  CHECK(Log::Told(*log.reader) == "1:11@7 2:10@1 3:10@1 4:10@1 5:10@1 ");
}

TEST_CASE("whatever becomes of the log, every connection tells what a join tells") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 dice(seed);
    const auto below = [&](int limit) {
      return std::uniform_int_distribution<int>(0, limit - 1)(dice);
    };
    Log log;
    for (int step = 0; step < 60; ++step) {
      const int what = below(12);
      if (what == 0) log.Do("DELETE FROM contact_log");
      if (what == 1)
        log.Do(fmt::format("DELETE FROM contact_log WHERE laptop = {}", below(kLaptops) + 1));
      if (what == 2) {
        log.Do(
            fmt::format("DELETE FROM contact_log WHERE id <= (SELECT min(id) + {} FROM "
                        "contact_log)",
                        below(8)));
      }
      if (what == 3) log.Do("BEGIN");
      for (int i = below(6); i > 0; --i)
        log.Append(below(kLaptops) + 1, below(kLaptops) + 1, 100 * step + i, 8 + below(30));
      // What is undone was seen by the connection that wrote it, and by no other.
      if (what == 3) {
        REQUIRE(Log::Told(*log.writer) == Log::Joined(*log.writer));
        REQUIRE(Log::Told(*log.reader) == Log::Joined(*log.reader));
        log.Do("ROLLBACK");
      }
      if (below(3) > 0) continue;
      REQUIRE(Log::Told(*log.reader) == Log::Joined(*log.reader));
      REQUIRE(Log::Told(*log.writer) == Log::Joined(*log.writer));
    }
  }
}

}  // namespace parc::store
