#include "agent/net/http2.h"

#include <algorithm>
#include <cstring>

#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxFieldBytes = 64 * 1024;

nghttp2_nv Field(std::string_view name, std::string_view value) {
  // nghttp2 copies both; its structure is older than const.
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

std::string_view View(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

// What nghttp2 tells of the exchange. Streams that are over are not spoken of again.
struct Http2Connection::Callbacks {
  using Made = std::unique_ptr<nghttp2_session_callbacks, FreeWith<nghttp2_session_callbacks_del>>;

  static Exchange* Of(void* self, std::int32_t stream) {
    Exchange& exchange = static_cast<Http2Connection*>(self)->exchange_;
    return exchange.stream == stream && !exchange.done ? &exchange : nullptr;
  }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                      std::uint8_t, void* self) {
    Exchange* exchange = Of(self, frame->hd.stream_id);
    if (exchange == nullptr) return 0;
    exchange->field_bytes += name_size + value_size;
    if (exchange->field_bytes > kMaxFieldBytes) {
      exchange->too_long = true;
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    exchange->answer.fields[std::string(View(name, name_size))] = View(value, value_size);
    return 0;
  }

  static int OnData(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data,
                    std::size_t size, void* self) {
    Exchange* exchange = Of(self, stream);
    if (exchange == nullptr) return 0;
    if (exchange->answer.body.size() + size > exchange->limit) {
      exchange->too_long = true;
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    exchange->answer.body += View(data, size);
    return 0;
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    // The exchange under way is still answered.
    if (frame->hd.type == NGHTTP2_GOAWAY) static_cast<Http2Connection*>(self)->open_ = false;
    return 0;
  }

  static int OnClose(nghttp2_session*, std::int32_t stream, std::uint32_t error, void* self) {
    if (Exchange* exchange = Of(self, stream)) {
      exchange->answer.error = error;
      exchange->done = true;
    }
    return 0;
  }

  static ssize_t Send(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t size,
                      std::uint32_t* flags, nghttp2_data_source* source, void*) {
    std::string_view& unsent = static_cast<Exchange*>(source->ptr)->unsent;
    const std::size_t count = std::min(size, unsent.size());
    std::memcpy(out, unsent.data(), count);
    unsent.remove_prefix(count);
    if (unsent.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  static Made Make() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) return nullptr;
    nghttp2_session_callbacks_set_on_header_callback(made, OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, OnData);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, OnFrame);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, OnClose);
    return Made(made);
  }
};

Http2Connection::Http2Connection(TlsStream stream, std::string authority)
    : stream_(std::move(stream)), authority_(std::move(authority)) {}

absl::StatusOr<std::unique_ptr<Http2Connection>> Http2Connection::Open(TlsStream stream,
                                                                       std::string authority) {
  std::unique_ptr<Http2Connection> connection(
      new Http2Connection(std::move(stream), std::move(authority)));
  const Callbacks::Made callbacks = Callbacks::Make();
  nghttp2_session* session = nullptr;
  if (callbacks == nullptr ||
      nghttp2_session_client_new(&session, callbacks.get(), connection.get()) != 0) {
    return absl::ResourceExhaustedError("there is no memory for a connection");
  }
  connection->session_.reset(session);
  const nghttp2_settings_entry no_push{NGHTTP2_SETTINGS_ENABLE_PUSH, 0};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, &no_push, 1);
  return connection;
}

absl::StatusOr<Http2Answer> Http2Connection::Post(const std::string& path, const Headers& headers,
                                                  std::string_view body, std::size_t limit,
                                                  Deadline deadline) {
  std::vector<nghttp2_nv> fields = {Field(":method", "POST"), Field(":scheme", "https"),
                                    Field(":path", path), Field(":authority", authority_)};
  for (const auto& [name, value] : headers) fields.push_back(Field(name, value));
  exchange_ = Exchange();
  exchange_.unsent = body;
  exchange_.limit = limit;
  nghttp2_data_provider source{};
  source.source.ptr = &exchange_;
  source.read_callback = Callbacks::Send;
  exchange_.stream = nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(),
                                            &source, nullptr);
  const absl::Status finished = exchange_.stream > 0
                                    ? Finish(deadline)
                                    : absl::UnavailableError(nghttp2_strerror(exchange_.stream));
  if (!finished.ok()) {
    open_ = false;
    return finished;
  }
  return std::move(exchange_.answer);
}

absl::Status Http2Connection::Finish(Deadline deadline) {
  while (true) {
    PARC_TRY(SendPending(deadline));
    if (exchange_.done) return absl::OkStatus();
    PARC_ASSIGN(const std::string bytes, stream_.ReceiveSome(deadline));
    if (bytes.empty()) return absl::UnavailableError("the server closed the connection");
    const ssize_t taken = nghttp2_session_mem_recv(
        session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (exchange_.too_long) return absl::ResourceExhaustedError("the answer is too long");
    if (taken < 0) {
      return absl::UnavailableError(
          fmt::format("the answer is not HTTP/2: {}", nghttp2_strerror(static_cast<int>(taken))));
    }
  }
}

absl::Status Http2Connection::SendPending(Deadline deadline) {
  while (true) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (size < 0) return absl::UnavailableError(nghttp2_strerror(static_cast<int>(size)));
    if (size == 0) return absl::OkStatus();
    PARC_TRY(stream_.Send(View(bytes, static_cast<std::size_t>(size)), deadline));
  }
}

}  // namespace parc::agent
