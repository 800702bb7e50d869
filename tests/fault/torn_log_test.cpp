#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/database.h"
#include "fmt/format.h"
#include "tests/fault/ledger.h"
#include "tests/support/dice.h"
#include "tests/support/scratch_directory.h"

// F5: a write-ahead log that was cut or damaged while the daemon was down.
namespace parc::fault {
namespace {

namespace fs = std::filesystem;
using store::Connection;
using store::Database;
using test::ReadFile;
using test::WriteFile;

constexpr int kTransactions = 30;

// What a daemon that was killed leaves: a database, and a log of transactions that were all
// acknowledged.
struct Killed {
  std::string database;
  std::string log;
  std::vector<std::size_t> ends;  // of each transaction in the log
};

absl::Status Transaction(Connection& db, int number) {
  return Within(db, "test", [&]() -> absl::Status {
    store::Statement site(db, "INSERT INTO sites VALUES(?1, ?2, ?2, ?3, '', NULL, 1)");
    // Of one to four pages.
    for (int i = 0; i <= number % 4; ++i) {
      PARC_TRY(site.Run(number * 10 + i, fmt::format("{}/{}", number, i), std::string(3000, 'n')));
    }
    return absl::OkStatus();
  });
}

Killed Kill() {
  const test::ScratchDirectory scratch;
  const auto database = Database::Open(scratch.path());
  REQUIRE(database.ok());
  Killed killed;
  for (int number = 1; number <= kTransactions; ++number) {
    REQUIRE(Transaction((*database)->writer(), number).ok());
    killed.ends.push_back(ReadFile(scratch / "parc.db-wal").size());
  }
  killed.database = ReadFile(scratch / "parc.db");
  killed.log = ReadFile(scratch / "parc.db-wal");
  return killed;
}

// How many transactions are there, from the first on, each whole; -1 when it is not so.
int Count(Connection& db) {
  int last = 0;
  store::Statement read(db, "SELECT id / 10, COUNT(*) FROM sites GROUP BY 1 ORDER BY 1");
  const absl::Status status = read.Query([&](const store::Row& row) -> absl::Status {
    const auto number = static_cast<int>(row.Int(0));
    if (number != last + 1 || row.Int(1) != number % 4 + 1) return absl::InternalError("torn");
    last = number;
    return absl::OkStatus();
  });
  return status.ok() ? last : -1;
}

struct Start {
  std::string refusal;  // empty: it started
  int transactions = 0;
};

Start StartWith(const Killed& killed, const std::string& log, const fs::path& directory) {
  fs::remove_all(directory);
  fs::create_directory(directory);
  WriteFile(directory / "parc.db", killed.database);
  WriteFile(directory / "parc.db-wal", log);
  const auto database = Database::Open(directory);
  if (!database.ok()) return {ReasonOf(database.status()), 0};
  CHECK(store::CheckIntegrity((*database)->writer()).ok());
  return {"", Count((*database)->writer())};
}

// The number of the transaction that byte `at` of the log belongs to, from 0.
int TransactionAt(const Killed& killed, std::size_t at) {
  int number = 0;
  while (at >= killed.ends[static_cast<std::size_t>(number)]) ++number;
  return number;
}

int First() { return Bound("PARC_FAULT_SEED", 1); }
int Copies() { return Bound("PARC_DAMAGED_LOGS", 300); }

TEST_CASE("a log that was cut anywhere gives every transaction that is whole") {
  const Killed killed = Kill();
  const test::ScratchDirectory scratch;
  test::Dice dice(static_cast<std::uint64_t>(First()));
  for (int i = 0; i < Copies(); ++i) {
    const auto at = static_cast<std::size_t>(dice.Below(static_cast<int>(killed.log.size())));
    INFO("cut at " << at);
    const Start start = StartWith(killed, killed.log.substr(0, at), scratch / "state");
    CHECK(start.refusal.empty());
    CHECK(start.transactions == TransactionAt(killed, at));
  }
}

TEST_CASE("a transaction that was torn at the end of the log is dropped, and no other") {
  const Killed killed = Kill();
  const test::ScratchDirectory scratch;
  test::Dice dice(static_cast<std::uint64_t>(First()));
  for (int i = 0; i < Copies(); ++i) {
    // The last transaction was not acknowledged: some of its sectors came to the disk.
    std::string log = killed.log;
    const std::size_t begin = killed.ends[kTransactions - 2];
    int lost = 0;
    for (std::size_t at = begin; at < log.size(); at += 512 - at % 512) {
      if (!dice.OneIn(2)) continue;
      const std::size_t size = std::min(512 - at % 512, log.size() - at);
      log.replace(at, size, size, '\0');
      ++lost;
    }
    INFO(lost << " sectors are lost");
    const Start start = StartWith(killed, log, scratch / "state");
    CHECK(start.refusal.empty());
    CHECK(start.transactions == (lost == 0 ? kTransactions : kTransactions - 1));
  }
}

// How a flipped byte ends: refused, harmless, or lost beyond what a torn tail may be.
struct Flips {
  int refused = 0;
  int lost = 0;
};

Flips FlipBytes(const Killed& killed, bool checked) {
  const test::ScratchDirectory scratch;
  test::Dice dice(static_cast<std::uint64_t>(First()));
  Flips flips;
  for (int i = 0; i < Copies(); ++i) {
    const auto at = static_cast<std::size_t>(dice.Below(static_cast<int>(killed.log.size())));
    std::string log = killed.log;
    log[at] = static_cast<char>(log[at] ^ (1 + dice.Below(255)));
    INFO("byte " << at << " in transaction " << TransactionAt(killed, at) + 1);
    if (checked) {
      const Start start = StartWith(killed, log, scratch / "state");
      CHECK((start.refusal.empty() || start.refusal == "STORAGE_CORRUPT"));
      flips.refused += start.refusal.empty() ? 0 : 1;
      flips.lost += start.refusal.empty() && start.transactions < kTransactions - 2 ? 1 : 0;
      // No more than the damaged one and, where its own mark is what was damaged, the next.
      if (start.refusal.empty()) CHECK(start.transactions >= TransactionAt(killed, at));
    } else {
      WriteFile(scratch / "parc.db", killed.database);
      WriteFile(scratch / "parc.db-wal", log);
      fs::remove(scratch / "parc.db-shm");
      const auto db = Connection::Open(scratch / "parc.db", Connection::Mode::kWriter);
      REQUIRE(db.ok());
      flips.lost += Count(**db) < kTransactions - 2 ? 1 : 0;
    }
  }
  return flips;
}

TEST_CASE("a byte that was flipped in the log is found, unless it may be a torn tail") {
  const Flips flips = FlipBytes(Kill(), /*checked=*/true);
  CHECK(flips.lost == 0);
  CHECK(flips.refused > Copies() * 8 / 10);
}

TEST_CASE("control: SQLite alone drops acknowledged transactions behind a flipped byte") {
  const Flips flips = FlipBytes(Kill(), /*checked=*/false);
  CHECK(flips.lost > Copies() * 8 / 10);
}

}  // namespace
}  // namespace parc::fault
