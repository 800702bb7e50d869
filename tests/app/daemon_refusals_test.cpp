#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "daemon/app/files.h"
#include "tests/app/ask_parcd.h"
#include "tests/app/scratch.h"
#include "tests/gateway/sockets.h"

// What the real daemon cannot live with: its exit codes and its words.
namespace parc::app {

namespace fs = std::filesystem;

TEST_CASE("a daemon that ran out of descriptors answers on every port when the flood ends") {
  const ScratchDirectory scratch;
  Parcd::Options options;
  options.descriptors = 120;
  Parcd parcd(scratch.path() / "state", options);
  REQUIRE(parcd.Serves());
  for (int round = 0; round < 2; ++round) {
    std::vector<testing::Connection> flood;
    for (const char* listener : {"agent", "gateway", "people"}) {
      for (int i = 0; i < 150; ++i) flood.emplace_back(parcd.port(listener));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    flood.clear();
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    CHECK(Answers(parcd));
    CHECK(Holds(Get(parcd, "/healthz"), "200 OK"));
  }
  CHECK(StopGently(parcd) == 0);
}

TEST_CASE("a disk that takes no more writes ends the daemon with exit code 74") {
  const ScratchDirectory scratch;
  Parcd parcd(scratch.path() / "state");
  REQUIRE(parcd.Serves());
  const auto stub = v1::SiteService::NewStub(parcd.People());
  REQUIRE(CreateSite(*stub, "before").ok());
  const rlimit small{.rlim_cur = 16'384, .rlim_max = 16'384};
  REQUIRE(prlimit(parcd.pid(), RLIMIT_FSIZE, &small, nullptr) == 0);
  int failed = 0;
  for (int i = 0; i < 50 && failed == 0; ++i) {
    failed += CreateSite(*stub, "after-" + std::to_string(i)).ok() ? 0 : 1;
  }
  CHECK(failed == 1);
  CHECK(parcd.Wait() == 74);
  CHECK(Holds(parcd.standard_error(), "STORAGE_FAILED"));
  Parcd again(scratch.path() / "state");
  REQUIRE(again.Serves());
  CHECK(SiteCodes(again).count("before") == 1);
}

TEST_CASE("a database that cannot be used is refused with exit code 74 and what to do") {
  struct Row {
    const char* what;
    void (*spoil)(const fs::path& state);
    const char* says;
  };
  const Row rows[] = {
      {"not SQLite",
       [](const fs::path& state) { std::ofstream(state / "parc.db") << std::string(5000, 'x'); },
       "is no Parc database; move it away"},
      {"another program's",
       [](const fs::path& state) {
         fs::remove(state / "parc.db");
         ExecuteSql(state / "parc.db", "PRAGMA application_id = 7; CREATE TABLE t(x)");
       },
       "is no Parc database; move it away"},
      {"of a later Parc",
       [](const fs::path& state) { ExecuteSql(state / "parc.db", "PRAGMA user_version = 9999"); },
       "was written by a later Parc (schema 9999"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const ScratchDirectory scratch;
    const fs::path state = scratch.path() / "state";
    {
      Parcd first(state);
      REQUIRE(first.Serves());
      REQUIRE(StopGently(first) == 0);
    }
    row.spoil(state);
    const std::string before = ReadFile(state / "parc.db");
    Parcd parcd(state);
    CHECK_FALSE(parcd.Serves());
    CHECK(parcd.Wait() == 74);
    INFO(parcd.standard_error());
    CHECK(Holds(parcd.standard_error(), row.says));
    CHECK(ReadFile(state / "parc.db") == before);
  }
}

TEST_CASE("a state directory that may not be written is refused with exit code 74") {
  const ScratchDirectory scratch;
  const fs::path state = scratch.path() / "state";
  fs::create_directory(state);
  // Others may look, and nobody but root may write: as root, the daemon runs as somebody else.
  fs::permissions(scratch.path(), fs::perms(0755));
  fs::permissions(state, fs::perms(0555));
  Parcd::Options options;
  options.uid = geteuid() == 0 ? 65'534 : -1;
  Parcd parcd(state, options);
  CHECK(parcd.Wait() == 74);
  INFO(parcd.standard_error());
  CHECK(Holds(parcd.standard_error(), "Permission denied"));
  fs::permissions(state, fs::perms(0755));
}

TEST_CASE("a second daemon on the same state directory is told who holds it") {
  const ScratchDirectory scratch;
  const fs::path state = scratch.path() / "state";
  Parcd first(state);
  REQUIRE(first.Serves());
  const fs::path other = scratch.path() / "link";  // has output files of its own
  fs::create_directory_symlink(state, other);
  Parcd second(other);
  CHECK(second.Wait() == 74);
  CHECK(Holds(second.standard_error(), "in use by pid " + std::to_string(first.pid())));
  CHECK(Answers(first));
}

TEST_CASE("a configuration that cannot be used ends with exit code 78") {
  const ScratchDirectory scratch;
  const fs::path state = scratch.path() / "state";
  const fs::path file = scratch.path() / "parcd.toml";
  std::ofstream(file) << "zone = \"UTC\"\ncolour = 1\n";
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{}, {"config", "check"}, {"config", "explain"}}) {
    std::vector<std::string> all = {"--config", file.string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const Ended ended = RunParcd(state, all);
    CHECK(ended.exit == 78);
    CHECK(Holds(ended.err, file.string() + ":2:1: there is no setting colour"));
  }
  CHECK_FALSE(fs::exists(state));
}

TEST_CASE("a CA whose key others may read, or that is not there, ends with exit code 78") {
  const ScratchDirectory scratch;
  const fs::path state = scratch.path() / "state";
  {
    Parcd first(state);
    REQUIRE(first.Serves());
    REQUIRE(StopGently(first) == 0);
  }
  CHECK(RunParcd(state, {"config", "check"}).exit == 0);
  fs::permissions(state / "ca" / "issuing.key", fs::perms(0644));
  Parcd parcd(state);
  CHECK(parcd.Wait() == 78);
  CHECK(Holds(parcd.standard_error(), "issuing.key is open to others"));
  const Ended checked = RunParcd(state, {"config", "check"});
  CHECK(checked.exit == 78);
  CHECK(Holds(checked.err, "issuing.key is open to others"));
  CHECK(RunParcd(state, {"--ca-directory", "/nowhere", "config", "check"}).exit == 78);
}

TEST_CASE("a port in use is named, and ends with exit code 1") {
  const ScratchDirectory scratch;
  Parcd first(scratch.path() / "first");
  REQUIRE(first.Serves());
  const std::string taken = "127.0.0.1:" + std::to_string(first.port("agent"));
  const Ended second = RunParcd(scratch.path() / "second", {"--listen-agent", taken});
  CHECK(second.exit == 1);
  CHECK(
      Holds(second.err, "cannot listen on 127.0.0.1 port " + std::to_string(first.port("agent"))));
  CHECK(Holds(second.err, "(listen.agent, or --listen-agent)"));
}

}  // namespace parc::app
