#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/store/database.h"
#include "daemon/store/group_commit.h"
#include "fmt/format.h"
#include "tests/fault/crash_disk.h"
#include "tests/fault/ledger.h"
#include "tests/support/dice.h"
#include "tests/support/scratch_directory.h"

// F3: power fails, and what was not synced is lost, torn and reordered.
namespace parc::fault {
namespace {

using store::Database;
using store::GroupCommit;

struct Setting {
  std::string synchronous = "FULL";
  bool disk_lies = false;
};

// Operations of one life of the store below; power fails at any of them.
constexpr int kOperationsOfALife = 220;

// One life: batches of many sizes, and a checkpoint now and then. Ends with the power.
void Live(const std::filesystem::path& directory, const Setting& setting, test::Dice& dice,
          CrashDisk& disk, Ledger& ledger) {
  auto database = Database::Open(directory);
  if (!database.ok()) return;
  store::Connection& writer = (*database)->writer();
  if (!writer.Execute("PRAGMA synchronous = " + setting.synchronous).ok()) return;
  while (!disk.failed()) {
    GroupCommit commits(writer, {});
    for (int batch = 1 + dice.Below(6); batch > 0 && !disk.failed(); --batch) {
      ledger.Write(commits, 1 + dice.Below(5));
    }
    commits.Stop();  // checkpoints
  }
}

// A store that is cut off `lives` times. Returns what was lost or damaged.
std::vector<std::string> CutOff(std::uint64_t seed, const Setting& setting,
                                const std::map<std::string, std::string>& prepared,
                                const std::filesystem::path& directory) {
  test::Dice dice(seed);
  CrashDisk disk(seed ^ 0x9e3779b97f4a7c15ULL);
  disk.Load(prepared);
  if (setting.disk_lies) disk.LieAboutSyncs();
  Ledger ledger;
  for (int life = 0; life < 2; ++life) {
    const int at = 1 + dice.Below(kOperationsOfALife);
    if (dice.OneIn(8)) {
      disk.KillAt(at);
    } else {
      disk.FailPowerAt(at);
    }
    Live(directory, setting, dice, disk, ledger);
    disk.Restart();
    std::vector<std::string> findings = ledger.FindingsAfterStart(directory);
    if (!findings.empty()) return findings;
  }
  return {};
}

std::map<std::string, std::string> Prepared(const std::filesystem::path& directory) {
  CrashDisk disk(1);
  {
    const auto database = Database::Open(directory);
    REQUIRE(database.ok());
    REQUIRE(Ledger::Prepare((*database)->writer()).ok());
  }
  return disk.Image();
}

int First() { return Bound("PARC_FAULT_SEED", 1); }
int Seeds() { return Bound("PARC_CRASH_SEEDS", 200); }

TEST_CASE("when power fails at any moment, every acknowledged write is there afterwards") {
  const test::ScratchDirectory scratch;
  const auto prepared = Prepared(scratch.path());
  for (int seed = First(); seed < First() + Seeds(); ++seed) {
    const std::vector<std::string> findings =
        CutOff(static_cast<std::uint64_t>(seed), {}, prepared, scratch.path());
    INFO("PARC_FAULT_SEED=" << seed << " PARC_CRASH_SEEDS=1: " << Joined(findings));
    REQUIRE(findings.empty());
  }
}

TEST_CASE("power that fails during the first start leaves nothing that the next cannot use") {
  const test::ScratchDirectory scratch;
  for (int seed = First(); seed < First() + Seeds() / 10 + 1; ++seed) {
    INFO("PARC_FAULT_SEED=" << seed);
    test::Dice dice(static_cast<std::uint64_t>(seed));
    CrashDisk disk(static_cast<std::uint64_t>(seed));
    disk.FailPowerAt(1 + dice.Below(150));
    Database::Open(scratch.path()).status().IgnoreError();
    disk.Restart();
    const auto database = Database::Open(scratch.path());
    INFO(database.status());
    REQUIRE(database.ok());
    CHECK(store::CheckIntegrity((*database)->writer()).ok());
  }
}

// How many of the seeds lose an acknowledged write.
int Losses(const Setting& setting) {
  const test::ScratchDirectory scratch;
  const auto prepared = Prepared(scratch.path());
  int lost = 0;
  for (int seed = First(); seed < First() + 50; ++seed) {
    lost +=
        CutOff(static_cast<std::uint64_t>(seed), setting, prepared, scratch.path()).empty() ? 0 : 1;
  }
  return lost;
}

TEST_CASE("control: with synchronous = NORMAL, acknowledged writes are lost and it is seen") {
  const int lost = Losses({.synchronous = "NORMAL"});
  WARN(fmt::format("synchronous = NORMAL loses writes in {} of 50 runs", lost));
  CHECK(lost >= 10);
}

TEST_CASE("control: on a disk that lies about syncs, acknowledged writes are lost and it is seen") {
  const int lost = Losses({.disk_lies = true});
  WARN(fmt::format("a disk that lies loses writes in {} of 50 runs", lost));
  CHECK(lost >= 10);
}

}  // namespace
}  // namespace parc::fault
