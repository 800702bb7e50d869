#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "daemon/inventory/reason.h"
#include "daemon/store/database.h"
#include "daemon/store/group_commit.h"
#include "fmt/format.h"
#include "tests/fault/fault_vfs.h"
#include "tests/fault/ledger.h"
#include "tests/support/scratch_directory.h"

// F2: a disk that fails at its n-th operation.
namespace parc::fault {
namespace {

namespace fs = std::filesystem;
using store::Database;
using store::GroupCommit;

// One life of a daemon's store, from its start to its end: three batches, a checkpoint, and two
// batches into the log that the checkpoint left.
struct Life {
  absl::Status opened;
  std::vector<absl::Status> faults;
  bool refused_after_fault = true;
};

Life Live(const fs::path& directory, Ledger& ledger) {
  Life life;
  auto database = Database::Open(directory);
  life.opened = database.status();
  if (!database.ok()) return life;
  for (const int batches : {3, 2}) {
    GroupCommit::Options options;
    options.on_fault = [&](const absl::Status& fault) { life.faults.push_back(fault); };
    GroupCommit commits((*database)->writer(), options);
    for (int i = 0; i < batches; ++i) ledger.Write(commits, 4);
    if (!life.faults.empty()) {
      const absl::Status refused = commits.Submit(
          store::Priority::kRevocation, 0, [](auto&) { return absl::OkStatus(); },
          [](const absl::Status&) {});
      life.refused_after_fault = refused.code() == absl::StatusCode::kUnavailable;
    }
    commits.Stop();  // checkpoints
    if (!life.faults.empty()) break;
  }
  return life;
}

void MakeDatabase(const fs::path& directory) {
  const auto database = Database::Open(directory);
  REQUIRE(database.ok());
  REQUIRE(Ledger::Prepare((*database)->writer()).ok());
}

// From one operation that fails to the next. A life has a hundred writes, of which each third is
// tried unless PARC_IO_ERROR_STRIDE tells another number, and few of the others: each.
int Stride(Operation operation) {
  return operation == Operation::kWrite ? Bound("PARC_IO_ERROR_STRIDE", 3) : 1;
}

void CopyInto(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

const char* NameOf(Operation operation) {
  switch (operation) {
    case Operation::kWrite:
      return "write";
    case Operation::kSync:
      return "sync";
    case Operation::kTruncate:
      return "truncate";
    case Operation::kShmMap:
      return "shm map";
  }
  return "";
}

// What must hold whenever the disk fails.
void Judge(const Life& life, const Ledger& ledger) {
  CHECK_FALSE(ledger.acknowledged_after_failure());
  CHECK(life.faults.size() <= 1);
  CHECK(life.refused_after_fault);
  for (const absl::Status& fault : life.faults) CHECK(store::IsDiskFault(fault));
  if (!life.opened.ok()) CHECK(store::IsDiskFault(life.opened));
}

TEST_CASE("whatever operation fails, once or for ever, nothing acknowledged is lost") {
  const auto operation =
      GENERATE(Operation::kWrite, Operation::kSync, Operation::kTruncate, Operation::kShmMap);
  const bool for_ever = GENERATE(false, true);
  const test::ScratchDirectory scratch;
  MakeDatabase(scratch / "new");
  const int stride = Stride(operation);
  int places = 0;
  int faults = 0;
  bool failed = true;
  // Once and for ever begin at different places: between them a stride leaves out less.
  for (int n = for_ever ? stride : 1; failed; n += stride) {
    INFO(NameOf(operation) << " " << n << (for_ever ? " and all after it" : ""));
    REQUIRE(n < 1000);
    CopyInto(scratch / "new", scratch / "state");
    Ledger ledger;
    Life life;
    {
      FaultVfs disk;
      disk.Fail(operation, n, for_ever);
      life = Live(scratch / "state", ledger);
      failed = disk.failed();
    }
    Judge(life, ledger);
    places += failed ? 1 : 0;
    faults += life.faults.empty() && life.opened.ok() ? 0 : 1;
    if (!failed) {
      CHECK(ledger.acknowledged() == 20);  // the clean run
      CHECK(ledger.refusals().empty());
    }
    const std::vector<std::string> findings = ledger.FindingsAfterStart(scratch / "state");
    INFO(Joined(findings));
    REQUIRE(findings.empty());
  }
  WARN(fmt::format("{} at each of {} places{}: the daemon ended {} times", NameOf(operation),
                   places, for_ever ? ", and all after it" : "", faults));
  CHECK(places > 0);
  if (operation == Operation::kWrite || operation == Operation::kSync) CHECK(faults > 0);
}

TEST_CASE("a first start whose disk fails leaves nothing that a second cannot use") {
  const auto operation = GENERATE(Operation::kWrite, Operation::kSync, Operation::kShmMap);
  const test::ScratchDirectory scratch;
  int places = 0;
  bool failed = true;
  for (int n = 1; failed; n += Stride(operation)) {
    INFO(NameOf(operation) << " " << n);
    REQUIRE(n < 1000);
    fs::remove_all(scratch / "state");
    absl::Status opened;
    {
      FaultVfs disk;
      disk.Fail(operation, n, /*for_ever=*/true);
      opened = Database::Open(scratch / "state").status();
      failed = disk.failed();
    }
    places += failed ? 1 : 0;
    const auto again = Database::Open(scratch / "state");
    INFO(again.status());
    REQUIRE(again.ok());
    CHECK(*(*again)->writer().Integer("PRAGMA user_version") == store::Migrations().back().number);
  }
  CHECK(places > 0);
}

TEST_CASE("control: a daemon that acknowledges before its commit is seen to lose writes") {
  const test::ScratchDirectory scratch;
  MakeDatabase(scratch / "state");
  Ledger ledger;
  ledger.AcknowledgeEarly();
  {
    FaultVfs disk;
    disk.Fail(Operation::kSync, 2, /*for_ever=*/true);
    Live(scratch / "state", ledger);
    REQUIRE(disk.failed());
  }
  CHECK_FALSE(ledger.FindingsAfterStart(scratch / "state").empty());
}

}  // namespace
}  // namespace parc::fault
