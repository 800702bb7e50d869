#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "daemon/gateway/http.h"

namespace boost::asio {
class io_context;
}

namespace parc::gateway {

struct SessionLimits {
  std::size_t header_bytes = 8 * 1024;
  std::size_t body_bytes = 16 * 1024;
  std::chrono::milliseconds total{10'000};  // from accept to the last byte of the answer
};

// HTTP/1.1 over connections that somebody else accepted: one request each, then the connection is
// closed. What is no HTTP is answered 400, a header or body over its limit 431 or 413, and whoever
// is slow is cut off. Everything runs on the thread of the loop.
class Sessions {
 public:
  // `error_body` makes the answers to requests that never reach `handler`, from the status code and
  // a sentence.
  using ErrorAnswer = std::function<Response(int status, const std::string& sentence)>;

  Sessions(boost::asio::io_context& loop, const SessionLimits& limits, Handler handler,
           ErrorAnswer error_answer);
  ~Sessions();
  Sessions(Sessions&&) = delete;

  // From now on, new connections speak TLS (1.2 or later) with this certificate. INVALID_ARGUMENT
  // TLS_INVALID when key and chain do not fit: then the certificate before stays in force.
  absl::Status UseTls(const std::string& chain_pem, const std::string& key_pem);

  // Takes the connected, non-blocking socket `fd`.
  void Accept(int fd);

  std::size_t open() const;
  // Cuts everybody off. Sessions that wait for an answer do not get it any more.
  void CloseAll();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace parc::gateway
