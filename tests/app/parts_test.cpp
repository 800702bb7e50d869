#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "daemon/access/ca.h"
#include "daemon/access/openssl.h"
#include "daemon/access/random.h"
#include "daemon/access/time_units.h"
#include "daemon/app/chores.h"
#include "daemon/app/command_line.h"
#include "daemon/app/control.h"
#include "daemon/app/daily_backup.h"
#include "daemon/app/exit_codes.h"
#include "daemon/app/files.h"
#include "daemon/app/health.h"
#include "daemon/app/limits.h"
#include "daemon/app/tls_files.h"
#include "daemon/inventory/reason.h"
#include "tests/app/scratch.h"

// The small parts of the shell, each by itself.
namespace parc::app {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kNoon = 1'772'366'400 * access::kSecond;  // 2026-03-01T12:00:00Z

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

mode_t ModeOf(const fs::path& path) {
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777U;
}

Parsed Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "parcd");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

TEST_CASE("a file is written whole, with its mode, over what was there") {
  const ScratchDirectory scratch;
  const fs::path file = scratch.path() / "secret";
  REQUIRE(WriteDurably(file, "one", 0644).ok());
  CHECK(ModeOf(file) == 0644);
  REQUIRE(WriteDurably(file, "two", 0600).ok());
  CHECK(ReadFile(file) == "two");
  CHECK(ModeOf(file) == 0600);
  const absl::Status failed = WriteDurably(scratch.path() / "no" / "file", "x", 0600);
  CHECK(ReasonOf(failed) == "STORAGE_FAILED");
}

TEST_CASE("a new server certificate comes into place only when its key fits") {
  const ScratchDirectory scratch;
  const access::RandomBytes random = access::SystemRandomBytes();
  REQUIRE(access::CertificateAuthority::CreateForTrial(scratch.path() / "ca", kNoon, random).ok());
  auto ca = access::CertificateAuthority::Load(scratch.path() / "ca", {}, kNoon, random);
  REQUIRE(ca.ok());
  TlsStore store(scratch.path() / "tls");
  const auto first = (*ca)->IssueServer({"localhost"}, {}, kNoon);
  REQUIRE(store.Install(*first).ok());
  CHECK(ReadFile(store.key()) == first->key_pem);
  CHECK(ReadFile(store.chain()) == first->chain_pem);
  CHECK(ModeOf(store.key()) == 0400);

  const auto second = (*ca)->IssueServer({"localhost"}, {}, kNoon);
  access::OwnCertificate crossed = *second;
  crossed.key_pem = first->key_pem;
  CHECK(ReasonOf(store.Install(crossed)) == "TLS_INVALID");
  CHECK(ReadFile(store.chain()) == first->chain_pem);

  access::OwnCertificate torn = *second;
  torn.chain_pem =
      torn.chain_pem.substr(0, torn.chain_pem.find("-----END")) + "-----END CERTIFICATE-----\n";
  CHECK(ReasonOf(store.Install(torn)) == "TLS_INVALID");
  access::OwnCertificate reordered = *second;
  reordered.chain_pem =
      second->chain_pem.substr(0, second->chain_pem.find("-----BEGIN", 5)) + (*ca)->root_pem();
  CHECK(ReasonOf(store.Install(reordered)) == "TLS_INVALID");

  // What somebody else puts there is proved before it is served; until then the one before is.
  CHECK(ReadFile(store.served()) == first->key_pem + first->chain_pem);
  REQUIRE_FALSE(*store.Refresh());
  const std::filesystem::path served = store.served();
  const fs::path pair = scratch.path() / "tls" / fs::read_symlink(scratch.path() / "tls/current");
  REQUIRE(WriteDurably(pair / "chain.pem", second->chain_pem, 0444).ok());
  CHECK(ReasonOf(store.Refresh().status()) == "TLS_INVALID");
  CHECK(ReadFile(served) == first->key_pem + first->chain_pem);
  REQUIRE(WriteDurably(pair / "key.pem", second->key_pem, 0400).ok());
  CHECK(*store.Refresh());
  CHECK(ReadFile(served) == second->key_pem + second->chain_pem);

  for (int i = 0; i < 5; ++i) REQUIRE(store.Install(*second).ok());
  CHECK(ReadFile(store.chain()) == second->chain_pem);
  const auto entries = std::distance(fs::directory_iterator(scratch.path() / "tls"), {});
  CHECK(entries == 3);  // two pairs and the link
}

TEST_CASE("a question to the daemon gets its sentence or its error") {
  const ScratchDirectory scratch;
  CHECK(ReasonOf(AskDaemon(scratch.path(), "check", "").status()) == "NOT_RUNNING");
  {
    const auto server = ControlServer::Start(
        scratch.path(),
        [](const std::string& verb, const std::string& argument) -> absl::StatusOr<std::string> {
          if (verb == "fail") {
            return Refuse(absl::StatusCode::kAlreadyExists, "FILE_EXISTS", "it\nis there");
          }
          return verb + ":" + argument;
        });
    REQUIRE(server.ok());
    CHECK(*AskDaemon(scratch.path(), "backup", "/a file with blanks") ==
          "backup:/a file with blanks");
    CHECK(*AskDaemon(scratch.path(), "check", "") == "check:");
    const auto failed = AskDaemon(scratch.path(), "fail", "");
    CHECK(ReasonOf(failed.status()) == "FILE_EXISTS");
    CHECK(failed.status().message() == "it is there");
  }
  CHECK(ReasonOf(AskDaemon(scratch.path(), "check", "").status()) == "NOT_RUNNING");
}

TEST_CASE("the daemon is reached under a path longer than a socket's address, and after a crash") {
  const ScratchDirectory scratch;
  const fs::path deep = scratch.path() / std::string(120, 'd');
  fs::create_directory(deep);
  const auto say = [](const std::string&, const std::string&) -> absl::StatusOr<std::string> {
    return "here";
  };
  std::ofstream(deep / "control.sock") << "left by a crash";
  const auto server = ControlServer::Start(deep, say);
  REQUIRE(server.ok());
  CHECK(*AskDaemon(deep, "check", "") == "here");
}

TEST_CASE("daily backups older than they are kept go, and nothing else") {
  const ScratchDirectory scratch;
  CHECK(DailyBackupOf("/b", {2020, 3, 12}) == "/b/daily-2020-03-12.db");
  const std::vector<std::string> stay = {"daily-2020-03-10.db",
                                         "daily-2020-03-12.db",
                                         "daily-2020-03-11.db",
                                         "daily-2020-02-30.db",
                                         "daily-.db",
                                         "weekly-2020-01-01.db",
                                         "daily-2020-01-01.db.partial",
                                         "daily-2020-01-01-mine.db",
                                         "before.db"};
  for (const std::string& name : stay) std::ofstream(scratch.path() / name) << "x";
  for (const char* name : {"daily-2020-03-08.db", "daily-2019-12-31.db"}) {
    std::ofstream(scratch.path() / name) << "x";
  }
  RemoveOldBackups(scratch.path(), {2020, 3, 12}, 2);
  const auto left = [&] {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(scratch.path())) {
      names.insert(entry.path().filename().string());
    }
    return names;
  };
  CHECK(left() == std::set<std::string>(stay.begin(), stay.end()));
  // A clock that jumps ahead stands alone with its opinion of what is old.
  RemoveOldBackups(scratch.path(), {2020, 4, 21}, 2);
  CHECK(left() == std::set<std::string>(stay.begin(), stay.end()));
}

TEST_CASE("chores run again and again, and stop at once") {
  std::atomic<int> often{0};
  std::atomic<int> rarely{0};
  Chores chores("parc-test", {{std::chrono::milliseconds(2), [&] { ++often; }},
                              {std::chrono::hours(1), [&] { ++rarely; }}});
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (often < 5 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  chores.Stop();
  const int after = often;
  CHECK(after >= 5);
  CHECK(rarely == 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(often == after);
}

TEST_CASE("the daemon is ready while its listeners answer and writes reach the disk") {
  Health health;
  CHECK(health.Ready(kNoon).message() == "the daemon is starting");
  health.SetListeners(absl::OkStatus());
  CHECK(health.Ready(kNoon).message() == "the database does not take writes");
  health.NoteCommit(kNoon);
  CHECK(health.Ready(kNoon + 30 * access::kSecond).ok());
  CHECK_FALSE(health.Ready(kNoon + 60 * access::kSecond).ok());
  health.NoteCommit(kNoon + 60 * access::kSecond);
  CHECK(health.Ready(kNoon + 60 * access::kSecond).ok());
  health.NoteFailedWrite(Refuse(absl::StatusCode::kResourceExhausted, "STORAGE_FULL", "at 4096"));
  CHECK(health.Ready(kNoon + 61 * access::kSecond).message() == "the disk is full");
  health.NoteCommit(kNoon + 62 * access::kSecond);
  CHECK(health.Ready(kNoon + 62 * access::kSecond).ok());
  health.SetListeners(absl::UnavailableError("port 8443 does not answer"));
  CHECK(health.Ready(kNoon + 60 * access::kSecond).message() == "port 8443 does not answer");
  CHECK(health.figures().failed_self_checks == 1);
}

TEST_CASE("connections fit into half of the descriptors") {
  Config config;
  config.agent_limits.total = 8192;
  config.gateway_limits.total = 64;
  config.people_limits.total = 256;
  CHECK_FALSE(FitConnections(config, 65'536));
  CHECK(config.agent_limits.total == 8192);
  CHECK(FitConnections(config, 1024));
  CHECK(config.agent_limits.total + config.gateway_limits.total + config.people_limits.total <=
        512 + 4);
  CHECK(config.gateway_limits.total == 4);
  CHECK(config.agent_limits.total > 400);
}

TEST_CASE("the command line") {
  CHECK(Parse({}).invocation.verb == Verb::kServe);
  CHECK(Parse({"check"}).invocation.verb == Verb::kCheck);
  CHECK(Parse({"config", "check"}).invocation.verb == Verb::kConfigCheck);
  CHECK(Parse({"config", "explain"}).invocation.verb == Verb::kConfigExplain);
  const Parsed backup = Parse({"backup", "/a", "--state-dir", "/s", "--config", "/c"});
  CHECK(backup.invocation.verb == Verb::kBackup);
  CHECK(backup.invocation.file == "/a");
  CHECK(backup.invocation.flags == std::map<std::string, std::string>{{"state_dir", "/s"}});
  CHECK(backup.invocation.config_file == fs::path("/c"));
  const Parsed admin =
      Parse({"--state-dir=/s", "admin", "create", "--owner", "Ada", "--token-file", "/t"});
  CHECK(admin.invocation.verb == Verb::kAdminCreate);
  CHECK(admin.invocation.owner == "Ada");
  CHECK(admin.invocation.role == "admin");
  CHECK(admin.invocation.file == "/t");
  CHECK(Parse({"--listen-agent", "127.0.0.1:0"}).invocation.flags.at("listen.agent") ==
        "127.0.0.1:0");
  CHECK(Parse({"--version"}).exit == 0);
  CHECK(Parse({"--help"}).exit == 0);
  for (const auto& wrong : std::vector<std::vector<const char*>>{
           {"serve"}, {"--colour"}, {"backup"}, {"config"}, {"admin", "create"}, {"--config"}}) {
    CHECK(Parse(wrong).exit == kExitUsage);
  }
}

TEST_CASE("what a failure ends with") {
  const auto code = [](const char* reason) {
    return ExitCodeOf(Refuse(absl::StatusCode::kUnavailable, reason, "x"));
  };
  CHECK(ExitCodeOf(absl::OkStatus()) == 0);
  for (const char* reason : {"BAD_CONFIG", "CA_INVALID"}) CHECK(code(reason) == 78);
  for (const char* reason : {"DATABASE_IN_USE", "DATABASE_TOO_NEW", "NOT_A_DATABASE",
                             "STORAGE_CORRUPT", "STORAGE_FAILED", "STORAGE_FULL"}) {
    CHECK(code(reason) == 74);
  }
  CHECK(code("LISTEN_FAILED") == 1);
  CHECK(ExitCodeOf(absl::InternalError("x")) == 1);
}

}  // namespace parc::app
