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

// TLS 1.2 or newer on a socket that never blocks. The handshake verifies nothing: whoever makes one
// judges the chain before it sends.
class TlsStream {
 public:
  // `name` goes into the server name indication unless it is an address.
  static absl::StatusOr<TlsStream> Handshake(Descriptor fd, const std::string& name,
                                             Deadline deadline);
  absl::Status Send(std::string_view bytes, Deadline deadline);
  // What has come; empty at the end of the stream.
  absl::StatusOr<std::string> ReceiveSome(Deadline deadline);
  // Until the other end closes. RESOURCE_EXHAUSTED above `limit`.
  absl::StatusOr<std::string> ReceiveAll(std::size_t limit, Deadline deadline);

  // What the other end sent, leaf first. May be null.
  STACK_OF(X509) * chain() const { return SSL_get_peer_cert_chain(ssl_.get()); }

 private:
  TlsStream(Descriptor fd, SSL_CTX* context);
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
