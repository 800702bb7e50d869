#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/database.h"
#include "daemon/store/versions.h"
#include "fmt/format.h"
#include "tests/fault/ledger.h"
#include "tests/fleet/fleet_support.h"
#include "tests/support/dice.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/scratch_fleet.h"

// F6: one byte of the database file changed while the daemon was down.
namespace parc::fault {
namespace {

namespace fs = std::filesystem;
using store::Connection;
using store::Database;

// A database of a small fleet, as a daemon that was stopped leaves it.
std::string Fleet() {
  test::ScratchFleet fleet;
  std::string people = "id;name;population;tier\n";
  std::string laptops = "asset tag;serial;manufacturer;model;state;holder;notes\n";
  for (int i = 0; i < 300; ++i) {
    people += fmt::format("p{0};Person {0};Siège;{1}\n", i, 1 + i % 4);
    laptops +=
        fmt::format("PC-{0};SN{0};Example;Model {1};{2};{3};note of {0}\n", i, i % 7,
                    i % 2 == 0 ? "ASSIGNED" : "IN_STOCK", i % 2 == 0 ? fmt::format("p{}", i) : "");
  }
  const auto first = test::Import(fleet, fleet::ImportKind::kPeople, people);
  INFO(test::Summary(first));
  REQUIRE((first.ok() && first->applied));
  const auto second = test::Import(fleet, fleet::ImportKind::kLaptops, laptops);
  INFO(test::Summary(second));
  REQUIRE((second.ok() && second->applied));
  // As a whole, the file: without its log.
  REQUIRE(fleet.store.Write("UPDATE laptops SET tags = tags").ok());
  const fs::path copy = fleet.store.directory() / "copy.db";
  REQUIRE(store::Backup(fleet.store.reader(), copy).ok());
  return test::ReadFile(copy);
}

// Every row of the tables whose rows are checked against their history.
absl::StatusOr<std::string> CheckedTables(Connection& db) {
  std::string rows;
  for (const store::VersionedTable& table : {store::kLaptops, store::kPeople}) {
    store::Statement all(
        db, fmt::format("SELECT {} FROM {} ORDER BY id", table.columns, table.current));
    PARC_TRY(all.Query([&](const store::Row& row) {
      for (int i = 0; i < row.Columns(); ++i) rows += row.Text(i) + '|';
      rows += '\n';
      return absl::OkStatus();
    }));
  }
  return rows;
}

struct Outcome {
  int refused = 0;   // at the start
  int found = 0;     // by the full check, which each daily copy goes through
  int harmless = 0;  // every row of the checked tables is right
  int wrong = 0;     // and nothing says so
};

// SQLite's own check, without what Parc compares besides.
absl::Status PagesOnly(Connection& db) {
  return db.Integer("SELECT COUNT(*) FROM pragma_integrity_check(1) WHERE integrity_check <> 'ok'")
                     .value_or(1) == 0
             ? absl::OkStatus()
             : absl::DataLossError("damaged");
}

Outcome Flip(const std::string& sound, absl::Status (*check)(Connection&)) {
  const test::ScratchDirectory scratch;
  test::WriteFile(scratch / "parc.db", sound);
  std::string right;
  {
    const auto database = Database::OpenAsIs(scratch.path());
    REQUIRE(database.ok());
    right = CheckedTables((*database)->writer()).value();
    REQUIRE(check((*database)->writer()).ok());
  }
  test::Dice dice(static_cast<std::uint64_t>(Bound("PARC_FAULT_SEED", 1)));
  Outcome outcome;
  for (int i = 0; i < Bound("PARC_FLIPPED_COPIES", 200); ++i) {
    std::string bytes = sound;
    const auto at = static_cast<std::size_t>(dice.Below(static_cast<int>(bytes.size())));
    bytes[at] = static_cast<char>(bytes[at] ^ (1 + dice.Below(255)));
    fs::remove_all(scratch / "state");
    fs::create_directory(scratch / "state");
    test::WriteFile(scratch / "state" / "parc.db", bytes);
    const auto database = Database::Open(scratch / "state");
    if (!database.ok()) {
      const std::string reason = ReasonOf(database.status());
      INFO(database.status());
      CHECK((reason == "STORAGE_CORRUPT" || reason == "NOT_A_DATABASE" ||
             reason == "DATABASE_TOO_NEW"));
      ++outcome.refused;
      continue;
    }
    const absl::StatusOr<std::string> read = CheckedTables((*database)->writer());
    const bool is_right = read.ok() && *read == right;
    if (!read.ok() || !check((*database)->writer()).ok()) {
      ++outcome.found;
    } else {
      (is_right ? outcome.harmless : outcome.wrong)++;
    }
  }
  return outcome;
}

std::string InWords(const Outcome& outcome) {
  return fmt::format("refused {}, found by the check {}, rows right {}, rows wrong in silence {}",
                     outcome.refused, outcome.found, outcome.harmless, outcome.wrong);
}

TEST_CASE("one flipped byte is refused, found by the check, or leaves laptops and people right") {
  const Outcome outcome = Flip(Fleet(), store::CheckIntegrity);
  WARN(InWords(outcome));
  CHECK(outcome.wrong == 0);
  CHECK(outcome.refused > 0);
  CHECK(outcome.found > 0);
}

TEST_CASE("control: SQLite's own check lets wrong rows pass") {
  const Outcome outcome = Flip(Fleet(), PagesOnly);
  WARN(InWords(outcome));
  CHECK(outcome.wrong > 0);
}

}  // namespace
}  // namespace parc::fault
