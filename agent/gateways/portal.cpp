#include "agent/gateways/portal.h"

#include "agent/files/text.h"
#include "agent/vpn/profile.h"
#include "fmt/format.h"

namespace parc::agent {

std::optional<PortalTest> ParsePortalTest(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (url.substr(0, kScheme.size()) != kScheme) return std::nullopt;
  url.remove_prefix(kScheme.size());
  const auto slash = url.find('/');
  const auto place = SplitHostPort(url.substr(0, slash));
  if (!place) return std::nullopt;
  PortalTest test;
  test.host = place->host;
  if (place->port != 0) test.port = place->port;
  if (slash == std::string_view::npos) return test;
  test.path = std::string(url.substr(slash));
  constexpr std::size_t kMax = 1024;
  if (test.path.size() > kMax) return std::nullopt;
  for (const char c : test.path) {
    if (c <= ' ' || c > '~') return std::nullopt;
  }
  return test;
}

std::optional<bool> IsFromPortal(std::string_view answer) {
  const auto words = SplitWords(answer.substr(0, answer.find('\n')));
  if (words.size() < 2 || words[0].substr(0, 7) != "HTTP/1.") return std::nullopt;
  const int status = ToInt<int>(words[1]).value_or(0);
  constexpr int kNoContent = 204;
  constexpr int kLoginNeeded = 511;
  if (status == kNoContent) return false;
  if ((status >= 200 && status < 400) || status == kLoginNeeded) return true;
  return std::nullopt;
}

std::optional<bool> AskForPortal(const PortalTest& test, const Resolver& resolve,
                                 const Deadline& deadline) {
  const auto addresses = resolve(test.host, test.port, deadline);
  if (!addresses.ok() || addresses->empty()) return std::nullopt;
  const auto fd = Connect(addresses->front(), SOCK_STREAM, deadline);
  if (!fd.ok()) return std::nullopt;
  const std::string host =
      test.host.find(':') == std::string::npos ? test.host : "[" + test.host + "]";
  const std::string question = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}:{}\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n",
      test.path, host, test.port);
  if (!SendAll(fd->get(), question, deadline).ok()) return std::nullopt;
  constexpr std::size_t kMost = 1024;  // a status line is shorter
  std::string answer;
  while (answer.size() < kMost && answer.find('\n') == std::string::npos) {
    const auto part = ReceiveSome(fd->get(), kMost - answer.size(), deadline);
    if (!part.ok() || part->empty()) break;
    answer += *part;
  }
  return IsFromPortal(answer);
}

}  // namespace parc::agent
