#include "agent/net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

bool IsAddress(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

absl::Status TlsError(std::string_view what) {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return absl::UnavailableError(
      fmt::format("{}: {}", what, reason == nullptr ? "the connection was closed" : reason));
}

}  // namespace

TlsStream::TlsStream(Descriptor fd, SSL_CTX* context)
    : fd_(std::move(fd)), context_(context), ssl_(SSL_new(context)) {}

absl::StatusOr<TlsStream> TlsStream::Handshake(Descriptor fd, const std::string& name,
                                               Deadline deadline) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) return TlsError("TLS");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  TlsStream stream(std::move(fd), context);
  SSL* ssl = stream.ssl_.get();
  if (ssl == nullptr || SSL_set_fd(ssl, stream.fd_.get()) != 1) return TlsError("TLS");
  if (!IsAddress(name)) {
    // What the macro SSL_set_tlsext_host_name does, without its C cast.
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));
  }
  for (int done = SSL_connect(ssl); done != 1; done = SSL_connect(ssl)) {
    PARC_TRY(stream.Await(done, deadline, "TLS handshake"));
  }
  return stream;
}

absl::Status TlsStream::Await(int result, Deadline deadline, std::string_view what) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return WaitReadable(fd_.get(), deadline);
    case SSL_ERROR_WANT_WRITE:
      return WaitWritable(fd_.get(), deadline);
    default:
      return TlsError(what);
  }
}

absl::Status TlsStream::Send(std::string_view bytes, Deadline deadline) {
  while (true) {
    const int sent = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (sent > 0) return absl::OkStatus();  // whole or not at all: partial writes are off
    PARC_TRY(Await(sent, deadline, "sending"));
  }
}

absl::StatusOr<std::string> TlsStream::ReceiveSome(Deadline deadline) {
  char buffer[4096];
  while (true) {
    const int got = SSL_read(ssl_.get(), buffer, sizeof buffer);
    if (got > 0) return std::string(buffer, static_cast<std::size_t>(got));
    const int error = SSL_get_error(ssl_.get(), got);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      ERR_clear_error();
      return std::string();
    }
    PARC_TRY(Await(got, deadline, "receiving"));
  }
}

absl::StatusOr<std::string> TlsStream::ReceiveAll(std::size_t limit, Deadline deadline) {
  std::string text;
  char buffer[4096];
  while (true) {
    const int got = SSL_read(ssl_.get(), buffer, sizeof buffer);
    if (got > 0) {
      if (text.size() + static_cast<std::size_t>(got) > limit) {
        return absl::ResourceExhaustedError("the answer is too long");
      }
      text.append(buffer, static_cast<std::size_t>(got));
      continue;
    }
    const int error = SSL_get_error(ssl_.get(), got);
    if (error == SSL_ERROR_ZERO_RETURN) return text;
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      ERR_clear_error();
      // A server that hangs up without saying so: its answer's own length tells whether it is
      // whole.
      return text;
    }
    PARC_TRY(Await(got, deadline, "receiving"));
  }
}

absl::Status VerifyServer(STACK_OF(X509) * chain, X509_STORE* roots, const std::string& host,
                          std::int64_t now) {
  if (chain == nullptr || sk_X509_num(chain) == 0) {
    return absl::UnauthenticatedError("the server sent no certificate");
  }
  const std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>> context(
      X509_STORE_CTX_new());
  if (context == nullptr ||
      X509_STORE_CTX_init(context.get(), roots, sk_X509_value(chain, 0), chain) != 1 ||
      X509_STORE_CTX_set_default(context.get(), "ssl_server") != 1) {
    return TlsError("verifying the server");
  }
  X509_VERIFY_PARAM* wanted = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(wanted, static_cast<time_t>(now / 1'000'000));
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int named = IsAddress(host)
                        ? X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str())
                        : X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size());
  if (named != 1) return TlsError("verifying the server's name");
  if (X509_verify_cert(context.get()) == 1) return absl::OkStatus();
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  return absl::UnauthenticatedError(fmt::format("the certificate of {} is not to be trusted: {}",
                                                host, X509_verify_cert_error_string(error)));
}

}  // namespace parc::agent
