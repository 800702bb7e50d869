#include "agent/net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, FreeWith<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;

bool IsAddress(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// Only a certificate that carries `host`, a name or an address, will do.
bool RequireName(X509_VERIFY_PARAM* wanted, const std::string& host) {
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return (IsAddress(host) ? X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str())
                          : X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size())) == 1;
}

absl::Status TlsError(std::string_view what) {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return absl::UnavailableError(
      fmt::format("{}: {}", what, reason == nullptr ? "the connection was closed" : reason));
}

}  // namespace

TrustStore TrustOnly(const std::string& pem) {
  TrustStore store(X509_STORE_new());
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const CertificatePtr root(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (root != nullptr) X509_STORE_add_cert(store.get(), root.get());
  ERR_clear_error();
  return store;
}

TlsStream::TlsStream(Descriptor fd, const std::string& name)
    : fd_(std::move(fd)), context_(SSL_CTX_new(TLS_client_method())) {
  if (context_ == nullptr) return;
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
  ssl_.reset(SSL_new(context_.get()));
  if (ssl_ == nullptr || IsAddress(name)) return;
  // What the macro SSL_set_tlsext_host_name does, without its C cast.
  SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(name.c_str()));
}

absl::StatusOr<TlsStream> TlsStream::Handshake(Descriptor fd, const std::string& name,
                                               Deadline deadline) {
  TlsStream stream(std::move(fd), name);
  PARC_TRY(stream.Connect(deadline));
  return stream;
}

absl::StatusOr<TlsStream> TlsStream::Handshake(Descriptor fd, const std::string& name,
                                               const MutualTls& terms, Deadline deadline) {
  TlsStream stream(std::move(fd), name);
  PARC_TRY(stream.Use(terms, name));
  PARC_TRY(stream.Connect(deadline));
  const unsigned char* agreed = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(stream.ssl_.get(), &agreed, &size);
  if (std::string_view(reinterpret_cast<const char*>(agreed), size) != terms.protocol) {
    return absl::UnavailableError(fmt::format("{} does not speak {}", name, terms.protocol));
  }
  return stream;
}

absl::Status TlsStream::Use(const MutualTls& terms, const std::string& name) {
  SSL* ssl = ssl_.get();
  if (ssl == nullptr) return TlsError("TLS");
  const std::string protocols = static_cast<char>(terms.protocol.size()) + terms.protocol;
  if (SSL_set1_verify_cert_store(ssl, terms.roots) != 1 ||
      !RequireName(SSL_get0_param(ssl), name) ||
      SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(protocols.data()),
                          static_cast<unsigned>(protocols.size())) != 0) {
    return TlsError("TLS");
  }
  SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  const BioPtr chain(
      BIO_new_mem_buf(terms.chain_pem.data(), static_cast<int>(terms.chain_pem.size())));
  const BioPtr key_text(
      BIO_new_mem_buf(terms.key_pem.data(), static_cast<int>(terms.key_pem.size())));
  const CertificatePtr leaf(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  const KeyPtr key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
  if (leaf == nullptr || key == nullptr || SSL_use_certificate(ssl, leaf.get()) != 1 ||
      SSL_use_PrivateKey(ssl, key.get()) != 1) {
    return TlsError("the certificate of this laptop cannot be used");
  }
  while (const CertificatePtr issuer{PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)}) {
    SSL_add1_chain_cert(ssl, issuer.get());
  }
  ERR_clear_error();  // the end of the chain
  return absl::OkStatus();
}

absl::Status TlsStream::Connect(Deadline deadline) {
  SSL* ssl = ssl_.get();
  if (ssl == nullptr || SSL_set_fd(ssl, fd_.get()) != 1) return TlsError("TLS");
  for (int done = SSL_connect(ssl); done != 1; done = SSL_connect(ssl)) {
    PARC_TRY(Await(done, deadline, "TLS handshake"));
  }
  return absl::OkStatus();
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
  if (!RequireName(wanted, host)) return TlsError("verifying the server's name");
  if (X509_verify_cert(context.get()) == 1) return absl::OkStatus();
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  return absl::UnauthenticatedError(fmt::format("the certificate of {} is not to be trusted: {}",
                                                host, X509_verify_cert_error_string(error)));
}

}  // namespace parc::agent
