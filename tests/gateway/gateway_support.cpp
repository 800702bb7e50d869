#include "tests/gateway/gateway_support.h"

#include <openssl/err.h>
#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "daemon/access/openssl.h"
#include "daemon/access/random.h"

namespace parc::gateway {
namespace {

// The real time: real TLS stacks look at it.
std::int64_t Now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Response Plain(int status, const std::string& sentence) {
  Response response;
  response.status = status;
  response.body = sentence;
  return response;
}

Listening::Listening(Handler handler, const SessionLimits& limits)
    : sessions_(std::make_unique<Sessions>(thread_.loop(), limits, std::move(handler), Plain)) {
  auto opened = rpc::Acceptor::Open(thread_.loop(), {"127.0.0.1", 0}, {},
                                    [this](int fd, int) { sessions_->Accept(fd); });
  REQUIRE(opened.ok());
  acceptor_ = *std::move(opened);
  thread_.Run([&] { acceptor_->Start(); });
}

Listening::~Listening() { Stop(); }

void Listening::Stop() {
  if (stopped_) return;
  stopped_ = true;
  thread_.Run([&] { acceptor_->Close(); });
  thread_.Stop();
}

absl::Status Listening::UseTls(const std::string& chain_pem, const std::string& key_pem) {
  absl::Status status;
  thread_.Run([&] { status = sessions_->UseTls(chain_pem, key_pem); });
  return status;
}

void Listening::CloseAll() {
  thread_.Run([&] { sessions_->CloseAll(); });
}

std::size_t Listening::open_after(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::size_t open = 0;
  do {
    thread_.Run([&] { open = sessions_->open(); });
    if (open == 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  } while (std::chrono::steady_clock::now() < end);
  return open;
}

TrialCertificates::TrialCertificates() {
  std::string pattern = "/tmp/parc-gateway-XXXXXX";
  directory_ = mkdtemp(pattern.data());
  const access::RandomBytes random = access::SystemRandomBytes();
  REQUIRE(access::CertificateAuthority::CreateForTrial(directory_ + "/ca", Now(), random).ok());
  auto loaded = access::CertificateAuthority::Load(directory_ + "/ca", {}, Now(), random);
  REQUIRE(loaded.ok());
  ca_ = *std::move(loaded);
}

TrialCertificates::~TrialCertificates() { std::filesystem::remove_all(directory_); }

access::OwnCertificate TrialCertificates::Issue() const {
  auto issued = ca_->IssueServer({"localhost"}, {"127.0.0.1"}, Now());
  REQUIRE(issued.ok());
  return *issued;
}

TlsClient::TlsClient(std::uint16_t port, int max_version)
    : connection_(port), context_(SSL_CTX_new(TLS_client_method())), ssl_(nullptr) {
  SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_security_level(context_, 0);
  if (max_version != 0) {
    SSL_CTX_set_min_proto_version(context_, max_version);
    SSL_CTX_set_max_proto_version(context_, max_version);
  }
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, connection_.fd());
  connected_ = SSL_connect(ssl_) == 1;
  ERR_clear_error();
}

TlsClient::~TlsClient() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

int TlsClient::chain_length() const { return sk_X509_num(SSL_get_peer_cert_chain(ssl_)); }

std::string TlsClient::leaf_pem() const {
  const access::X509Ptr leaf(SSL_get1_peer_certificate(ssl_));
  return leaf == nullptr ? "" : access::CertificatePem(leaf.get());
}

void TlsClient::Send(const std::string& bytes) {
  SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
}

std::string TlsClient::ReadAll() {
  std::string all;
  char buffer[4096];
  int got = 0;
  while ((got = SSL_read(ssl_, buffer, sizeof buffer)) > 0) {
    all.append(buffer, static_cast<std::size_t>(got));
  }
  return all;
}

}  // namespace parc::gateway
