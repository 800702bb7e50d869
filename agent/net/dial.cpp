#include "agent/files/text.h"
#include "agent/net/socket.h"
#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

absl::StatusOr<Descriptor> DialDirectly(const std::string& host, int port, Deadline deadline) {
  PARC_ASSIGN(const std::vector<Address> addresses, Resolve(host, port, deadline));
  absl::Status last = absl::NotFoundError(fmt::format("{} has no address", host));
  int left = static_cast<int>(addresses.size());
  for (const Address& address : addresses) {
    // One address that swallows packets leaves time for those after it.
    auto fd = Connect(address, SOCK_STREAM,
                      deadline.AtMost(std::chrono::milliseconds(deadline.left_ms() / left--)));
    if (fd.ok()) return fd;
    last = absl::Status(fd.status().code(),
                        fmt::format("{}:{}: {}", host, port, std::string(fd.status().message())));
  }
  return last;
}

// Reads byte by byte, so that nothing of what follows the proxy's answer is taken from its reader.
absl::StatusOr<std::string> ReadHead(int fd, Deadline deadline) {
  constexpr std::size_t kMaxHead = 8 * 1024;
  std::string head;
  while (head.size() < 4 || head.compare(head.size() - 4, 4, "\r\n\r\n") != 0) {
    if (head.size() == kMaxHead) return absl::UnavailableError("the proxy's answer is too long");
    PARC_ASSIGN(const std::string byte, ReceiveSome(fd, 1, deadline));
    if (byte.empty()) return absl::UnavailableError("the proxy closed the connection");
    head += byte;
  }
  return head;
}

}  // namespace

absl::StatusOr<Descriptor> Dial(const std::string& host, int port, const std::string& proxy,
                                Deadline deadline) {
  if (proxy.empty()) return DialDirectly(host, port, deadline);
  constexpr std::string_view kScheme = "http://";
  std::string authority = proxy.rfind(kScheme, 0) == 0 ? proxy.substr(kScheme.size()) : proxy;
  while (!authority.empty() && authority.back() == '/') authority.pop_back();
  const auto colon = authority.rfind(':');
  const auto proxy_port = colon == std::string::npos
                              ? std::nullopt
                              : ToInt<int>(std::string_view(authority).substr(colon + 1));
  if (!proxy_port) return absl::InvalidArgumentError("proxy: is not http://host:port");
  PARC_ASSIGN(Descriptor fd, DialDirectly(authority.substr(0, colon), *proxy_port, deadline));
  const std::string target = host.find(':') == std::string::npos
                                 ? fmt::format("{}:{}", host, port)
                                 : fmt::format("[{}]:{}", host, port);
  PARC_TRY(SendAll(fd.get(), fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", target),
                   deadline));
  PARC_ASSIGN(const std::string head, ReadHead(fd.get(), deadline));
  const auto words = SplitWords(SplitLines(head).front());
  if (words.size() < 2 || words[0].substr(0, 5) != "HTTP/" || words[1] != "200") {
    return absl::UnavailableError(fmt::format("the proxy {} does not connect to {}: {}", authority,
                                              target, Printable(SplitLines(head).front())));
  }
  return fd;
}

}  // namespace parc::agent
