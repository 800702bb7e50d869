#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace parc::agent {

inline constexpr std::int64_t kOneDay = std::int64_t{86'400} * 1'000'000;

struct TestCertificate {
  std::string pem;
  std::string der;
  std::string key_pem;
};

TestCertificate MakeSelfSigned(const std::string& name, std::int64_t not_before,
                               std::int64_t not_after);

// A root that signs, as the daemon's CA does.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name, std::int64_t now);
  ~TestAuthority();
  // For a server; `host` is a DNS name or an address.
  TestCertificate IssueServer(const std::string& host, std::int64_t not_before,
                              std::int64_t not_after) const;
  // For the key of a certificate request.
  std::string IssueForCsr(const std::string& csr_der, std::int64_t not_before,
                          std::int64_t not_after) const;
  // An empty revocation list, PEM.
  std::string RevocationList(std::int64_t next_update) const;
  const std::string& pem() const { return root_.pem; }
  // SHA-256 of the root's DER, hex.
  std::string fingerprint() const;

 private:
  struct State;
  TestCertificate root_;
  std::unique_ptr<State> state_;
};

// A TLS server on 127.0.0.1 that shows `chain_pem` (leaf first) and answers each connection's
// bytes, read until the HTTP body is whole, by what `answer` gives.
class TlsServer {
 public:
  TlsServer(const std::string& chain_pem, const std::string& key_pem,
            std::function<std::string(const std::string&)> answer);
  ~TlsServer();
  int port() const { return port_; }
  // Bytes of requests that were received, one for each connection that sent any.
  std::vector<std::string> requests() const;

 private:
  struct State;
  void Serve();
  std::unique_ptr<State> state_;
  int port_ = 0;
  std::jthread thread_;
};

// "HTTP/1.1 200 OK" with a body.
std::string HttpReply(int status, const std::string& body,
                      const std::string& type = "application/proto");

}  // namespace parc::agent
