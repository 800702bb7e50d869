#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "daemon/app/files.h"
#include "tests/app/ask_parcd.h"
#include "tests/app/scratch.h"

// What an administrator does with the daemon's files, while it runs and while it is stopped.
namespace parc::app {

namespace fs = std::filesystem;

TEST_CASE("config explain prints every setting with its value and where it comes from") {
  const ScratchDirectory scratch;
  const fs::path file = scratch.path() / "parcd.toml";
  std::ofstream(file) << "[log]\nlevel = \"warn\"\n";
  const Ended ended = RunParcd(scratch.path() / "state", {"--config", file, "config", "explain"});
  CHECK(ended.exit == 0);
  CHECK(Holds(ended.out, "level = \"warn\"  # from: " + file.string() + ":2:1\n"));
  CHECK(Holds(ended.out, "zone = \"Europe/Paris\"  # from: default\n"));
  CHECK(Holds(ended.out, "\n[listen]\n"));
}

TEST_CASE("backup, check and restore, with the daemon running and stopped") {
  const ScratchDirectory scratch;
  const fs::path state = scratch.path() / "state";
  const fs::path online = scratch.path() / "online.db";
  const fs::path offline = scratch.path() / "offline.db";
  const fs::path helper = scratch.path() / "helper";  // a name for output files, same directory
  fs::create_directory_symlink(state, helper);
  {
    Parcd parcd(state);
    REQUIRE(parcd.Serves());
    const auto stub = v1::SiteService::NewStub(parcd.People());
    REQUIRE(CreateSite(*stub, "kept").ok());
    const Ended backup = RunParcd(helper, {"backup", online.string()});
    CHECK(backup.exit == 0);
    CHECK(Holds(backup.out, online.string()));
    CHECK(ModeOf(online) == 0600);
    CHECK(RunParcd(helper, {"backup", online.string()}).exit == 1);
    CHECK(RunParcd(helper, {"check"}).exit == 0);
    REQUIRE(CreateSite(*stub, "later").ok());
    const Ended refused = RunParcd(helper, {"restore", online.string()});
    CHECK(refused.exit == 74);
    CHECK(Holds(refused.err, "in use by pid"));
    CHECK(RunParcd(helper, {"admin", "create", "--owner", "Ada", "--token-file",
                            (scratch.path() / "token").string()})
              .exit == 74);
    CHECK(StopGently(parcd) == 0);
  }
  CHECK(RunParcd(helper, {"backup", offline.string()}).exit == 0);
  CHECK(RunParcd(helper, {"check"}).exit == 0);
  CHECK(RunParcd(helper, {"restore", (scratch.path() / "nothing").string()}).exit == 1);
  CHECK(RunParcd(helper, {"restore", online.string()}).exit == 0);
  {
    Parcd parcd(state);
    REQUIRE(parcd.Serves());
    CHECK(SiteCodes(parcd) == std::set<std::string>{"kept"});
    REQUIRE(StopGently(parcd) == 0);
  }
  CHECK(RunParcd(helper, {"restore", offline.string()}).exit == 0);
  Parcd parcd(state);
  REQUIRE(parcd.Serves());
  CHECK(SiteCodes(parcd) == std::set<std::string>{"kept", "later"});
}

TEST_CASE("a check of nothing, and of a damaged database, ends with exit code 74") {
  const ScratchDirectory scratch;
  const fs::path state = scratch.path() / "state";
  const Ended nothing = RunParcd(state, {"check"});
  CHECK(nothing.exit == 74);
  CHECK(Holds(nothing.err, "there is no database in"));
  {
    Parcd parcd(state);
    REQUIRE(parcd.Serves());
    REQUIRE(StopGently(parcd) == 0);
  }
  std::fstream file(state / "parc.db", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(2 * 4096);
  file << std::string(4096, '\x5a');
  file.close();
  const Ended damaged = RunParcd(state, {"check"});
  CHECK(damaged.exit == 74);
  CHECK(Holds(damaged.err, "parcd restore FILE"));
}

TEST_CASE("a backup that cannot be restored is named, and the database stays") {
  const ScratchDirectory scratch;
  const fs::path state = scratch.path() / "state";
  const fs::path backup = scratch.path() / "backup.db";
  {
    Parcd parcd(state);
    REQUIRE(parcd.Serves());
    REQUIRE(StopGently(parcd) == 0);
  }
  REQUIRE(RunParcd(state, {"backup", backup.string()}).exit == 0);
  const std::string before = ReadFile(state / "parc.db");
  std::fstream file(backup, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(2 * 4096);
  file << std::string(4096, '\x5a');
  file.close();
  const Ended damaged = RunParcd(state, {"restore", backup.string()});
  CHECK(damaged.exit == 74);
  CHECK(Holds(damaged.err, "parcd: " + backup.string() + " is damaged: "));
  CHECK(Holds(damaged.err, "; the database in place was not touched; other backups are in " +
                               (state / "backups").string() + "\n"));
  CHECK_FALSE(Holds(damaged.err, "parcd restore FILE"));
  for (const char* text : {"", "no database at all"}) {
    std::ofstream(backup, std::ios::trunc) << text;
    const Ended other = RunParcd(state, {"restore", backup.string()});
    CHECK(other.exit == 74);
    CHECK(Holds(other.err, "parcd: " + backup.string() + " is no backup of Parc; "));
  }
  CHECK(ReadFile(state / "parc.db") == before);
}

TEST_CASE("root is told to restore and make tokens as the daemon's user") {
  if (geteuid() != 0) return;  // nobody else could write there anyway
  const ScratchDirectory scratch;
  const fs::path state = scratch.path() / "state";
  fs::create_directory(state);
  REQUIRE(chown(state.c_str(), 65'534, 65'534) == 0);
  const std::string token = scratch.path() / "token";
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"restore", "/nothing"}, {"admin", "create", "--owner", "Ada", "--token-file", token}}) {
    const Ended ended = RunParcd(state, arguments);
    CHECK(ended.exit == 1);
    CHECK(Holds(ended.err, "belongs to nobody; run this as that user: sudo -u nobody parcd"));
  }
  CHECK(fs::is_empty(state));
}

TEST_CASE("an administrator can help himself in while the daemon is stopped") {
  const ScratchDirectory scratch;
  const fs::path state = scratch.path() / "state";
  const fs::path token = scratch.path() / "token";
  const std::vector<std::string> create = {"admin", "create",       "--owner",
                                           "Ada",   "--token-file", token.string()};
  const Ended made = RunParcd(state, create);
  INFO(made.err);
  CHECK(made.exit == 0);
  CHECK(ModeOf(token) == 0600);
  CHECK(RunParcd(state, create).exit == 1);
  std::vector<std::string> hotline = create;
  hotline.back() += "2";
  hotline.insert(hotline.end(), {"--role", "hotline"});
  CHECK(RunParcd(state, hotline).exit == 1);
  CHECK_FALSE(fs::exists(hotline[5]));
  // With an administrator there, the first start makes no login of its own.
  Parcd parcd(state);
  REQUIRE(parcd.Serves());
  CHECK_FALSE(fs::exists(state / "login.token"));
  fs::copy_file(token, state / "login.token");
  CHECK(Answers(parcd));
}

}  // namespace parc::app
