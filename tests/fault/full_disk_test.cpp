#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "daemon/inventory/reason.h"
#include "daemon/store/database.h"
#include "daemon/store/group_commit.h"
#include "daemon/store/reserve.h"
#include "fmt/format.h"
#include "tests/fault/fault_vfs.h"
#include "tests/fault/ledger.h"
#include "tests/support/scratch_directory.h"

// F4: a disk without space. tests/fault/full_disk_e2e_test.py does the same to the daemon, on a
// real file system.
namespace parc::fault {
namespace {

namespace fs = std::filesystem;
using store::Connection;
using store::Database;
using store::GroupCommit;
using store::Priority;
using store::Reserve;

constexpr std::int64_t kReserve = 1 << 20;
constexpr std::int64_t kPlenty = 64 << 20;

std::int64_t Used(const fs::path& directory) {
  std::int64_t used = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    if (entry.is_regular_file()) used += static_cast<std::int64_t>(entry.file_size());
  }
  return used;
}

// A store over a disk of limited size, with a reserve as the daemon keeps it.
struct SmallDisk {
  explicit SmallDisk(std::int64_t reserve_bytes)
      : reserve(directory / "reserve", reserve_bytes), database(Database::Open(directory.path())) {
    REQUIRE(database.ok());
    REQUIRE(Ledger::Prepare((*database)->writer()).ok());
    REQUIRE(reserve.Make().ok());
    GroupCommit::Options options;
    options.on_full = [this](const absl::Status&) { reserve.Release(); };
    options.on_fault = [this](const absl::Status& status) { fault = status; };
    commits = std::make_unique<GroupCommit>((*database)->writer(), options);
  }

  // Writes until the disk is full.
  void FillUp() {
    disk.SetCapacity(directory.path(), Used(directory.path()) + 300'000);
    for (int i = 0; i < 200 && ledger.refusals().empty(); ++i) ledger.Write(*commits, 4);
    REQUIRE_FALSE(ledger.refusals().empty());
  }

  test::ScratchDirectory directory;
  FaultVfs disk;
  Ledger ledger;
  absl::Status fault;
  Reserve reserve;
  absl::StatusOr<std::unique_ptr<Database>> database;
  std::unique_ptr<GroupCommit> commits;
};

TEST_CASE("on a full disk changes are refused, revocations are not, and with room all goes on") {
  SmallDisk small(kReserve);
  small.FillUp();
  CHECK(small.commits->read_only());
  CHECK_FALSE(fs::exists(small.directory / "reserve"));
  for (const std::string& refusal : small.ledger.refusals()) CHECK(refusal == "STORAGE_FULL");

  // Who asks is answered.
  const auto reader = Connection::Open((*small.database)->file(), Connection::Mode::kReader);
  REQUIRE(reader.ok());
  CHECK(small.ledger.Findings(**reader).empty());
  // The urgent goes on, the rest does not.
  const std::int64_t before = small.ledger.acknowledged();
  for (int i = 0; i < 20; ++i) {
    small.ledger.Write(*small.commits, 2, Priority::kRevocation);
    small.ledger.Write(*small.commits, 3, Priority::kRenewal);
  }
  CHECK(small.ledger.acknowledged() == before + 100);
  small.ledger.Write(*small.commits, 5, Priority::kChange);
  CHECK(small.ledger.acknowledged() == before + 100);

  small.disk.SetCapacity(small.directory.path(), kPlenty);
  REQUIRE(small.reserve.Make().ok());
  CHECK(fs::file_size(small.directory / "reserve") == kReserve);
  small.commits->Resume();
  small.ledger.Write(*small.commits, 50);
  CHECK(small.ledger.acknowledged() == before + 150);
  CHECK(small.fault.ok());
  small.commits.reset();
  small.database->reset();
  const std::vector<std::string> findings = small.ledger.FindingsAfterStart(small.directory.path());
  INFO(Joined(findings));
  CHECK(findings.empty());
}

TEST_CASE("control: without a reserve, a full disk refuses revocations, too") {
  SmallDisk small(0);
  small.FillUp();
  const std::int64_t before = small.ledger.acknowledged();
  for (int i = 0; i < 20; ++i) small.ledger.Write(*small.commits, 5, Priority::kRevocation);
  CHECK(small.ledger.acknowledged() < before + 100);
}

TEST_CASE("wherever the disk becomes full, nothing acknowledged is lost") {
  const test::ScratchDirectory scratch;
  {
    const auto database = Database::Open(scratch / "new");
    REQUIRE(database.ok());
    REQUIRE(Ledger::Prepare((*database)->writer()).ok());
  }
  int refused = 0;
  bool full = true;
  for (std::int64_t room = 0; full; room += 1500) {
    INFO(room << " bytes are left");
    REQUIRE(room < 2'000'000);
    fs::remove_all(scratch / "state");
    fs::copy(scratch / "new", scratch / "state");
    Ledger ledger;
    {
      FaultVfs disk;
      disk.SetCapacity(scratch / "state", Used(scratch / "state") + room);
      const auto database = Database::Open(scratch / "state");
      full = !database.ok();
      if (!database.ok()) CHECK(ReasonOf(database.status()) == "STORAGE_FULL");
      for (int part = 0; part < 2 && database.ok(); ++part) {
        GroupCommit commits((*database)->writer(), {});
        for (int i = 0; i < 4; ++i) ledger.Write(commits, 5);
        commits.Stop();  // checkpoints
      }
    }
    full = full || !ledger.refusals().empty();
    refused += full ? 1 : 0;
    for (const std::string& refusal : ledger.refusals()) CHECK(refusal == "STORAGE_FULL");
    const std::vector<std::string> findings = ledger.FindingsAfterStart(scratch / "state");
    INFO(Joined(findings));
    REQUIRE(findings.empty());
  }
  CHECK(refused > 10);
}

TEST_CASE("the log's index that finds no room to grow is a full disk, not a broken one") {
  SmallDisk small(kReserve);
  const fs::path directory = small.directory.path();
  // Nearly as many frames as one region of the index holds.
  test::ScratchDirectory elsewhere;
  REQUIRE(small.commits != nullptr);
  std::vector<absl::Status> told;
  const auto frames = [&] {
    return (Used(directory) - static_cast<std::int64_t>(fs::file_size(directory / "parc.db"))) /
           4120;
  };
  const auto reader = Connection::Open((*small.database)->file(), Connection::Mode::kReader);
  REQUIRE(reader.ok());
  // An old reader keeps the log from being used anew.
  REQUIRE((*reader)->Execute("BEGIN").ok());
  REQUIRE((*reader)->Integer("SELECT COUNT(*) FROM sites").ok());
  while (frames() < 3900) small.ledger.Write(*small.commits, 150);
  bool refused = false;
  for (int i = 0; i < 500 && !refused; ++i) {
    // Enough for the frames of a small write, and not for a region.
    small.disk.SetCapacity(directory, Used(directory) + 30'000);
    small.ledger.Write(*small.commits, 1);
    refused = !small.ledger.refusals().empty();
  }
  REQUIRE(refused);
  CHECK(small.ledger.refusals().front() == "STORAGE_FULL");
  CHECK(small.fault.ok());
  CHECK(small.commits->read_only());
  REQUIRE((*reader)->Execute("COMMIT").ok());
  small.disk.SetCapacity(directory, kPlenty);
  small.commits->Resume();
  const std::int64_t before = small.ledger.acknowledged();
  small.ledger.Write(*small.commits, 200);
  CHECK(small.ledger.acknowledged() == before + 200);
  small.commits.reset();
  small.database->reset();
  const std::vector<std::string> findings = small.ledger.FindingsAfterStart(directory);
  INFO(Joined(findings));
  CHECK(findings.empty());
}

TEST_CASE("a reserve holds its bytes, is mended when its size changed, and given back once") {
  const test::ScratchDirectory scratch;
  const fs::path file = scratch / "reserve";
  Reserve reserve(file, kReserve);
  REQUIRE(reserve.Make().ok());
  REQUIRE(reserve.Make().ok());  // held already
  CHECK(fs::file_size(file) == kReserve);
  struct stat status {};
  REQUIRE(stat(file.c_str(), &status) == 0);
  CHECK(status.st_blocks * 512 >= kReserve);
  Reserve larger(file, 2 * kReserve);
  REQUIRE(larger.Make().ok());
  CHECK(fs::file_size(file) == 2 * kReserve);
  CHECK(larger.Release() == 2 * kReserve);
  CHECK(larger.Release() == 0);
  CHECK_FALSE(fs::exists(file));
  Reserve none(file, 0);
  CHECK(none.Make().ok());
  CHECK_FALSE(fs::exists(file));
  Reserve endless(file, std::int64_t{1} << 60);
  CHECK(ReasonOf(endless.Make()) == "STORAGE_FULL");
  CHECK_FALSE(fs::exists(file));
  Reserve nowhere(scratch / "missing" / "reserve", kReserve);
  CHECK(ReasonOf(nowhere.Make()) == "STORAGE_FAILED");
}

}  // namespace
}  // namespace parc::fault
