#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace parc::testing {

inline constexpr std::chrono::milliseconds kPatience{5000};

// A blocking TCP connection to 127.0.0.1, closed with its owner. Reads give up after a while, so
// that no test hangs.
class Connection {
 public:
  // `from`: the local address, e.g. "127.0.0.2".
  explicit Connection(std::uint16_t port, const std::string& from = "127.0.0.1",
                      std::chrono::milliseconds patience = kPatience);
  ~Connection();
  Connection(Connection&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }

  bool connected() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  bool Send(const std::string& bytes);
  // All until the peer closes; what came so far when patience ends.
  std::string ReadAll();
  // Up to `count` bytes, as soon as there are any; empty at the end or when patience ends.
  std::string Read(std::size_t count);
  // Whether the peer closes within patience.
  bool ClosedByPeer();

 private:
  int fd_;
};

}  // namespace parc::testing
