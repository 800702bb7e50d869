#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <string>

#include "daemon/access/ca.h"
#include "daemon/gateway/http.h"
#include "daemon/gateway/session.h"
#include "daemon/rpc/acceptor.h"
#include "tests/gateway/loop_thread.h"
#include "tests/gateway/sockets.h"

namespace parc::gateway {

// An answer of one sentence.
Response Plain(int status, const std::string& sentence);

// Sessions behind an acceptor on a loop of their own.
class Listening {
 public:
  explicit Listening(Handler handler, const SessionLimits& limits = {});
  ~Listening();

  std::uint16_t port() const { return acceptor_->port(); }
  absl::Status UseTls(const std::string& chain_pem, const std::string& key_pem);
  void CloseAll();
  // Ends the loop's thread.
  void Stop();
  // How many sessions are open once all have ended, or `limit` is over.
  std::size_t open_after(std::chrono::milliseconds limit);

 private:
  testing::LoopThread thread_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<rpc::Acceptor> acceptor_;
  bool stopped_ = false;
};

// A trial CA in a directory that goes away, and server certificates of it.
class TrialCertificates {
 public:
  TrialCertificates();
  ~TrialCertificates();
  TrialCertificates(TrialCertificates&&) = delete;
  access::OwnCertificate Issue() const;
  const std::string& root_pem() const { return ca_->root_pem(); }

 private:
  std::string directory_;
  std::unique_ptr<access::CertificateAuthority> ca_;
};

// A TLS client that verifies nothing: the tests look at what the server shows.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, int max_version = 0);
  ~TlsClient();
  TlsClient(TlsClient&&) = delete;

  bool connected() const { return connected_; }
  int chain_length() const;
  std::string leaf_pem() const;
  void Send(const std::string& bytes);
  std::string ReadAll();

 private:
  testing::Connection connection_;
  SSL_CTX* context_;
  SSL* ssl_;
  bool connected_ = false;
};

}  // namespace parc::gateway
