#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace boost::asio {
class io_context;
}

namespace parc::rpc {

// Where a listener stands. `address` is an IP address, not a name.
struct ListenAddress {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the system picks one

  bool operator==(const ListenAddress&) const = default;
};

struct AcceptLimits {
  std::size_t total = 256;
  // Connections of one IPv4 address, or one IPv6 /64.
  std::size_t per_source = 64;
  // Whether `per_source` spares this machine itself.
  bool local_is_free = true;
  // Places beyond `total` that only this machine may take, so that a crowd does not lock the
  // daemon's own health probe out.
  std::size_t reserved_local = 4;
};

// Accepts connections on one port, and gives each to `sink` as a connected descriptor that is
// non-blocking, close-on-exec, without Nagle's delay, and gives up on a peer that acknowledges
// nothing for 30 s.
//
// Running out of descriptors is an ordinary event here, as it is not for gRPC's own listener
// (CVE-2023-4785): a reserve descriptor is given up to accept and close what waits, and whatever
// else fails is tried again 50 ms later.
//
// Nobody tells when a connection ends, since its descriptor belongs to the sink. So the open ones
// are known by descriptor and inode, and whenever a limit is met, those that are gone are swept.
//
// Lives on the thread that runs the loop, but for `port` and `Open`; destroyed when the loop runs
// no more.
class Acceptor {
 public:
  // `listener_fd` tells the sink which listener it was.
  using Sink = std::function<void(int fd, int listener_fd)>;

  // Binds and listens; connections wait until Start. UNAVAILABLE LISTEN_FAILED says which address
  // and why.
  static absl::StatusOr<std::unique_ptr<Acceptor>> Open(boost::asio::io_context& loop,
                                                        const ListenAddress& address,
                                                        const AcceptLimits& limits, Sink sink);
  ~Acceptor();
  Acceptor(Acceptor&&) = delete;

  void Start();
  // Accepts no more. The sink is not called again after this returned.
  void Close();

  // The real one.
  std::uint16_t port() const;

  struct Counters {
    std::uint64_t accepted = 0;         // handed to the sink
    std::uint64_t over_total = 0;       // closed at once: too many in all
    std::uint64_t over_per_source = 0;  // closed at once: too many of one address
    std::uint64_t shed = 0;             // closed at once: no descriptor was left
    std::uint64_t errors = 0;           // times accepting paused for 50 ms
    std::size_t open = 0;
  };
  // Sweeps first.
  Counters counters();

 private:
  struct State;
  explicit Acceptor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace parc::rpc
