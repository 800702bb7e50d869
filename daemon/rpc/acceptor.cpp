#include "daemon/rpc/acceptor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::rpc {
namespace {

namespace asio = boost::asio;

// Connections accepted in one turn of the loop, so that a flood on one port does not starve others.
constexpr int kPerTurn = 64;
constexpr auto kPause = std::chrono::milliseconds(50);
constexpr int kUserTimeoutMillis = 30'000;
// Up to this many connections a sweep is too cheap to be counted.
constexpr std::size_t kCheapSweep = 256;
constexpr auto kSweepInterval = std::chrono::milliseconds(10);

// What counts as one source: an IPv4 address, or the /64 that one IPv6 site has.
struct Source {
  std::string key;
  bool local = false;
};

Source SourceOf(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &peer, sizeof v4);
    const auto* bytes = reinterpret_cast<const char*>(&v4.sin_addr);
    return {std::string(bytes, 4), bytes[0] == 127};
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &peer, sizeof v6);
  const auto* bytes = reinterpret_cast<const char*>(&v6.sin6_addr);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) return {std::string(bytes + 12, 4), bytes[12] == 127};
  return {std::string(bytes, 8), IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) != 0};
}

std::optional<ino_t> InodeOf(int fd) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return std::nullopt;
  return info.st_ino;
}

void SetOption(int fd, int level, int name, int value) {
  // Fails only when the peer is gone already; reading will tell.
  (void)setsockopt(fd, level, name, &value, sizeof value);
}

int OpenReserve() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

absl::Status ListenFailed(const ListenAddress& address, std::string_view why) {
  return Refuse(absl::StatusCode::kUnavailable, "LISTEN_FAILED",
                fmt::format("cannot listen on {} port {}: {}", address.address, address.port, why));
}

absl::StatusOr<asio::ip::tcp::acceptor> Listen(asio::io_context& loop,
                                               const ListenAddress& address) {
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(address.address, error);
  if (error) return ListenFailed(address, "not an IP address");
  const asio::ip::tcp::endpoint endpoint(ip, address.port);
  asio::ip::tcp::acceptor acceptor(loop);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && ip.is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.native_non_blocking(true, error);
  if (error) return ListenFailed(address, error.message());
  (void)fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  return acceptor;
}

}  // namespace

struct Acceptor::State {
  State(asio::io_context& loop, asio::ip::tcp::acceptor listening, const AcceptLimits& limits_given,
        Sink sink_given)
      : listener(std::move(listening)),
        pause(loop),
        limits(limits_given),
        sink(std::move(sink_given)),
        reserve(OpenReserve()) {}
  ~State() {
    if (reserve >= 0) close(reserve);
  }

  struct Open {
    ino_t inode;
    std::string source;
  };

  void Arm() {
    listener.async_wait(asio::socket_base::wait_read, [this](boost::system::error_code error) {
      if (!error && listener.is_open()) AcceptWaiting();
    });
  }

  void ArmLater() {
    ++counters.errors;
    pause.expires_after(kPause);
    pause.async_wait([this](boost::system::error_code error) {
      if (!error && listener.is_open()) Arm();
    });
  }

  void AcceptWaiting() {
    for (int i = 0; i < kPerTurn; ++i) {
      sockaddr_storage peer{};
      socklen_t length = sizeof peer;
      const int fd = accept4(listener.native_handle(), reinterpret_cast<sockaddr*>(&peer), &length,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) {
        Take(fd, SourceOf(peer));
        continue;
      }
      switch (errno) {
        case EAGAIN:
          return Arm();
        case EMFILE:
        case ENFILE:
          if (!ShedOne()) return ArmLater();
          continue;
        case ENOBUFS:
        case ENOMEM:
          return ArmLater();
        default:
          continue;  // this one connection died on its way (ECONNABORTED, EPROTO, EINTR …)
      }
    }
    Arm();
  }

  // Gives the reserve up to accept what waits, closes it, and takes the reserve back.
  bool ShedOne() {
    if (reserve >= 0) close(reserve);
    reserve = -1;
    const int fd = accept4(listener.native_handle(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      close(fd);
      ++counters.shed;
    }
    reserve = OpenReserve();
    return fd >= 0 && reserve >= 0;
  }

  void Take(int fd, Source source) {
    const std::optional<ino_t> inode = InodeOf(fd);
    Forget(open.find(fd));  // the system gave the number out again, so its last owner has closed it
    if (!inode || !Admit(source)) {
      close(fd);
      return;
    }
    ++per_source[source.key];
    open[fd] = {*inode, std::move(source.key)};
    SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMillis);
    ++counters.accepted;
    sink(fd, listener.native_handle());
  }

  bool Admit(const Source& source) {
    const auto over_total = [&] {
      return open.size() >= limits.total + (source.local ? limits.reserved_local : 0);
    };
    const auto over_source = [&] {
      const auto found = per_source.find(source.key);
      if (source.local && limits.local_is_free) return false;
      return found != per_source.end() && found->second >= limits.per_source;
    };
    if ((over_total() || over_source()) && MaySweep()) Sweep();
    if (over_source()) {
      ++counters.over_per_source;
      return false;
    }
    if (over_total()) {
      ++counters.over_total;
      return false;
    }
    return true;
  }

  // A flood at the limit must not buy a sweep of thousands with every connection.
  bool MaySweep() const {
    return open.size() <= kCheapSweep ||
           std::chrono::steady_clock::now() - last_sweep >= kSweepInterval;
  }

  void Sweep() {
    last_sweep = std::chrono::steady_clock::now();
    for (auto at = open.begin(); at != open.end();) {
      at = InodeOf(at->first) == at->second.inode ? std::next(at) : Forget(at);
    }
  }

  std::unordered_map<int, Open>::iterator Forget(std::unordered_map<int, Open>::iterator at) {
    if (at == open.end()) return at;
    const auto source = per_source.find(at->second.source);
    if (source != per_source.end() && --source->second == 0) per_source.erase(source);
    return open.erase(at);
  }

  asio::ip::tcp::acceptor listener;
  asio::steady_timer pause;
  const AcceptLimits limits;
  const Sink sink;
  int reserve;
  std::unordered_map<int, Open> open;  // by descriptor
  std::unordered_map<std::string, std::size_t> per_source;
  std::chrono::steady_clock::time_point last_sweep{};
  std::uint16_t port = 0;
  Counters counters;
};

absl::StatusOr<std::unique_ptr<Acceptor>> Acceptor::Open(asio::io_context& loop,
                                                         const ListenAddress& address,
                                                         const AcceptLimits& limits, Sink sink) {
  PARC_ASSIGN(asio::ip::tcp::acceptor listener, Listen(loop, address));
  boost::system::error_code error;
  const auto local = listener.local_endpoint(error);
  if (error) return ListenFailed(address, error.message());
  auto state = std::make_unique<State>(loop, std::move(listener), limits, std::move(sink));
  state->port = local.port();
  return std::unique_ptr<Acceptor>(new Acceptor(std::move(state)));
}

Acceptor::Acceptor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Acceptor::~Acceptor() = default;

void Acceptor::Start() { state_->Arm(); }

void Acceptor::Close() {
  boost::system::error_code ignored;
  state_->listener.close(ignored);
  state_->pause.cancel();
}

std::uint16_t Acceptor::port() const { return state_->port; }

Acceptor::Counters Acceptor::counters() {
  state_->Sweep();
  Counters counters = state_->counters;
  counters.open = state_->open.size();
  return counters;
}

}  // namespace parc::rpc
