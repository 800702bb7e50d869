#include "tests/agent/tls_support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <mutex>

#include "agent/files/sealed.h"
#include "agent/net/tls.h"

namespace parc::agent {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, FreeWith<X509_free>>;
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;

std::string Contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string PemOf(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return Contents(bio.get());
}

std::string KeyPemOf(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return Contents(bio.get());
}

std::string DerOf(X509* certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate, &bytes);
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

void AddExtension(X509* certificate, X509* issuer, int which, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, which, value.c_str());
  REQUIRE(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

CertificatePtr MakeCertificate(const std::string& name, EVP_PKEY* key, X509* issuer,
                               std::int64_t not_before, std::int64_t not_after) {
  static std::atomic<long> serial{1};
  CertificatePtr certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), not_before / 1'000'000);
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), not_after / 1'000'000);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(),
                       X509_get_subject_name(issuer == nullptr ? certificate.get() : issuer));
  return certificate;
}

bool IsAddress(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

}  // namespace

TestCertificate MakeSelfSigned(const std::string& name, std::int64_t not_before,
                               std::int64_t not_after) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const auto certificate = MakeCertificate(name, key.get(), nullptr, not_before, not_after);
  REQUIRE(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  return {PemOf(certificate.get()), DerOf(certificate.get()), KeyPemOf(key.get())};
}

struct TestAuthority::State {
  KeyPtr key;
  CertificatePtr root;
};

TestAuthority::TestAuthority(const std::string& name, std::int64_t now)
    : state_(std::make_unique<State>()) {
  state_->key.reset(EVP_EC_gen("P-256"));
  state_->root =
      MakeCertificate(name, state_->key.get(), nullptr, now - kOneDay, now + 3650 * kOneDay);
  AddExtension(state_->root.get(), state_->root.get(), NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(state_->root.get(), state_->root.get(), NID_key_usage, "critical,keyCertSign");
  REQUIRE(X509_sign(state_->root.get(), state_->key.get(), EVP_sha256()) > 0);
  root_.pem = PemOf(state_->root.get());
  root_.der = DerOf(state_->root.get());
}

TestAuthority::~TestAuthority() = default;

std::string TestAuthority::fingerprint() const { return Hex(Sha256(root_.der)); }

TestCertificate TestAuthority::IssueServer(const std::string& host, std::int64_t not_before,
                                           std::int64_t not_after) const {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const auto certificate =
      MakeCertificate("server", key.get(), state_->root.get(), not_before, not_after);
  AddExtension(certificate.get(), state_->root.get(), NID_subject_alt_name,
               (IsAddress(host) ? "IP:" : "DNS:") + host);
  AddExtension(certificate.get(), state_->root.get(), NID_ext_key_usage, "serverAuth");
  REQUIRE(X509_sign(certificate.get(), state_->key.get(), EVP_sha256()) > 0);
  return {PemOf(certificate.get()), DerOf(certificate.get()), KeyPemOf(key.get())};
}

std::string TestAuthority::RevocationList(std::int64_t next_update) const {
  const std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>> crl(X509_CRL_new());
  const std::unique_ptr<ASN1_TIME, FreeWith<ASN1_TIME_free>> time(
      ASN1_TIME_set(nullptr, next_update / 1'000'000));
  X509_CRL_set_version(crl.get(), 1);
  X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(state_->root.get()));
  X509_CRL_set1_lastUpdate(crl.get(), time.get());
  X509_CRL_set1_nextUpdate(crl.get(), time.get());
  REQUIRE(X509_CRL_sign(crl.get(), state_->key.get(), EVP_sha256()) > 0);
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_CRL(bio.get(), crl.get());
  return Contents(bio.get());
}

std::string TestAuthority::IssueForCsr(const std::string& csr_der, std::int64_t not_before,
                                       std::int64_t not_after) const {
  const auto* at = reinterpret_cast<const unsigned char*>(csr_der.data());
  const std::unique_ptr<X509_REQ, FreeWith<X509_REQ_free>> request(
      d2i_X509_REQ(nullptr, &at, static_cast<long>(csr_der.size())));
  if (request == nullptr ||
      X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())) != 1) {
    return {};
  }
  const auto certificate = MakeCertificate("device", X509_REQ_get0_pubkey(request.get()),
                                           state_->root.get(), not_before, not_after);
  X509_sign(certificate.get(), state_->key.get(), EVP_sha256());
  return DerOf(certificate.get());
}

struct TlsServer::State {
  std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>> context;
  std::function<std::string(const std::string&)> answer;
  int listener = -1;
  std::atomic<bool> stopping{false};
  mutable std::mutex mutex;
  std::vector<std::string> requests;
};

TlsServer::TlsServer(const std::string& chain_pem, const std::string& key_pem,
                     std::function<std::string(const std::string&)> answer)
    : state_(std::make_unique<State>()) {
  // OpenSSL writes without MSG_NOSIGNAL; both ends hang up on each other here.
  signal(SIGPIPE, SIG_IGN);
  state_->answer = std::move(answer);
  state_->context.reset(SSL_CTX_new(TLS_server_method()));
  const BioPtr chain(BIO_new_mem_buf(chain_pem.data(), static_cast<int>(chain_pem.size())));
  const CertificatePtr leaf(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  REQUIRE(SSL_CTX_use_certificate(state_->context.get(), leaf.get()) == 1);
  while (X509* more = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
    SSL_CTX_add_extra_chain_cert(state_->context.get(), more);
  }
  const BioPtr key_bio(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const KeyPtr key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  REQUIRE(SSL_CTX_use_PrivateKey(state_->context.get(), key.get()) == 1);
  state_->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(bind(state_->listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(listen(state_->listener, 16) == 0);
  getsockname(state_->listener, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this] { Serve(); });
}

TlsServer::~TlsServer() {
  state_->stopping = true;
  thread_.join();
  close(state_->listener);
}

std::vector<std::string> TlsServer::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

void TlsServer::Serve() {
  while (!state_->stopping) {
    pollfd waiting{state_->listener, POLLIN, 0};
    if (poll(&waiting, 1, 20) <= 0) continue;
    const int fd = accept4(state_->listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const timeval patience{2, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const std::unique_ptr<SSL, FreeWith<SSL_free>> ssl(SSL_new(state_->context.get()));
    SSL_set_fd(ssl.get(), fd);
    if (SSL_accept(ssl.get()) == 1) {
      std::string request;
      char buffer[4096];
      while (true) {
        const auto head = request.find("\r\n\r\n");
        const auto length = request.find("Content-Length: ");
        if (head != std::string::npos && length != std::string::npos &&
            request.size() >= head + 4 + std::stoul(request.substr(length + 16))) {
          break;
        }
        const int got = SSL_read(ssl.get(), buffer, sizeof buffer);
        if (got <= 0) break;
        request.append(buffer, static_cast<std::size_t>(got));
      }
      if (!request.empty()) {
        {
          const std::lock_guard lock(state_->mutex);
          state_->requests.push_back(request);
        }
        const std::string reply = state_->answer(request);
        if (!reply.empty()) SSL_write(ssl.get(), reply.data(), static_cast<int>(reply.size()));
        SSL_shutdown(ssl.get());
      }
    }
    close(fd);
  }
}

std::string HttpReply(int status, const std::string& body, const std::string& type) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" +
         body;
}

}  // namespace parc::agent
