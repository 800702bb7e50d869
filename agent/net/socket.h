#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/files/descriptor.h"

// Sockets that never wait longer than a deadline. The agent's few network steps are straight lines
// in a process that lives for a second, so they need no event loop.
namespace parc::agent {

class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds from_now)
      : at_(std::chrono::steady_clock::now() + from_now) {}
  // Milliseconds that are left; 0 when it is over.
  int left_ms() const;
  // The earlier of this and `from_now`.
  Deadline AtMost(std::chrono::milliseconds from_now) const;

 private:
  std::chrono::steady_clock::time_point at_;
};

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

// Addresses of a host, in the order to try. NOT_FOUND when there are none; DEADLINE_EXCEEDED.
using Resolver = std::function<absl::StatusOr<std::vector<Address>>(const std::string& host,
                                                                    int port, Deadline deadline)>;

// By the system's resolver, on a thread that is left behind when it does not answer in time.
absl::StatusOr<std::vector<Address>> Resolve(const std::string& host, int port, Deadline deadline);

// A connected socket that never blocks. ABORTED when the other end refused; UNAVAILABLE,
// DEADLINE_EXCEEDED.
absl::StatusOr<Descriptor> Connect(const Address& address, int type, Deadline deadline);

absl::Status WaitReadable(int fd, Deadline deadline);
absl::Status WaitWritable(int fd, Deadline deadline);
absl::Status SendAll(int fd, std::string_view bytes, Deadline deadline);
// Up to `limit` bytes; empty at the end of the stream.
absl::StatusOr<std::string> ReceiveSome(int fd, std::size_t limit, Deadline deadline);

// A TCP connection to host and port, through the HTTP CONNECT proxy "http://host:port" when one is
// given.
absl::StatusOr<Descriptor> Dial(const std::string& host, int port, const std::string& proxy,
                                Deadline deadline);

}  // namespace parc::agent
