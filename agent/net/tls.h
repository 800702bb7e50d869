#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/net/socket.h"

namespace parc::agent {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using TrustStore = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;

// Trusts the first certificate of `pem` and nothing else; nobody when that holds none.
TrustStore TrustOnly(const std::string& pem);

// A handshake between two that know each other.
struct MutualTls {
  X509_STORE* roots = nullptr;  // which the server's certificate must lead to
  std::string chain_pem;        // shown to the server, leaf first
  std::string key_pem;
  std::string protocol;  // that the server must agree to speak, as ALPN names it
};

// TLS 1.2 or newer on a socket that never blocks.
class TlsStream {
 public:
  // `name` goes into the server name indication unless it is an address. Verifies nothing: whoever
  // makes one judges the chain before it sends.
  static absl::StatusOr<TlsStream> Handshake(Descriptor fd, const std::string& name,
                                             Deadline deadline);
  // Verifies the server as `name` before this laptop's certificate is shown to it. UNAVAILABLE when
  // it is another one, or speaks another protocol. A server of TLS 1.3 tells only afterwards that
  // it does not want this laptop: the stream ends.
  static absl::StatusOr<TlsStream> Handshake(Descriptor fd, const std::string& name,
                                             const MutualTls& terms, Deadline deadline);
  absl::Status Send(std::string_view bytes, Deadline deadline);
  // What has come; empty at the end of the stream.
  absl::StatusOr<std::string> ReceiveSome(Deadline deadline);
  // Until the other end closes. RESOURCE_EXHAUSTED above `limit`.
  absl::StatusOr<std::string> ReceiveAll(std::size_t limit, Deadline deadline);

  // What the other end sent, leaf first. May be null.
  STACK_OF(X509) * chain() const { return SSL_get_peer_cert_chain(ssl_.get()); }

 private:
  // Not yet connected; `ssl_` is null when there is no memory for one.
  TlsStream(Descriptor fd, const std::string& name);
  absl::Status Use(const MutualTls& terms, const std::string& name);
  absl::Status Connect(Deadline deadline);
  // Waits for what OpenSSL wants after `result`.
  absl::Status Await(int result, Deadline deadline, std::string_view what);

  Descriptor fd_;
  std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>> context_;
  std::unique_ptr<SSL, FreeWith<SSL_free>> ssl_;
};

// UNAUTHENTICATED with a sentence unless `chain` leads from its first certificate, which must be a
// server's and carry `host` (a name or an address), to one of `roots` at `now` (UTC microseconds).
absl::Status VerifyServer(STACK_OF(X509) * chain, X509_STORE* roots, const std::string& host,
                          std::int64_t now);

}  // namespace parc::agent
