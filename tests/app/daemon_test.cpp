#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

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
#include "tests/app/ask_parcd.h"
#include "tests/app/scratch.h"
#include "tests/gateway/gateway_support.h"

// The real daemon as a process: how it starts, serves and stops.
namespace parc::app {

namespace fs = std::filesystem;

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

}  // namespace parc::app
