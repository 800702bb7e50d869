#include "tests/bench/swarm/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <vector>

#include "absl/strings/escaping.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace parc::swarm {
namespace {

constexpr std::size_t kChunk = 16'384;
constexpr std::size_t kSlowChunk = 256;

absl::Status TlsError(std::string_view what) {
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof(text));
  ERR_clear_error();
  return absl::InternalError(fmt::format("{}: {}", what, text));
}

nghttp2_nv Header(std::string_view name, std::string_view value) {
  // nghttp2 copies both; its structure is older than const.
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

// The reason of the ErrorInfo in a serialised google.rpc.Status; empty when there is none.
std::string ReasonIn(std::string_view base64) {
  std::string bytes;
  google::rpc::Status status;
  if (!absl::Base64Unescape({base64.data(), base64.size()}, &bytes) ||
      !status.ParseFromString(bytes))
    return {};
  for (const auto& detail : status.details()) {
    google::rpc::ErrorInfo info;
    if (detail.Is<google::rpc::ErrorInfo>() && detail.UnpackTo(&info)) return info.reason();
  }
  return {};
}

ssize_t ReadRequest(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t size,
                    std::uint32_t* flags, nghttp2_data_source* source, void*) {
  Call& call = *static_cast<Call*>(source->ptr);
  const std::size_t count = std::min(size, call.request.size() - call.sent);
  std::memcpy(out, call.request.data() + call.sent, count);
  call.sent += count;
  if (call.sent == call.request.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

int Socket(const Target& target, std::uint32_t source) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (target.sources > 0 && target.address.rfind("127.", 0) == 0) {
    // The port is chosen at connect(), by the pair of addresses: 28,000 for each source.
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    sockaddr_in from{};
    from.sin_family = AF_INET;
    const std::uint32_t host = source % target.sources;
    from.sin_addr.s_addr = htonl(0x7F010000u + (host / 250 << 8) + host % 250 + 1);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof(from)) != 0) {
      close(fd);
      return -1;
    }
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(target.port);
  inet_pton(AF_INET, target.address.c_str(), &to.sin_addr);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0 &&
      errno != EINPROGRESS) {
    close(fd);
    return -1;
  }
  return fd;
}

}  // namespace

absl::StatusOr<Target> MakeTarget(std::string_view endpoint, const std::filesystem::path& ca_pem) {
  Target target;
  const std::size_t colon = endpoint.rfind(':');
  const std::string_view port = colon == std::string_view::npos ? "" : endpoint.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), target.port);
  if (port.empty() || error != std::errc() || end != port.data() + port.size()) {
    return absl::InvalidArgumentError(fmt::format("{}: not host:port", endpoint));
  }
  target.host = endpoint.substr(0, colon);
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int failed = getaddrinfo(target.host.c_str(), nullptr, &hints, &found); failed != 0) {
    return absl::NotFoundError(fmt::format("{}: {}", target.host, gai_strerror(failed)));
  }
  char address[INET_ADDRSTRLEN] = "";
  inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(found->ai_addr)->sin_addr, address,
            sizeof(address));
  freeaddrinfo(found);
  target.address = address;
  target.tls.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* tls = target.tls.get();
  if (tls == nullptr || SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) != 1 ||
      SSL_CTX_load_verify_file(tls, ca_pem.c_str()) != 1) {
    return TlsError(ca_pem.string());
  }
  SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);  // agents make full handshakes
  // The issuing CA is the second of the file.
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> file(BIO_new_file(ca_pem.c_str(), "r"),
                                                           BIO_free_all);
  if (file != nullptr) X509_free(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
  if (file != nullptr)
    target.issuing.reset(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
  if (target.issuing == nullptr) return TlsError(ca_pem.string());
  return target;
}

void Call::SetMessage(std::string_view message) {
  request.clear();
  request.push_back(0);  // not compressed
  for (const int shift : {24, 16, 8, 0})
    request.push_back(static_cast<char>(message.size() >> shift));
  request.append(message);
  sent = 0;
  response.clear();
  status = -1;
  reason.clear();
  pushback_millis = -1;
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Target& target,
                                                             const KeySlot& key,
                                                             std::uint32_t source, int epoll,
                                                             Owner& owner) {
  const int fd = Socket(target, source);
  if (fd < 0) return absl::ErrnoToStatus(errno, "connecting");
  std::unique_ptr<Connection> connection(new Connection(fd, owner));
  PARC_TRY(connection->BeginTls(target, key));
  connection->authority_ = fmt::format("{}:{}", target.host, target.port);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = connection.get();
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
    return absl::ErrnoToStatus(errno, "epoll_ctl");
  return connection;
}

Connection::~Connection() {
  if (!closed_ && ready()) SSL_shutdown(ssl_.get());
  close(fd_);
}

absl::Status Connection::BeginTls(const Target& target, const KeySlot& key) {
  ssl_.reset(SSL_new(target.tls.get()));
  const std::uint8_t* der = key.key().data();
  const std::unique_ptr<EVP_PKEY, FreeSsl> private_key(
      d2i_AutoPrivateKey(nullptr, &der, static_cast<long>(key.key().size())));
  static constexpr std::uint8_t kH2[] = {2, 'h', '2'};
  SSL* ssl = ssl_.get();
  if (ssl == nullptr || private_key == nullptr ||
      SSL_use_certificate_ASN1(ssl, key.certificate().data(),
                               static_cast<int>(key.certificate().size())) != 1 ||
      SSL_use_PrivateKey(ssl, private_key.get()) != 1 ||
      SSL_add1_chain_cert(ssl, target.issuing.get()) != 1 ||
      SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(target.host.c_str())) != 1 ||
      SSL_set1_host(ssl, target.host.c_str()) != 1 ||
      SSL_set_alpn_protos(ssl, kH2, sizeof(kH2)) != 0 || SSL_set_fd(ssl, fd_) != 1) {
    return TlsError("preparing TLS");
  }
  SSL_set_connect_state(ssl);
  return absl::OkStatus();
}

nghttp2_session_callbacks* Connection::Callbacks() {
  static nghttp2_session_callbacks* const callbacks = [] {
    nghttp2_session_callbacks* made = nullptr;
    nghttp2_session_callbacks_new(&made);
    nghttp2_session_callbacks_set_on_header_callback(
        made, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                 std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                 std::uint8_t, void* self) {
          static_cast<Connection*>(self)->OnHeader(
              frame->hd.stream_id, {reinterpret_cast<const char*>(name), name_size},
              {reinterpret_cast<const char*>(value), value_size});
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        made, [](nghttp2_session* session, std::uint8_t, std::int32_t stream,
                 const std::uint8_t* data, std::size_t size, void*) {
          auto* call = static_cast<Call*>(nghttp2_session_get_stream_user_data(session, stream));
          if (call != nullptr) call->response.append(reinterpret_cast<const char*>(data), size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        made, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
          auto* connection = static_cast<Connection*>(self);
          connection->served_ = true;
          if (frame->hd.type == NGHTTP2_GOAWAY) connection->leaving_ = true;
          return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        made, [](nghttp2_session* session, std::int32_t stream, std::uint32_t error, void* self) {
          auto* connection = static_cast<Connection*>(self);
          auto* call = static_cast<Call*>(nghttp2_session_get_stream_user_data(session, stream));
          --connection->calls_;
          if (call == nullptr) return 0;
          if (call->status < 0) call->reason = fmt::format("RST_STREAM_{}", error);
          connection->owner_.OnAnswer(*connection, *call);
          return 0;
        });
    return made;
  }();
  return callbacks;
}

void Connection::MakeSession() {
  nghttp2_option* options = nullptr;
  nghttp2_option_new(&options);
  // Small tables: there may be thousands of sessions, and headers repeat from the second call on.
  nghttp2_option_set_max_deflate_dynamic_table_size(options, 1024);
  nghttp2_session* session = nullptr;
  nghttp2_session_client_new2(&session, Callbacks(), this, options);
  nghttp2_option_del(options);
  session_.reset(session);
  constexpr nghttp2_settings_entry kSettings[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
                                                  {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 1024}};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, kSettings, std::size(kSettings));
}

void Connection::Start(Call& call) {
  assert(ready());
  std::vector<nghttp2_nv> headers = {
      Header(":method", "POST"),        Header(":scheme", "https"),
      Header(":path", call.path),       Header(":authority", authority_),
      Header("te", "trailers"),         Header("content-type", "application/grpc"),
      Header("grpc-timeout", "30000m"),
  };
  if (!call.device.empty()) {
    headers.push_back(Header("parc-bench-device", call.device));
    headers.back().flags = NGHTTP2_NV_FLAG_NO_INDEX;
  }
  nghttp2_data_provider body{};
  body.source.ptr = &call;
  body.read_callback = ReadRequest;
  const std::int32_t stream =
      nghttp2_submit_request(session_.get(), nullptr, headers.data(), headers.size(), &body, &call);
  if (stream > 0) ++calls_;
  // Below zero only without memory, or after 2^30 calls on one connection.
  assert(stream > 0);
}

void Connection::OnHeader(std::int32_t stream, std::string_view name, std::string_view value) {
  if (!name.starts_with("grpc-")) return;
  auto* call = static_cast<Call*>(nghttp2_session_get_stream_user_data(session_.get(), stream));
  if (call == nullptr) return;
  const auto number = [value](auto& out) {
    std::from_chars(value.data(), value.data() + value.size(), out);
  };
  if (name == "grpc-status") {
    number(call->status);
  } else if (name == "grpc-message") {
    if (call->reason.empty()) call->reason = value;
  } else if (name == "grpc-status-details-bin") {
    if (std::string reason = ReasonIn(value); !reason.empty()) call->reason = std::move(reason);
  } else if (name == "grpc-retry-pushback-ms") {
    number(call->pushback_millis);
  }
}

void Connection::Go(std::int64_t now) {
  if (closed_ || going_) return;
  if (now < wait_until_) return owner_.OnLater(*this, wait_until_);
  going_ = true;
  const bool open = (ready() || Handshake(now)) && (!ready() || (Read() && Write(now)));
  going_ = false;
  if (!open) {
    closed_ = true;
    owner_.OnClosed(*this, why_);  // may delete this
  }
}

bool Connection::Fail(std::string_view why) {
  ERR_clear_error();  // else the next connection's calls would find it
  why_ = why;
  return false;
}

bool Connection::Handshake(std::int64_t now) {
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    MakeSession();
    owner_.OnReady(*this);
    return true;
  }
  const int error = SSL_get_error(ssl_.get(), result);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
    return Fail("handshake failed");
  if (link_.round_trip_micros > 0) {
    wait_until_ = now + link_.round_trip_micros;
    owner_.OnLater(*this, wait_until_);
  }
  return true;
}

bool Connection::Read() {
  std::uint8_t buffer[kChunk];
  for (;;) {
    const int count = SSL_read(ssl_.get(), buffer, sizeof(buffer));
    if (count > 0) {
      if (nghttp2_session_mem_recv(session_.get(), buffer, static_cast<std::size_t>(count)) < 0) {
        return Fail("HTTP/2 error");
      }
      continue;
    }
    switch (SSL_get_error(ssl_.get(), count)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return true;
      case SSL_ERROR_ZERO_RETURN:
        return Fail("closed by the server");
      default:
        // In TLS 1.3 a server refuses a certificate after the client believes the handshake done.
        return Fail(served_ ? "connection lost" : "refused after the handshake");
    }
  }
}

bool Connection::Write(std::int64_t now) {
  for (;;) {
    while (out_.size() < kChunk) {
      const std::uint8_t* bytes = nullptr;
      const ssize_t count = nghttp2_session_mem_send(session_.get(), &bytes);
      if (count < 0) return Fail("HTTP/2 error");
      if (count == 0) break;
      out_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
    }
    if (out_.empty()) return true;
    const bool slow = link_.bytes_per_second > 0;
    const std::size_t most = slow ? std::min(out_.size(), kSlowChunk) : out_.size();
    const int count = SSL_write(ssl_.get(), out_.data(), static_cast<int>(most));
    if (count <= 0) {
      const int error = SSL_get_error(ssl_.get(), count);
      return error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ ||
             Fail("connection lost");
    }
    out_.erase(0, static_cast<std::size_t>(count));
    if (slow && !out_.empty()) {
      wait_until_ = now + count * std::int64_t{1'000'000} / link_.bytes_per_second;
      owner_.OnLater(*this, wait_until_);
      return true;
    }
  }
}

}  // namespace parc::swarm
