#include <algorithm>
#include <cctype>

#include "agent/files/text.h"
#include "agent/vpn/profile.h"

namespace parc::agent {

bool IsHost(std::string_view text) {
  constexpr std::size_t kMax = 253;
  if (text.empty() || text.size() > kMax || text.front() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_' ||
           c == ':';
  });
}

std::optional<int> ToPort(std::string_view text) {
  const auto port = ToInt<int>(text);
  if (!port || *port < 1 || *port > 65535) return std::nullopt;
  return port;
}

std::optional<Gateway> SplitHostPort(std::string_view text) {
  Gateway gateway;
  std::string_view host = text;
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return std::nullopt;
    if (!rest.empty()) port = rest.substr(1);
    if (!rest.empty() && port.empty()) return std::nullopt;
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    host = text.substr(0, text.find(':'));
    port = text.substr(text.find(':') + 1);
    if (port.empty()) return std::nullopt;
  }
  if (!IsHost(host)) return std::nullopt;
  gateway.host = std::string(host);
  if (!port.empty()) {
    const auto number = ToPort(port);
    if (!number) return std::nullopt;
    gateway.port = *number;
  }
  return gateway;
}

bool IsWireGuardKey(std::string_view text) {
  // 32 bytes are 43 digits and one "="; the last digit carries four bits, so its low two are zero.
  if (text.size() != 44 || text.back() != '=') return false;
  const std::string_view digits = text.substr(0, 43);
  const bool all = std::all_of(digits.begin(), digits.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/';
  });
  constexpr std::string_view kLast = "AEIMQUYcgkosw048";
  return all && kLast.find(digits.back()) != std::string_view::npos;
}

}  // namespace parc::agent
