#include "agent/channel/grpc_channel.h"

#include "agent/channel/grpc_wire.h"
#include "agent/net/http2.h"
#include "agent/net/socket.h"
#include "agent/net/tls.h"
#include "agent/vpn/profile.h"
#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxAnswer = 4 * 1024 * 1024;
// Of a call's time, what connecting may take: who cannot connect has time left to find out why.
constexpr std::chrono::seconds kConnectPatience{20};

class GrpcChannel : public Channel {
 public:
  GrpcChannel(const Identity& identity, std::string proxy, std::chrono::milliseconds patience)
      : identity_(identity), proxy_(std::move(proxy)), patience_(patience) {}

  absl::StatusOr<v1::CheckInResponse> CheckIn(const v1::CheckInRequest& request) override {
    return Call<v1::CheckInResponse>("CheckIn", request);
  }

  absl::StatusOr<v1::RenewCertificateResponse> Renew(
      const v1::RenewCertificateRequest& request) override {
    return Call<v1::RenewCertificateResponse>("RenewCertificate", request);
  }

 private:
  template <typename Response>
  absl::StatusOr<Response> Call(const char* method, const google::protobuf::MessageLite& request) {
    const Deadline deadline(patience_);
    const std::string path = fmt::format("/parc.v1.AgentService/{}", method);
    const std::string body = FrameMessage(request.SerializeAsString());
    PARC_ASSIGN(Http2Answer answer, Post(path, body, deadline));
    // The server has not begun with it, so it may have it once more.
    if (answer.error == NGHTTP2_REFUSED_STREAM) {
      connection_.reset();
      PARC_ASSIGN(answer, Post(path, body, deadline));
    }
    PARC_ASSIGN(const std::string message, ReadAnswer(answer));
    Response response;
    if (!response.ParseFromString(message)) {
      return absl::InternalError("the server's answer is not understood");
    }
    return response;
  }

  absl::StatusOr<Http2Answer> Post(const std::string& path, std::string_view body,
                                   Deadline deadline) {
    if (connection_ == nullptr || !connection_->is_open()) {
      if (const absl::Status connected = Connect(deadline.AtMost(kConnectPatience));
          !connected.ok()) {
        return absl::UnavailableError(std::string(connected.message()));
      }
    }
    return connection_->Post(path,
                             {{"te", "trailers"},
                              {"content-type", "application/grpc"},
                              {"grpc-timeout", fmt::format("{}m", deadline.left_ms())}},
                             body, kMaxAnswer, deadline);
  }

  absl::Status Connect(Deadline deadline) {
    const auto server = SplitHostPort(identity_.endpoint);
    if (!server) return absl::UnavailableError("the server's address is damaged");
    const TrustStore roots = TrustOnly(identity_.root_pem);
    PARC_ASSIGN(Descriptor fd, Dial(server->host, server->port, proxy_, deadline));
    PARC_ASSIGN(TlsStream stream,
                TlsStream::Handshake(std::move(fd), server->host,
                                     {roots.get(), identity_.chain_pem, identity_.key_pem, kHttp2},
                                     deadline));
    PARC_ASSIGN(connection_, Http2Connection::Open(std::move(stream), identity_.endpoint));
    return absl::OkStatus();
  }

  const Identity identity_;
  const std::string proxy_;
  const std::chrono::milliseconds patience_;
  std::unique_ptr<Http2Connection> connection_;
};

}  // namespace

std::unique_ptr<Channel> MakeGrpcChannel(const Identity& identity, const std::string& proxy,
                                         std::chrono::milliseconds patience) {
  return std::make_unique<GrpcChannel>(identity, proxy, patience);
}

}  // namespace parc::agent
