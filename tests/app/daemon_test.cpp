#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "daemon/access/ca.h"
#include "daemon/access/random.h"
#include "daemon/app/files.h"
#include "daemon/app/tls_files.h"
#include "daemon/store/sql.h"
#include "parc/v1/people.grpc.pb.h"
#include "parc/v1/tokens.grpc.pb.h"
#include "tests/app/running_parcd.h"
#include "tests/app/scratch.h"
#include "tests/gateway/gateway_support.h"
#include "tests/gateway/sockets.h"

// The real daemon as a process: how it starts, serves, fails and stops.
namespace parc::app {
namespace {

namespace fs = std::filesystem;
using testing::Connection;

bool Holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

mode_t ModeOf(const fs::path& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0;
}

std::string Get(const Parcd& parcd, const std::string& path) {
  Connection connection(parcd.port("metrics"));
  if (!connection.Send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")) return "";
  return connection.ReadAll();
}

// Whether the API answers an authenticated call.
bool Answers(const Parcd& parcd) {
  const auto stub = v1::TokenService::NewStub(parcd.People());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  v1::Token token;
  return stub->WhoAmI(&context, {}, &token).ok() && token.role() == v1::ROLE_ADMIN;
}

grpc::Status CreateSite(v1::SiteService::Stub& stub, const std::string& code) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  v1::CreateSiteRequest request;
  request.mutable_site()->set_code(code);
  request.mutable_site()->set_display_name("Site " + code);
  request.mutable_site()->set_department("Loiret");
  v1::Site made;
  return stub.CreateSite(&context, request, &made);
}

std::set<std::string> SiteCodes(const Parcd& parcd) {
  const auto stub = v1::SiteService::NewStub(parcd.People());
  std::set<std::string> codes;
  v1::ListSitesRequest request;
  request.set_page_size(500);
  do {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    v1::ListSitesResponse response;
    const grpc::Status status = stub->ListSites(&context, request, &response);
    INFO(status.error_message());
    REQUIRE(status.ok());
    for (const v1::Site& site : response.sites()) codes.insert(site.code());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return codes;
}

int StopGently(Parcd& parcd) {
  parcd.Signal(SIGTERM);
  return parcd.Wait();
}

void ExecuteSql(const fs::path& file, const std::string& sql) {
  auto db = store::Connection::Open(file, store::Connection::Mode::kWriter);
  REQUIRE(db.ok());
  REQUIRE((*db)->Execute(sql).ok());
  REQUIRE((*db)->Checkpoint(/*truncate=*/true).ok());
}

}  // namespace

TEST_CASE("the first start makes everything and says once how to log in") {
  const ScratchDirectory scratch;
  const fs::path state = scratch.path() / "state";
  std::string token;
  {
    Parcd parcd(state);
    INFO(parcd.standard_error());
    REQUIRE(parcd.Serves());
    const std::string said = parcd.standard_output();
    CHECK(Holds(said, "parc login --server localhost:" + std::to_string(parcd.port("people")) +
                          " --ca " + state.string() + "/ca/root.pem --token-file " +
                          state.string() + "/login.token"));
    CHECK(Holds(said, "good for a trial and for nothing else"));
    token = ReadFile(state / "login.token");
    CHECK(token.substr(0, 7) == "parcP1.");
    CHECK_FALSE(Holds(said + parcd.standard_error(), token.substr(7, 20)));
    CHECK(ModeOf(state) == 0700);
    for (const char* secret : {"login.token", "parc.db", "control.sock"}) {
      INFO(secret);
      CHECK((ModeOf(state / secret) & 0077) == 0);
    }
    CHECK(ModeOf(state / "tls" / "current" / "key.pem") == 0400);
    CHECK(ModeOf(state / "ca" / "issuing.key") == 0400);
    CHECK(Answers(parcd));
    CHECK(StopGently(parcd) == 0);
    CHECK_FALSE(fs::exists(state / "control.sock"));
  }
  const std::string root = ReadFile(state / "ca" / "root.pem");
  {
    Parcd again(state);
    REQUIRE(again.Serves());
    CHECK(again.standard_output().empty());
    CHECK(ReadFile(state / "login.token") == token);
    CHECK(ReadFile(state / "ca" / "root.pem") == root);
    CHECK(Answers(again));
    CHECK(StopGently(again) == 0);
  }
}

TEST_CASE("how to log in is said until somebody has, also when the first start failed") {
  const ScratchDirectory scratch;
  const fs::path state = scratch.path() / "state";
  Parcd other(scratch.path() / "other");
  REQUIRE(other.Serves());
  const std::string taken = "127.0.0.1:" + std::to_string(other.port("metrics"));
  const Ended failed = RunParcd(state, {"--listen-metrics", taken});
  CHECK(failed.exit == 1);
  CHECK_FALSE(Holds(failed.out, "parc login"));
  for (const bool first : {true, false}) {
    Parcd parcd(state);
    REQUIRE(parcd.Serves());
    CHECK(Holds(parcd.standard_output(), "parc login --server localhost:"));
    CHECK(Holds(parcd.standard_output(), "good for a trial and for nothing else"));
    if (!first) CHECK(Answers(parcd));
    CHECK(StopGently(parcd) == 0);
  }
  Parcd parcd(state);
  REQUIRE(parcd.Serves());
  CHECK(parcd.standard_output().empty());
}

TEST_CASE("SIGTERM under load ends with 0, and everything acknowledged is there after a restart") {
  const ScratchDirectory scratch;
  const fs::path state = scratch.path() / "state";
  std::mutex mutex;
  std::set<std::string> acknowledged;
  {
    Parcd parcd(state);
    REQUIRE(parcd.Serves());
    std::atomic<bool> stop{false};
    std::vector<std::thread> clients;
    for (int client = 0; client < 6; ++client) {
      clients.emplace_back([&, client] {
        const auto stub = v1::SiteService::NewStub(parcd.People());
        for (int i = 0; !stop; ++i) {
          const std::string code = "S" + std::to_string(client) + "-" + std::to_string(i);
          if (!CreateSite(*stub, code).ok()) break;
          const std::lock_guard lock(mutex);
          acknowledged.insert(code);
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    CHECK(StopGently(parcd) == 0);
    stop = true;
    for (std::thread& client : clients) client.join();
  }
  CHECK(acknowledged.size() > 20);
  Parcd again(state);
  REQUIRE(again.Serves());
  const std::set<std::string> kept = SiteCodes(again);
  std::size_t lost = 0;
  for (const std::string& code : acknowledged) lost += kept.count(code) == 0 ? 1U : 0U;
  CHECK(lost == 0);
}

TEST_CASE("health, readiness and metrics") {
  const ScratchDirectory scratch;
  Parcd parcd(scratch.path() / "state");
  REQUIRE(parcd.Serves());
  CHECK(Holds(Get(parcd, "/healthz"), "200 OK"));
  // The first write of the probe is on its way when the daemon says that it serves.
  CHECK(Eventually([&] { return Holds(Get(parcd, "/readyz"), "200 OK"); }));
  REQUIRE(Answers(parcd));
  const std::string answer = Get(parcd, "/metrics");
  for (const char* part :
       {"parc_build_info{version=", "parc_ready_ratio 1\n", "parc_commit_batches_total",
        "parc_commit_queue_ratio 0", "parc_devices 0\n", "WhoAmI\",code=\"OK\"} 1",
        "parc_connections{listener=\"people\"}", "parc_certificate_expiry_seconds"}) {
    INFO(part);
    CHECK(Holds(answer, part));
  }
  if (std::system("command -v promtool >/dev/null") == 0) {
    std::ofstream(scratch.path() / "metrics") << answer.substr(answer.find("\r\n\r\n") + 4);
    const std::string check =
        "promtool check metrics < " + (scratch.path() / "metrics").string() + " >&2";
    CHECK(std::system(check.c_str()) == 0);
  }
}

namespace {

// What a service manager hears, on a socket of its own. Read at once: a full socket would block the
// daemon.
class NotifySocket {
 public:
  explicit NotifySocket(const fs::path& path)
      : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), path_(path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const timeval wait{.tv_sec = 0, .tv_usec = 20'000};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    thread_ = std::thread([this] { Read(); });
  }
  ~NotifySocket() {
    stop_ = true;
    thread_.join();
    close(fd_);
  }
  NotifySocket(NotifySocket&&) = delete;

  // How many messages have come that hold `part`.
  int Count(const std::string& part) {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::count_if(
        heard_.begin(), heard_.end(), [&](const std::string& text) { return Holds(text, part); }));
  }
  const std::string& path() const { return path_; }

 private:
  void Read() {
    while (!stop_) {
      char text[512];
      const ssize_t got = recv(fd_, text, sizeof text, 0);
      if (got <= 0) continue;
      const std::lock_guard lock(mutex_);
      heard_.emplace_back(text, static_cast<std::size_t>(got));
    }
  }

  int fd_;
  std::string path_;
  std::mutex mutex_;
  std::vector<std::string> heard_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace

TEST_CASE("the service manager hears of readiness, of every look at itself, and of the end") {
  const ScratchDirectory scratch;
  NotifySocket manager(scratch.path() / "notify");
  Parcd::Options options;
  options.environment = {{"NOTIFY_SOCKET", manager.path()}, {"WATCHDOG_USEC", "900000"}};
  Parcd parcd(scratch.path() / "state", options);
  REQUIRE(parcd.Serves());
  CHECK(Eventually([&] { return manager.Count("READY=1") == 1; }));
  CHECK(Eventually([&] { return manager.Count("WATCHDOG=1") >= 3; }));

  // What fits, but is of another CA: nobody trusts it, this daemon's own check included.
  const fs::path tls = parcd.state_dir() / "tls";
  const fs::path before = fs::read_symlink(tls / "current");
  const gateway::TrialCertificates strangers;
  fs::create_directory(tls / "strange");
  const auto strange = strangers.Issue();
  std::ofstream(tls / "strange" / "chain.pem") << strange.chain_pem;
  std::ofstream(tls / "strange" / "key.pem") << strange.key_pem;
  REQUIRE(PointLink(tls / "current", "strange").ok());
  CHECK(Eventually([&] { return Holds(parcd.standard_error(), "selfcheck.failed"); }));
  CHECK(Holds(Get(parcd, "/readyz"), "503"));
  const int fed = manager.Count("WATCHDOG=1");
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  CHECK(manager.Count("WATCHDOG=1") == fed);

  REQUIRE(PointLink(tls / "current", before).ok());
  CHECK(Eventually([&] { return Holds(Get(parcd, "/readyz"), "200 OK"); }));
  CHECK(Eventually([&] { return manager.Count("WATCHDOG=1") > fed; }));
  CHECK(StopGently(parcd) == 0);
  CHECK(Eventually([&] { return manager.Count("STOPPING=1") == 1; }));
}

TEST_CASE("a new certificate is served on the ports of gRPC without a restart") {
  const ScratchDirectory scratch;
  Parcd parcd(scratch.path() / "state");
  REQUIRE(parcd.Serves());
  const std::uint16_t port = parcd.port("people");
  const std::string before = gateway::TlsClient(port).leaf_pem();
  REQUIRE_FALSE(before.empty());
  const std::int64_t now = std::chrono::duration_cast<std::chrono::microseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  const auto ca = access::CertificateAuthority::Load(parcd.state_dir() / "ca", {}, now,
                                                     access::SystemRandomBytes());
  REQUIRE(ca.ok());
  const auto next = (*ca)->IssueServer({"localhost"}, {"127.0.0.1"}, now);
  REQUIRE(TlsStore(parcd.state_dir() / "tls").Install(*next).ok());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::string after = before;
  while (after == before && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    after = gateway::TlsClient(port).leaf_pem();
  }
  CHECK(after == next->chain_pem.substr(0, after.size()));
  CHECK(Answers(parcd));
}

TEST_CASE("a daemon that ran out of descriptors answers on every port when the flood ends") {
  const ScratchDirectory scratch;
  Parcd::Options options;
  options.descriptors = 120;
  Parcd parcd(scratch.path() / "state", options);
  REQUIRE(parcd.Serves());
  for (int round = 0; round < 2; ++round) {
    std::vector<Connection> flood;
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
