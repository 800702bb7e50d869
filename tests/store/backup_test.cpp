#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "daemon/inventory/civil_date.h"
#include "daemon/inventory/reason.h"
#include "daemon/store/database.h"
#include "fmt/format.h"
#include "tests/support/scratch_store.h"

namespace parc::store {
namespace {

namespace fs = std::filesystem;

std::int64_t Noon() { return *inventory::ParseIsoTime("2020-03-20T12:00:00Z"); }

std::string AddSite(int number) {
  return fmt::format("INSERT INTO sites VALUES({0}, 'S{0}', 's{0}', '', '', NULL, 1)", number);
}

std::int64_t SitesIn(const fs::path& file) {
  auto db = Connection::Open(file, Connection::Mode::kReader);
  REQUIRE(db.ok());
  return *(*db)->Integer("SELECT COUNT(*) FROM sites");
}

TEST_CASE("a backup is one complete file for its owner only") {
  test::ScratchStore store;
  REQUIRE(store.Write(AddSite(1)).ok());
  const fs::path target = store.directory() / "backup.db";
  const auto size = Backup(store.reader(), target);
  INFO(size.status());
  REQUIRE(size.ok());
  CHECK(*size == static_cast<std::int64_t>(fs::file_size(target)));
  struct stat status {};
  REQUIRE(stat(target.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  CHECK_FALSE(fs::exists(target.string() + "-wal"));
  CHECK_FALSE(fs::exists(target.string() + ".partial"));
  CHECK(SitesIn(target) == 1);
}

TEST_CASE("a backup overwrites nothing") {
  test::ScratchStore store;
  const fs::path target = store.directory() / "backup.db";
  test::WriteFile(target, "precious");
  const auto refused = Backup(store.reader(), target);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.status().code() == absl::StatusCode::kAlreadyExists);
  CHECK(ReasonOf(refused.status()) == "FILE_EXISTS");
  CHECK(test::ReadFile(target) == "precious");
}

TEST_CASE("a backup where nothing can be written says so and leaves nothing") {
  test::ScratchStore store;
  const auto refused = Backup(store.reader(), store.directory() / "none" / "backup.db");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.status().code() == absl::StatusCode::kUnavailable);
}

TEST_CASE("a backup is of one moment while writes go on") {
  test::ScratchStore store;
  // Every write keeps the two tables equally long.
  std::atomic<bool> stop{false};
  std::atomic<int> failed{0};
  std::thread writer([&] {
    for (int i = 1; !stop; ++i) {
      const absl::Status queued = store.commits().Submit(
          Priority::kChange, 64,
          [i](Connection& db) {
            return db.Execute(
                AddSite(i) +
                fmt::format(
                    "; INSERT INTO orders(id, reference, reference_key, supplier, order_date, "
                    "revision, known_from) VALUES({0}, 'O{0}', 'o{0}', 'x', '2020-01-01', 1, 1)",
                    i));
          },
          [&](const absl::Status& status) { failed += status.ok() ? 0 : 1; });
      if (!queued.ok()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const fs::path target = store.directory() / fmt::format("backup-{}.db", round);
    const auto size = Backup(store.reader(), target);
    INFO(size.status());
    CHECK(size.ok());
    auto copy = Connection::Open(target, Connection::Mode::kReader);
    REQUIRE(copy.ok());
    CHECK(CheckIntegrity(**copy).ok());
    CHECK(*(*copy)->Integer(
              "SELECT (SELECT COUNT(*) FROM sites) = (SELECT COUNT(*) FROM orders)") == 1);
  }
  stop = true;
  writer.join();
  store.commits().Stop();
  CHECK(failed == 0);
  CHECK(CheckIntegrity(store.reader()).ok());
}

struct Prepared {
  // A backup with one site, and a state directory whose database has two.
  Prepared() {
    {
      test::ScratchStore store;
      REQUIRE(store.Write(AddSite(1)).ok());
      REQUIRE(Backup(store.reader(), backup).ok());
    }
    auto database = Database::Open(state);
    REQUIRE(database.ok());
    REQUIRE((*database)->writer().Execute(AddSite(1)).ok());
    REQUIRE((*database)->writer().Execute(AddSite(2)).ok());
  }
  test::ScratchDirectory directory;
  const fs::path backup = directory / "backup.db";
  const fs::path state = directory / "state";
};

TEST_CASE("a restore brings the backup's state and keeps what was there") {
  const Prepared prepared;
  const auto kept = Restore(prepared.backup, prepared.state, Noon());
  INFO(kept.status());
  REQUIRE(kept.ok());
  CHECK(kept->filename() == "parc.db.before-restore-2020-03-20T12:00:00Z");
  CHECK(SitesIn(*kept) == 2);
  {
    const auto restored = Database::Open(prepared.state);
    REQUIRE(restored.ok());
    CHECK(*(*restored)->writer().Integer("SELECT COUNT(*) FROM sites") == 1);
    CHECK((*restored)->writer().Execute(AddSite(3)).ok());
  }
  CHECK(SitesIn(*kept) == 2);
  CHECK(SitesIn(prepared.backup) == 1);
}

TEST_CASE("what only the log of the old database held is kept with it, and not replayed") {
  const Prepared prepared;
  // As after a kill: the newest writes lie in the write-ahead log.
  const fs::path killed = prepared.directory / "killed";
  fs::create_directories(killed);
  {
    auto running = Database::Open(prepared.state);
    REQUIRE(running.ok());
    REQUIRE((*running)->writer().Execute(AddSite(3)).ok());
    for (const std::string name : {"parc.db", "parc.db-wal"})
      fs::copy_file(prepared.state / name, killed / name);
  }
  const auto kept = Restore(prepared.backup, killed, Noon());
  REQUIRE(kept.ok());
  CHECK(SitesIn(*kept) == 3);
  const auto restored = Database::Open(killed);
  REQUIRE(restored.ok());
  CHECK(*(*restored)->writer().Integer("SELECT COUNT(*) FROM sites") == 1);
}

TEST_CASE("a backup of an earlier Parc is restored, and brought up to date by the next start") {
  const test::ScratchDirectory directory;
  const fs::path backup = directory / "backup.db";
  {
    const std::vector<Migration> first(Migrations().begin(), Migrations().begin() + 1);
    const auto database = Database::Open(directory / "old", first);
    REQUIRE(database.ok());
    REQUIRE((*database)->writer().Execute(AddSite(1)).ok());
    REQUIRE(Backup((*database)->writer(), backup).ok());
  }
  const auto kept = Restore(backup, directory / "new", 1'584'702'000'000'000);
  INFO(kept.status());
  REQUIRE(kept.ok());
  const auto database = Database::Open(directory / "new");
  REQUIRE(database.ok());
  CHECK(*(*database)->writer().Integer("SELECT COUNT(*) FROM sites") == 1);
  CHECK(*(*database)->writer().Integer("PRAGMA user_version") == Migrations().back().number);
}

TEST_CASE("a restore into an empty directory keeps nothing, because there was nothing") {
  const Prepared prepared;
  const auto kept = Restore(prepared.backup, prepared.directory / "new", Noon());
  REQUIRE(kept.ok());
  CHECK(kept->empty());
  CHECK(Database::Open(prepared.directory / "new").ok());
}

TEST_CASE("a damaged database is replaced, and kept for whoever may look at it") {
  const Prepared prepared;
  std::string bytes = test::ReadFile(prepared.state / "parc.db");
  bytes.replace(4096, 4096 * 3, std::string(4096 * 3, '\x5A'));
  test::WriteFile(prepared.state / "parc.db", bytes);
  REQUIRE_FALSE(Database::Open(prepared.state).ok());
  const auto kept = Restore(prepared.backup, prepared.state, Noon());
  INFO(kept.status());
  REQUIRE(kept.ok());
  CHECK(test::ReadFile(*kept).substr(4096, 4096) == std::string(4096, '\x5A'));
  CHECK(Database::Open(prepared.state).ok());
}

TEST_CASE("a restore that cannot be right changes nothing") {
  const Prepared prepared;
  fs::path source = prepared.backup;
  std::string reason;
  std::unique_ptr<Database> running;
  SECTION("there is no such file") {
    source = prepared.directory / "none.db";
    reason = "FILE_NOT_FOUND";
  }
  SECTION("the file is no database") {
    source = prepared.directory / "notes.txt";
    test::WriteFile(source, "hello");
    reason = "NOT_A_DATABASE";
  }
  SECTION("the backup is damaged") {
    std::string bytes = test::ReadFile(source);
    bytes.replace(4096, 4096 * 3, std::string(4096 * 3, '\x5A'));
    test::WriteFile(source, bytes);
    reason = "STORAGE_CORRUPT";
  }
  SECTION("the backup is of a later Parc") {
    auto db = Connection::Open(source, Connection::Mode::kWriter);
    REQUIRE(db.ok());
    REQUIRE((*db)->Execute("PRAGMA user_version = 9999; PRAGMA journal_mode = DELETE").ok());
    reason = "DATABASE_TOO_NEW";
  }
  SECTION("a daemon is running") {
    auto opened = Database::Open(prepared.state);
    REQUIRE(opened.ok());
    running = *std::move(opened);
    reason = "DATABASE_IN_USE";
  }
  const auto refused = Restore(source, prepared.state, Noon());
  REQUIRE_FALSE(refused.ok());
  CHECK(ReasonOf(refused.status()) == reason);
  running.reset();
  CHECK(SitesIn(prepared.state / "parc.db") == 2);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(prepared.state)) {
    INFO(entry.path());
    CHECK(entry.path().string().find("restor") == std::string::npos);
    ++files;
  }
  CHECK(files >= 1);
}

}  // namespace
}  // namespace parc::store
