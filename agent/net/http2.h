#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/net/tls.h"

namespace parc::agent {

inline constexpr char kHttp2[] = "h2";  // as ALPN names it

struct Http2Answer {
  // Headers and trailers, names in lower case; of one that comes twice, the last.
  std::map<std::string, std::string> fields;
  std::string body;
  // Why the server ended it before it was whole, as HTTP/2 numbers errors; 0: it is whole.
  std::uint32_t error = NGHTTP2_NO_ERROR;
};

// A connection on which a client posts one request after the other and waits for each answer.
class Http2Connection {
 public:
  // `stream` has agreed on kHttp2; `authority` is the server's host:port.
  static absl::StatusOr<std::unique_ptr<Http2Connection>> Open(TlsStream stream,
                                                               std::string authority);
  Http2Connection(Http2Connection&&) = delete;

  using Headers = std::vector<std::pair<std::string, std::string>>;

  // UNAVAILABLE when the connection breaks, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED for a body of
  // more than `limit` bytes; the connection is of no more use after these.
  absl::StatusOr<Http2Answer> Post(const std::string& path, const Headers& headers,
                                   std::string_view body, std::size_t limit, Deadline deadline);

  // False once it broke or the server wants no more requests on it.
  bool is_open() const { return open_; }

 private:
  // The request that is on its way.
  struct Exchange {
    std::int32_t stream = 0;
    std::string_view unsent;
    std::size_t limit = 0;
    std::size_t field_bytes = 0;
    bool too_long = false;
    bool done = false;
    Http2Answer answer;
  };
  struct Callbacks;

  Http2Connection(TlsStream stream, std::string authority);
  absl::Status Finish(Deadline deadline);
  absl::Status SendPending(Deadline deadline);

  TlsStream stream_;
  std::string authority_;
  std::unique_ptr<nghttp2_session, FreeWith<nghttp2_session_del>> session_;
  Exchange exchange_;
  bool open_ = true;
};

}  // namespace parc::agent
