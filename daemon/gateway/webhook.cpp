#include "daemon/gateway/webhook.h"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "daemon/access/digest.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::gateway {
namespace {

absl::Status BadUrl(std::string_view text) {
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is no address such as https://host/path", text.substr(0, 128)));
}

absl::Status NoAnswer(const WebhookUrl& url, std::string_view why) {
  ERR_clear_error();
  return absl::UnavailableError(fmt::format("{}:{}: {}", url.host, url.port, why));
}

// A blocking socket whose every step ends within `timeout`.
absl::StatusOr<int> Connect(const WebhookUrl& url, std::chrono::milliseconds timeout) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found);
  if (error != 0) return NoAnswer(url, gai_strerror(error));
  const absl::Cleanup free_it = [found] { freeaddrinfo(found); };
  const timeval wait{.tv_sec = timeout.count() / 1000, .tv_usec = timeout.count() % 1000 * 1000};
  std::string why = "no address";
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0) return fd;
    why = std::strerror(errno);
    close(fd);
  }
  return NoAnswer(url, why);
}

void Trust(SSL_CTX* context, const std::string& root_pem) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (root_pem.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  BIO* bio = BIO_new_mem_buf(root_pem.data(), static_cast<int>(root_pem.size()));
  while (X509* root = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr)) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root);
    X509_free(root);
  }
  ERR_clear_error();  // of the end of the file
  BIO_free(bio);
}

absl::Status WriteAll(SSL* ssl, const WebhookUrl& url, std::string_view bytes) {
  while (!bytes.empty()) {
    const int written = SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()));
    if (written <= 0) return NoAnswer(url, "the connection broke");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

// The status of "HTTP/1.1 204 …"; 0 for anything else.
int StatusOf(std::string_view answer) {
  int status = 0;
  if (answer.size() < 12 || answer.substr(0, 7) != "HTTP/1.") return 0;
  std::from_chars(answer.data() + 9, answer.data() + 12, status);
  return status;
}

absl::StatusOr<int> ReadStatus(SSL* ssl, const WebhookUrl& url) {
  std::string answer;
  char part[256];
  while (answer.size() < 12) {
    const int got = SSL_read(ssl, part, sizeof part);
    if (got <= 0) return NoAnswer(url, "no answer came");
    answer.append(part, static_cast<std::size_t>(got));
  }
  const int status = StatusOf(answer);
  if (status == 0) return NoAnswer(url, "that is not HTTP");
  return status;
}

}  // namespace

absl::StatusOr<WebhookUrl> ParseWebhookUrl(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != '"'; });
  if (text.substr(0, kScheme.size()) != kScheme || !plain) return BadUrl(text);
  std::string_view rest = text.substr(kScheme.size());
  WebhookUrl url;
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  url.path = slash == rest.size() ? "/" : std::string(rest.substr(slash));
  std::string_view host = rest.substr(0, slash);
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
    const std::string_view port = host.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc() || end != port.data() + port.size() || url.port == 0)
      return BadUrl(text);
    host = host.substr(0, colon);
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find('@') != std::string_view::npos) return BadUrl(text);
  url.host = host;
  return url;
}

std::string WebhookSignature(std::string_view secret, std::int64_t unix_seconds,
                             std::string_view body) {
  const std::string text = fmt::format("{}.{}", unix_seconds, body);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return "sha256=" + access::Hex({reinterpret_cast<const char*>(digest), size});
}

absl::Status PostWebhook(const WebhookTarget& target, std::string_view body,
                         std::string_view delivery, std::int64_t unix_seconds,
                         std::chrono::milliseconds timeout) {
  const WebhookUrl& url = target.url;
  PARC_ASSIGN(const int fd, Connect(url, timeout));
  const absl::Cleanup close_it = [fd] { close(fd); };
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  const absl::Cleanup free_context = [context] { SSL_CTX_free(context); };
  Trust(context, target.root_pem);
  SSL* ssl = SSL_new(context);
  const absl::Cleanup free_ssl = [ssl] { SSL_free(ssl); };
  SSL_set_fd(ssl, fd);
  // SSL_set_tlsext_host_name, without its cast.
  SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(url.host.c_str()));
  // An address is compared with the addresses of the certificate, a name with its names.
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), url.host.c_str()) != 1) {
    ERR_clear_error();
    SSL_set1_host(ssl, url.host.c_str());
  }
  if (SSL_connect(ssl) != 1) {
    const long verified = SSL_get_verify_result(ssl);
    return NoAnswer(url, verified == X509_V_OK ? "the TLS handshake failed"
                                               : X509_verify_cert_error_string(verified));
  }
  std::string head = fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n"
      "User-Agent: parcd\r\nConnection: close\r\nX-Parc-Delivery: {}\r\nX-Parc-Timestamp: {}\r\n",
      url.path, url.host, body.size(), delivery, unix_seconds);
  if (!target.secret.empty()) {
    head += fmt::format("X-Parc-Signature: {}\r\n",
                        WebhookSignature(target.secret, unix_seconds, body));
  }
  PARC_TRY(WriteAll(ssl, url, head + "\r\n" + std::string(body)));
  PARC_ASSIGN(const int status, ReadStatus(ssl, url));
  if (status >= 200 && status < 300) return absl::OkStatus();
  const std::string why = fmt::format("{}:{} answered {}", url.host, url.port, status);
  if (status >= 400 && status < 500 && status != 408 && status != 429)
    return absl::InvalidArgumentError(why);
  return absl::UnavailableError(why);
}

}  // namespace parc::gateway
