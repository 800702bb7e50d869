#pragma once

#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/swarm/fleet.h"

// gRPC's wire format over TLS 1.3 with a client certificate, without gRPC: about 8 µs of CPU for a
// call, so that a server on the same machine gets the cores. One thread; nothing here waits.
namespace parc::swarm {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};

// What every connection of a run shares.
struct Target {
  std::string host = "localhost";  // that the server's certificate must name
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::unique_ptr<SSL_CTX, FreeSsl> tls;
  std::unique_ptr<X509, FreeSsl> issuing;  // goes with every leaf
  // How many addresses of 127.1.0.0/16 connections come from, in turn, when the server is on this
  // machine; 0: the system's choice. Servers limit connections by address.
  std::uint32_t sources = 0;
};

// `endpoint` is "host:port"; a host that is no address is looked up now.
absl::StatusOr<Target> MakeTarget(std::string_view endpoint, const std::filesystem::path& ca_pem);

// One call, owned by its caller until it was told the answer or that the connection closed.
struct Call {
  std::string_view path;    // "/parc.v1.AgentService/CheckIn"
  std::string_view device;  // non-empty: sent as `parc-bench-device`
  std::string request;      // five bytes of gRPC's prefix, then the message; see SetMessage
  std::uint64_t user = 0;   // the caller's own
  std::uint64_t tag = 0;
  std::int64_t due = 0;  // when it was to begin, by the caller's clock

  std::size_t sent = 0;
  std::string response;  // as `request`
  int status = -1;       // gRPC's; -1: none came
  std::string reason;    // of its ErrorInfo, or the message when there is none
  std::int64_t pushback_millis = -1;

  void SetMessage(std::string_view message);
  // The answer's message; empty when there is none.
  std::string_view Message() const {
    return response.size() < 5 ? std::string_view() : std::string_view(response).substr(5);
  }
};

// A link that is slower than the network between the two programs: 0 is "no slower".
struct Link {
  std::int64_t round_trip_micros = 0;
  std::int64_t bytes_per_second = 0;
};

class Connection {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void OnReady(Connection& connection) = 0;  // the handshake is done
    // May begin another call, and must not delete the connection.
    virtual void OnAnswer(Connection& connection, Call& call) = 0;
    // Closed by the server, or broken: calls in flight get no answer. May delete the connection.
    virtual void OnClosed(Connection& connection, std::string_view reason) = 0;
    // Go() should be called again at `when`, by the clock of Go.
    virtual void OnLater(Connection& connection, std::int64_t when) = 0;
  };

  // Begins to connect as the holder of `key`. `epoll` watches the socket (edges), its data being
  // this object.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Target& target, const KeySlot& key,
                                                          std::uint32_t source, int epoll,
                                                          Owner& owner);
  ~Connection();
  Connection(Connection&&) = delete;

  // Begins a call; it leaves with the next Go.
  void Start(Call& call);
  // Reads, writes, and tells the owner what came. `now` is microseconds of any steady clock.
  void Go(std::int64_t now);

  void SetLink(const Link& link) { link_ = link; }
  bool ready() const { return session_ != nullptr; }
  // No new call may begin: the server asked for another connection.
  bool leaving() const { return leaving_; }
  std::size_t calls() const { return calls_; }
  // Room for the owner's number and time of birth.
  std::uint64_t user = 0;
  std::int64_t born = 0;

 private:
  Connection(int fd, Owner& owner) : fd_(fd), owner_(owner) {}
  absl::Status BeginTls(const Target& target, const KeySlot& key);
  void MakeSession();
  bool Handshake(std::int64_t now);
  bool Read();
  bool Write(std::int64_t now);
  // Notes why; false, always.
  bool Fail(std::string_view why);
  void OnHeader(std::int32_t stream, std::string_view name, std::string_view value);
  static nghttp2_session_callbacks* Callbacks();

  const int fd_;
  Owner& owner_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::unique_ptr<nghttp2_session, FreeSsl> session_;
  std::string authority_;
  std::string out_;
  std::size_t calls_ = 0;
  bool closed_ = false;
  bool going_ = false;
  bool served_ = false;   // anything came after the handshake
  bool leaving_ = false;  // the server wants no new calls here
  std::string_view why_;
  Link link_;
  std::int64_t wait_until_ = 0;  // of a slow link
};

}  // namespace parc::swarm
