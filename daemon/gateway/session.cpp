#include "daemon/gateway/session.h"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <unordered_set>
#include <utility>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"

// The only file that includes Beast, and of Beast only the parser: reading and writing are Asio's,
// so that TLS and plain connections share one code path, and the file compiles in seconds.
namespace parc::gateway {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

// After the answer, what the peer still sends is read and dropped for so long: closing a socket
// with unread bytes resets the connection, and the answer with it.
constexpr auto kLinger = std::chrono::milliseconds(500);

std::string Format(const Response& response, bool with_body) {
  const auto reason = http::obsolete_reason(http::int_to_status(unsigned(response.status)));
  std::string text = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\nConnection: close\r\n",
      response.status, std::string_view(reason.data(), reason.size()), response.content_type,
      response.body.size());
  if (!response.allow.empty()) text += fmt::format("Allow: {}\r\n", response.allow);
  if (response.retry_after > 0) text += fmt::format("Retry-After: {}\r\n", response.retry_after);
  text += "\r\n";
  if (with_body) text += response.body;
  return text;
}

int StatusOf(error_code error) {
  if (error == http::error::body_limit) return 413;
  if (error == http::error::header_limit) return 431;
  return 400;
}

std::string_view SentenceOf(int status) {
  switch (status) {
    case 413:
      return "the body is too large";
    case 431:
      return "the header is too large";
    default:
      return "this is not a valid HTTP request";
  }
}

// Kept alive by its timer, which runs from the first byte to the last.
class Session : public std::enable_shared_from_this<Session> {
 public:
  // `forget` is called when the session ends.
  Session(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> tls,
          const SessionLimits& limits, std::function<void(Session*)> forget)
      : socket_(std::move(socket)),
        tls_(std::move(tls)),
        timer_(socket_.get_executor()),
        limits_(limits),
        forget_(std::move(forget)) {
    if (tls_) stream_.emplace(socket_, *tls_);
    parser_.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser_.body_limit(limits.body_bytes);
    parser_.eager(true);
  }
  ~Session() { forget_(this); }
  Session(Session&&) = delete;

  void Start(Handler handler, Sessions::ErrorAnswer error_answer) {
    handler_ = std::move(handler);
    error_answer_ = std::move(error_answer);
    timer_.expires_after(limits_.total);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->Cut();
    });
    if (!stream_) return Read();
    stream_->async_handshake(
        asio::ssl::stream_base::server,
        [self = shared_from_this()](error_code error) { error ? self->End() : self->Read(); });
  }

  void End() {
    timer_.cancel();
    Cut();
  }

 private:
  void Cut() {
    error_code ignored;
    socket_.close(ignored);
  }

  template <typename Callback>
  void ReadSome(asio::mutable_buffer buffer, Callback callback) {
    if (stream_) return stream_->async_read_some(buffer, std::move(callback));
    socket_.async_read_some(buffer, std::move(callback));
  }

  void Read() {
    ReadSome(asio::buffer(buffer_),
             [self = shared_from_this()](error_code error, std::size_t count) {
               self->Parse(error, count);
             });
  }

  void Parse(error_code error, std::size_t count) {
    if (error) return End();  // gone, or cut off: there is nobody to tell
    pending_.append(buffer_.data(), count);
    error_code wrong;
    while (!pending_.empty() && !parser_.is_done()) {
      const std::size_t used = parser_.put(asio::buffer(pending_), wrong);
      pending_.erase(0, used);
      if (wrong == http::error::need_more) {
        wrong = {};
        break;
      }
      if (wrong) break;
    }
    if (wrong) {
      const int status = StatusOf(wrong);
      return Answer(error_answer_(status, std::string(SentenceOf(status))));
    }
    if (parser_.is_done()) return Handle();
    Read();
  }

  void Handle() {
    auto& message = parser_.get();
    const auto text = [](auto view) { return std::string(view.data(), view.size()); };
    Request request;
    request.method = text(message.method_string());
    request.target = text(message.target());
    request.content_type = text(message[http::field::content_type]);
    request.body = std::move(message.body());
    error_code error;
    const auto peer = socket_.remote_endpoint(error);
    if (!error) request.source = peer.address().to_string();
    with_body_ = request.method != "HEAD";
    // The answer may come on any thread, the session lives on the loop's: nothing but the loop may
    // hold it.
    const Handler handler = std::move(handler_);
    handler(std::move(request),
            [weak = weak_from_this(), executor = socket_.get_executor()](Response response) {
              asio::post(executor, [weak, response = std::move(response)]() mutable {
                if (const auto self = weak.lock()) self->Answer(std::move(response));
              });
            });
  }

  void Answer(Response response) {
    answer_ = Format(response, with_body_);
    const auto written = [self = shared_from_this()](error_code error, std::size_t) {
      error ? self->End() : self->Finish();
    };
    if (stream_) return asio::async_write(*stream_, asio::buffer(answer_), written);
    asio::async_write(socket_, asio::buffer(answer_), written);
  }

  void Finish() {
    timer_.expires_after(kLinger);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->Cut();
    });
    if (!stream_) return Drain();
    stream_->async_shutdown([self = shared_from_this()](error_code) { self->Drain(); });
  }

  void Drain() {
    error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (!error) return self->Drain();
                              self->End();
                            });
  }

  asio::ip::tcp::socket socket_;
  std::shared_ptr<asio::ssl::context> tls_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> stream_;
  asio::steady_timer timer_;
  const SessionLimits limits_;
  std::function<void(Session*)> forget_;
  Handler handler_;
  Sessions::ErrorAnswer error_answer_;
  http::request_parser<http::string_body> parser_;
  std::array<char, 4096> buffer_{};
  std::string pending_;
  std::string answer_;
  bool with_body_ = true;
};

absl::Status TlsInvalid(const error_code& error) {
  return Refuse(absl::StatusCode::kInvalidArgument, "TLS_INVALID",
                fmt::format("the server's certificate cannot be used: {}", error.message()));
}

}  // namespace

struct Sessions::State {
  asio::io_context& loop;
  SessionLimits limits;
  Handler handler;
  ErrorAnswer error_answer;
  std::shared_ptr<asio::ssl::context> tls;  // of new connections; null: plain HTTP
  std::unordered_set<Session*> sessions;
};

Sessions::Sessions(asio::io_context& loop, const SessionLimits& limits, Handler handler,
                   ErrorAnswer error_answer)
    : state_(new State{loop, limits, std::move(handler), std::move(error_answer), nullptr, {}}) {}

Sessions::~Sessions() = default;

absl::Status Sessions::UseTls(const std::string& chain_pem, const std::string& key_pem) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  // No tickets: nobody comes back within one request.
  SSL_CTX_set_options(native, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  error_code error;
  context->use_certificate_chain(asio::buffer(chain_pem), error);
  if (error) return TlsInvalid(error);
  // Also proves that the key is the certificate's.
  context->use_private_key(asio::buffer(key_pem), asio::ssl::context::pem, error);
  if (error) return TlsInvalid(error);
  state_->tls = std::move(context);
  return absl::OkStatus();
}

void Sessions::Accept(int fd) {
  sockaddr_storage local{};
  socklen_t length = sizeof local;
  const bool known = getsockname(fd, reinterpret_cast<sockaddr*>(&local), &length) == 0;
  const auto protocol = local.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
  asio::ip::tcp::socket socket(state_->loop);
  error_code error;
  if (known) socket.assign(protocol, fd, error);
  if (!known || error) {
    close(fd);
    return;
  }
  const auto session =
      std::make_shared<Session>(std::move(socket), state_->tls, state_->limits,
                                [state = state_](Session* self) { state->sessions.erase(self); });
  state_->sessions.insert(session.get());
  session->Start(state_->handler, state_->error_answer);
}

std::size_t Sessions::open() const { return state_->sessions.size(); }

void Sessions::CloseAll() {
  for (Session* session : state_->sessions) session->End();
}

}  // namespace parc::gateway
