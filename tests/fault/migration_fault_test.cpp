#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/database.h"
#include "daemon/store/fact_store.h"
#include "fmt/format.h"
#include "tests/fault/crash_disk.h"
#include "tests/support/scratch_directory.h"

// F19: a database of each earlier Parc, and a daemon that dies while it brings it up to date.
namespace parc::fault {
namespace {

namespace fs = std::filesystem;
using store::Connection;
using store::Database;
using store::Migration;
using Image = std::map<std::string, std::string>;

std::vector<Migration> UpTo(int level) {
  const std::vector<Migration>& all = store::Migrations();
  return {all.begin(), all.begin() + level};
}

int Latest() { return store::Migrations().back().number; }

// What the daemon of `level` stored besides what those before it had.
std::string RowsOf(int level) {
  return test::ReadFile(fmt::format("tests/fault/levels/{:04}.sql", level));
}

std::vector<std::string> Tables(Connection& db) {
  std::vector<std::string> tables;
  store::Statement read(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
  const absl::Status status = read.Query([&](const store::Row& row) {
    tables.push_back(row.Text(0));
    return absl::OkStatus();
  });
  REQUIRE(status.ok());
  return tables;
}

// Every row of every table, and the version of the schema.
std::string Dump(Connection& db) {
  std::string dump = fmt::format("schema {}\n", db.Integer("PRAGMA user_version").value());
  for (const std::string& table : Tables(db)) {
    dump += table + "\n";
    store::Statement read(db, fmt::format("SELECT * FROM {} ORDER BY 1, 2", table));
    const absl::Status status = read.Query([&](const store::Row& row) {
      for (int i = 0; i < row.Columns(); ++i) dump += row.IsNull(i) ? "NULL|" : row.Text(i) + "|";
      dump += "\n";
      return absl::OkStatus();
    });
    REQUIRE(status.ok());
  }
  return dump;
}

std::string DumpOf(CrashDisk& disk, const fs::path& directory) {
  const auto db = Connection::Open(directory / "parc.db", Connection::Mode::kWriter);
  REQUIRE(db.ok());
  REQUIRE_FALSE(disk.failed());
  return Dump(**db);
}

// The disk of a machine on which every Parc up to `level` has run, and stored what it knew.
Image DiskOf(int level, const fs::path& directory) {
  CrashDisk disk(1);
  for (int i = 1; i <= level; ++i) {
    const auto database = Database::Open(directory, UpTo(i));
    INFO(database.status());
    REQUIRE(database.ok());
    const absl::Status stored = (*database)->writer().Execute(RowsOf(i));
    INFO("levels/" << i << ": " << stored);
    REQUIRE(stored.ok());
    CHECK(store::CheckIntegrity((*database)->writer()).ok());
  }
  return disk.Image();
}

TEST_CASE("every table of every earlier Parc has rows in the databases of these tests") {
  const test::ScratchDirectory scratch;
  for (int level = 1; level < Latest(); ++level) {
    INFO("a new migration needs tests/fault/levels/NNNN.sql: rows for what the one before it made");
    REQUIRE_FALSE(RowsOf(level).empty());
    const Image image = DiskOf(level, scratch.path());
    CrashDisk disk(1);
    disk.Load(image);
    const auto database = Database::Open(scratch.path(), UpTo(level));
    REQUIRE(database.ok());
    for (const std::string& table : Tables((*database)->writer())) {
      INFO(table << " at level " << level);
      CHECK((*database)->writer().Integer("SELECT COUNT(*) FROM " + table).value() > 0);
    }
  }
}

TEST_CASE("every earlier database is brought up to date, and no row is lost") {
  const test::ScratchDirectory scratch;
  for (int level = 1; level < Latest(); ++level) {
    const Image image = DiskOf(level, scratch.path());
    CrashDisk disk(1);
    disk.Load(image);
    std::map<std::string, std::int64_t> before;
    {
      const auto old = Database::Open(scratch.path(), UpTo(level));
      REQUIRE(old.ok());
      for (const std::string& table : Tables((*old)->writer()))
        before[table] = (*old)->writer().Integer("SELECT COUNT(*) FROM " + table).value();
    }
    const auto database = Database::Open(scratch.path());
    INFO("level " << level << ": " << database.status());
    REQUIRE(database.ok());
    Connection& db = (*database)->writer();
    CHECK(db.Integer("PRAGMA user_version").value() == Latest());
    CHECK(store::CheckIntegrity(db).ok());
    for (const std::string& table : Tables(db)) {
      if (before.count(table) == 0) continue;
      INFO(table << " at level " << level);
      CHECK(db.Integer("SELECT COUNT(*) FROM " + table).value() == before[table]);
    }
  }
}

TEST_CASE("lists and judgements that schema 10 packs are read as they were, and written alike") {
  const test::ScratchDirectory scratch;
  const Image image = DiskOf(9, scratch.path());
  CrashDisk disk(1);
  disk.Load(image);
  const auto database = Database::Open(scratch.path());
  REQUIRE(database.ok());
  Connection& db = (*database)->writer();
  const auto facts = store::FactStore(db).Read(1);
  REQUIRE(facts.ok());
  CHECK(facts->disks == std::vector<inventory::DiskFact>{
                            {"nvme0n1", "Example", std::int64_t{512'110'190'592}, false}});
  CHECK(facts->interfaces ==
        std::vector<inventory::InterfaceFact>{{"eth0", "52:54:00:00:00:01", "ethernet", true}});
  inventory::VpnProfileFact profile{.tool = "openvpn",
                                    .source = "/etc/openvpn/client/a.conf",
                                    .valid = true,
                                    .problem = "",
                                    .gateway = "vpn.example.org",
                                    .port = 1194,
                                    .certificate_starts = std::int64_t{1'500'000'000'000'000},
                                    .certificate_expires = std::int64_t{1'700'000'000'000'000}};
  profile.root_only = true;
  profile.key_matches = false;
  profile.ca_expires = std::int64_t{1'800'000'000'000'000};
  CHECK(facts->vpn_profiles == std::vector<inventory::VpnProfileFact>{profile});
  const inventory::VpnGatewayFact gateway{
      .protocol = "udp",
      .host = "vpn.example.org",
      .port = 1194,
      .resolved = true,
      .answer = "answered",
      .latency_micros = std::int64_t{1'200},
      .certificate_trusted = true,
      .certificate_expires = std::int64_t{1'800'000'000'000'000}};
  CHECK(facts->vpn_gateways == std::vector<inventory::VpnGatewayFact>{gateway});
  CHECK(facts->unreadable == std::map<std::string, std::string>{{"tpm2", "permission denied"}});
  CHECK(db.Integer("SELECT checks = 'disk-encryption' || char(31) || 'PASS' || char(31) || "
                   "'1584660000000000' || char(31) || 'encrypted' || char(31, 48, 31, 30) "
                   "FROM details WHERE laptop = 1")
            .value() == 1);

  inventory::FactSheet after = *facts;
  after.vpn_profiles[0].root_only = false;
  after.vpn_profiles[0].autoconnect = true;
  after.vpn_profiles[0].key_matches.reset();
  after.vpn_profiles[0].trusted = true;
  after.vpn_profiles[0].ca_expires = std::int64_t{1};
  after.vpn_profiles[0].crl_next_update = std::int64_t{2};
  after.vpn_gateways[0].certificate_trusted = false;
  after.vpn_gateways[0].certificate_expires = std::int64_t{3};
  REQUIRE(store::FactStore(db).Write(1, *facts, after).ok());
  const auto again = store::FactStore(db).Read(1);
  REQUIRE(again.ok());
  CHECK(*again == after);
}

// Brings the database up to date as Database does, or without a transaction around it.
absl::Status Migrate(const fs::path& directory, bool careless) {
  if (!careless) return Database::Open(directory).status();
  PARC_ASSIGN(const auto db, Connection::Open(directory / "parc.db", Connection::Mode::kWriter));
  PARC_ASSIGN(const std::int64_t version, db->Integer("PRAGMA user_version"));
  for (const Migration& migration : store::Migrations()) {
    if (migration.number <= version) continue;
    PARC_TRY(db->Execute(std::string(migration.sql)));
    PARC_TRY(db->Execute(fmt::format("PRAGMA user_version = {}", migration.number)));
  }
  return absl::OkStatus();
}

struct Deaths {
  int tried = 0;
  int between = 0;  // left neither the old database nor the new one
};

// Between two deaths that are tried lie so many operations: PARC_MIGRATION_STRIDE, 13 unless told.
int Stride() {
  const char* text = std::getenv("PARC_MIGRATION_STRIDE");
  return text == nullptr ? 13 : std::max(1, std::atoi(text));
}

// Dies at the n-th operation of a migration from `level`, for n by the stride, by a kill and by the
// power. Where it begins depends on the level, so that a stride meets each kind of operation.
Deaths DieEverywhere(int level, bool careless) {
  const test::ScratchDirectory scratch;
  const Image image = DiskOf(level, scratch.path());
  std::string old;
  std::string current;
  {
    CrashDisk disk(1);
    disk.Load(image);
    old = DumpOf(disk, scratch.path());
    REQUIRE(Database::Open(scratch.path()).ok());
    current = DumpOf(disk, scratch.path());
  }
  Deaths deaths;
  for (const bool power : {false, true}) {
    bool died = true;
    for (int n = 1 + level % Stride(); died; n += Stride()) {
      REQUIRE(n < 2000);
      CrashDisk disk(static_cast<std::uint64_t>(n));
      disk.Load(image);
      power ? disk.FailPowerAt(n) : disk.KillAt(n);
      Migrate(scratch.path(), careless).IgnoreError();
      died = disk.failed();
      disk.Restart();
      const std::string left = DumpOf(disk, scratch.path());
      ++deaths.tried;
      deaths.between += left != old && left != current ? 1 : 0;
      if (careless) continue;
      const auto database = Database::Open(scratch.path());
      INFO("level " << level << (power ? ", power" : ", kill") << " at " << n << ": "
                    << database.status());
      REQUIRE(database.ok());
      REQUIRE(store::CheckIntegrity((*database)->writer()).ok());
      REQUIRE(Dump((*database)->writer()) == current);
    }
  }
  return deaths;
}

TEST_CASE("a daemon that dies anywhere in a migration leaves the old database or the new one") {
  for (int level = 1; level < Latest(); ++level) {
    const Deaths deaths = DieEverywhere(level, /*careless=*/false);
    INFO("level " << level << ", " << deaths.tried << " deaths");
    CHECK(deaths.between == 0);
    CHECK(deaths.tried > 20 / Stride());
  }
}

TEST_CASE("control: without a transaction around it, a migration is seen half done") {
  CHECK(DieEverywhere(1, /*careless=*/true).between > 0);
}

TEST_CASE("each earlier Parc refuses a database of today's, and does not touch it") {
  const test::ScratchDirectory scratch;
  const Image image = DiskOf(Latest() - 1, scratch.path());
  CrashDisk disk(1);
  disk.Load(image);
  REQUIRE(Database::Open(scratch.path()).ok());
  const Image today = disk.Image();
  for (int level = 1; level < Latest(); ++level) {
    const auto refused = Database::Open(scratch.path(), UpTo(level));
    INFO("level " << level);
    CHECK(ReasonOf(refused.status()) == "DATABASE_TOO_NEW");
    CHECK(disk.Image() == today);
  }
}

}  // namespace
}  // namespace parc::fault
