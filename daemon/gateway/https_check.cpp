#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "daemon/gateway/self_check.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::gateway {
namespace {

absl::Status NoAnswer(const SelfCheckTarget& target, std::string_view why) {
  ERR_clear_error();
  return absl::UnavailableError(fmt::format("port {} does not answer: {}", target.port, why));
}

// A blocking socket whose every step ends within `timeout`.
absl::StatusOr<int> Connect(const SelfCheckTarget& target, std::chrono::milliseconds timeout) {
  sockaddr_storage address{};
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
  socklen_t length = sizeof *v4;
  if (inet_pton(AF_INET, target.address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(target.port);
  } else if (inet_pton(AF_INET6, target.address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(target.port);
    length = sizeof *v6;
  } else {
    return NoAnswer(target, "not an address");
  }
  const int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return NoAnswer(target, std::strerror(errno));
  const timeval wait{.tv_sec = timeout.count() / 1000, .tv_usec = timeout.count() % 1000 * 1000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    const absl::Status failed = NoAnswer(target, std::strerror(errno));
    close(fd);
    return failed;
  }
  return fd;
}

void Trust(SSL_CTX* context, const std::string& root_pem) {
  BIO* bio = BIO_new_mem_buf(root_pem.data(), static_cast<int>(root_pem.size()));
  while (X509* root = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr)) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root);
    X509_free(root);
  }
  BIO_free(bio);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

}  // namespace

absl::Status CheckHttps(const SelfCheckTarget& target, std::chrono::milliseconds timeout) {
  PARC_ASSIGN(const int fd, Connect(target, timeout));
  const absl::Cleanup close_it = [fd] { close(fd); };
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  const absl::Cleanup free_context = [context] { SSL_CTX_free(context); };
  Trust(context, target.root_pem);
  SSL* ssl = SSL_new(context);
  const absl::Cleanup free_ssl = [ssl] { SSL_free(ssl); };
  SSL_set_fd(ssl, fd);
  SSL_set1_host(ssl, target.server_name.c_str());
  if (SSL_connect(ssl) != 1) return NoAnswer(target, "the TLS handshake failed");
  const std::string_view request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  char answer[9] = {};
  if (SSL_write(ssl, request.data(), static_cast<int>(request.size())) <= 0 ||
      SSL_read(ssl, answer, sizeof answer - 1) <= 0) {
    return NoAnswer(target, "nothing came back");
  }
  if (std::string_view(answer, 7) != "HTTP/1.") return NoAnswer(target, "that is not HTTP");
  return absl::OkStatus();
}

}  // namespace parc::gateway
