#include "daemon/rpc/acceptor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>
#include <deque>
#include <mutex>

#include "daemon/inventory/reason.h"
#include "tests/gateway/loop_thread.h"
#include "tests/gateway/sockets.h"

namespace parc::rpc {
namespace {

using testing::Connection;
using testing::LoopThread;
namespace asio = boost::asio;

// Echoes one byte at a time, and holds every connection until its peer closes it.
class Echo : public std::enable_shared_from_this<Echo> {
 public:
  Echo(asio::io_context& loop, int fd) : socket_(loop, asio::ip::tcp::v4(), fd) {}
  void Next() {
    socket_.async_read_some(asio::buffer(&byte_, 1), [self = shared_from_this()](auto error, auto) {
      if (error) return;
      self->socket_.send(asio::buffer(&self->byte_, 1));
      self->Next();
    });
  }

 private:
  asio::ip::tcp::socket socket_;
  char byte_ = 0;
};

Acceptor::Sink EchoSink(asio::io_context& loop) {
  return [&loop](int fd, int) { std::make_shared<Echo>(loop, fd)->Next(); };
}

bool Echoes(Connection& connection) {
  return connection.connected() && connection.Send("x") && connection.Read(1) == "x";
}

// Asks again on new connections until one is served: a peer's close is seen a moment later.
bool ServesWithin(std::uint16_t port, std::chrono::milliseconds limit,
                  const std::string& from = "127.0.0.1") {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    Connection connection(port, from, std::chrono::milliseconds(500));
    if (Echoes(connection)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

// An acceptor on its loop, with what it gives.
struct Echoing {
  explicit Echoing(const AcceptLimits& limits) {
    auto opened = Acceptor::Open(thread.loop(), {"127.0.0.1", 0}, limits, EchoSink(thread.loop()));
    REQUIRE(opened.ok());
    acceptor = *std::move(opened);
    thread.Run([&] { acceptor->Start(); });
  }
  ~Echoing() {
    thread.Run([&] { acceptor->Close(); });
    thread.Stop();
  }
  Acceptor::Counters Counters() {
    Acceptor::Counters counters;
    thread.Run([&] { counters = acceptor->counters(); });
    return counters;
  }

  LoopThread thread;
  std::unique_ptr<Acceptor> acceptor;
};

}  // namespace

TEST_CASE("a connection comes non-blocking, close-on-exec, without delay and with a user timeout") {
  LoopThread thread;
  std::promise<int> given;
  auto acceptor = Acceptor::Open(thread.loop(), {"127.0.0.1", 0}, {},
                                 [&](int fd, int) { given.set_value(fd); });
  REQUIRE(acceptor.ok());
  CHECK((*acceptor)->port() != 0);
  thread.Run([&] { (*acceptor)->Start(); });
  const Connection client((*acceptor)->port());
  const int fd = given.get_future().get();
  CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  int value = 0;
  socklen_t size = sizeof value;
  REQUIRE(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &size) == 0);
  CHECK(value == 1);
  REQUIRE(getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &size) == 0);
  CHECK(value == 30'000);
  close(fd);
  thread.Run([&] { (*acceptor)->Close(); });
  thread.Stop();
}

TEST_CASE("an address in use, foreign or not an address is named in the error") {
  LoopThread thread;
  const auto sink = [](int, int) {};
  auto first = Acceptor::Open(thread.loop(), {"127.0.0.1", 0}, {}, sink);
  REQUIRE(first.ok());
  for (const ListenAddress& address :
       {ListenAddress{"127.0.0.1", (*first)->port()}, ListenAddress{"203.0.113.7", 8443},
        ListenAddress{"localhost", 8443}}) {
    const auto refused = Acceptor::Open(thread.loop(), address, {}, sink);
    REQUIRE_FALSE(refused.ok());
    CHECK(ReasonOf(refused.status()) == "LISTEN_FAILED");
    CHECK(std::string(refused.status().message()).find(address.address) != std::string::npos);
  }
  thread.Stop();
}

TEST_CASE("connections beyond the total are closed at once, and places come back when others end") {
  Echoing echoing({.total = 5, .per_source = 100, .reserved_local = 0});
  std::vector<Connection> held;
  for (int i = 0; i < 5; ++i) {
    held.emplace_back(echoing.acceptor->port());
    REQUIRE(Echoes(held.back()));
  }
  Connection sixth(echoing.acceptor->port());
  CHECK(sixth.ClosedByPeer());
  CHECK(echoing.Counters().over_total == 1);
  held.pop_back();
  CHECK(ServesWithin(echoing.acceptor->port(), std::chrono::seconds(2)));
}

TEST_CASE("one address cannot take the places of others") {
  Echoing echoing({.total = 100, .per_source = 3, .local_is_free = false});
  std::vector<Connection> held;
  for (int i = 0; i < 3; ++i) {
    held.emplace_back(echoing.acceptor->port(), "127.0.0.2");
    REQUIRE(Echoes(held.back()));
  }
  Connection fourth(echoing.acceptor->port(), "127.0.0.2");
  CHECK(fourth.ClosedByPeer());
  CHECK(echoing.Counters().over_per_source == 1);
  Connection other(echoing.acceptor->port(), "127.0.0.3");
  CHECK(Echoes(other));
  held.pop_back();
  CHECK(ServesWithin(echoing.acceptor->port(), std::chrono::seconds(2), "127.0.0.2"));
}

TEST_CASE("this machine has places that a crowd cannot take") {
  Echoing echoing({.total = 2, .per_source = 100, .reserved_local = 1});
  std::vector<Connection> held;
  for (int i = 0; i < 3; ++i) {
    held.emplace_back(echoing.acceptor->port());
    CHECK(Echoes(held.back()));
  }
  Connection fourth(echoing.acceptor->port());
  CHECK(fourth.ClosedByPeer());
}

TEST_CASE("three thousand connections come and go, and none is counted for ever") {
  Echoing echoing({.total = 50, .per_source = 1000, .reserved_local = 0});
  for (int round = 0; round < 100; ++round) {
    std::vector<Connection> wave;
    for (int i = 0; i < 30; ++i) wave.emplace_back(echoing.acceptor->port());
  }
  CHECK(ServesWithin(echoing.acceptor->port(), std::chrono::seconds(2)));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (echoing.Counters().open > 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const Acceptor::Counters counters = echoing.Counters();
  CHECK(counters.open == 0);
  CHECK(counters.accepted + counters.over_total >= 3000);
}

TEST_CASE("a closed acceptor gives nothing more") {
  LoopThread thread;
  std::atomic<int> given{0};
  auto acceptor = Acceptor::Open(thread.loop(), {"127.0.0.1", 0}, {}, [&](int fd, int) {
    ++given;
    close(fd);
  });
  REQUIRE(acceptor.ok());
  const std::uint16_t port = (*acceptor)->port();
  thread.Run([&] { (*acceptor)->Start(); });
  Connection before(port);
  CHECK(before.ClosedByPeer());
  thread.Run([&] { (*acceptor)->Close(); });
  CHECK_FALSE(Connection(port).connected());
  CHECK(given == 1);
  thread.Stop();
}

namespace {

// The daemon of the flood test, in a child process that may open few descriptors. Writes its port
// to `report`, and never returns.
[[noreturn]] void ServeWithFewDescriptors(int report) {
  const rlimit few{.rlim_cur = 60, .rlim_max = 60};
  setrlimit(RLIMIT_NOFILE, &few);
  alarm(60);  // whatever happens, the child does not outlive the test
  asio::io_context loop;
  auto acceptor =
      Acceptor::Open(loop, {"127.0.0.1", 0}, {.total = 1000, .per_source = 1000}, EchoSink(loop));
  if (!acceptor.ok()) _exit(1);
  (*acceptor)->Start();
  const std::uint16_t port = (*acceptor)->port();
  if (write(report, &port, sizeof port) != sizeof port) _exit(1);
  loop.run();
  _exit(0);
}

}  // namespace

// What kills gRPC 1.51's own listener for ever: 60 descriptors, 120 idle connections, all closed.
TEST_CASE("a listener that ran out of descriptors serves again at once when the flood ends") {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) ServeWithFewDescriptors(ends[1]);
  std::uint16_t port = 0;
  REQUIRE(read(ends[0], &port, sizeof port) == sizeof port);

  for (int round = 0; round < 3; ++round) {
    std::vector<Connection> flood;
    for (int i = 0; i < 200; ++i) flood.emplace_back(port);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    // The first ones are held, the rest was shed: nobody hangs in the backlog.
    CHECK(Echoes(flood.front()));
    CHECK(flood.back().ClosedByPeer());
    flood.clear();
    CHECK(ServesWithin(port, std::chrono::seconds(2)));
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace parc::rpc
