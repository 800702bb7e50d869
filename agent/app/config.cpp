#include "agent/app/config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "agent/files/durable.h"
#include "client/lib/try.h"
#include "fmt/format.h"

#define TOML_EXCEPTIONS 0
// Version 3.3 asserts what it is about to check: "[[=" ended a build with assertions, and is an
// error like others in one without (tests/fuzz/corpus/toml_fuzz/torn_header).
#define TOML_ASSERT(expression) static_cast<void>(0)
#include "toml++/toml.h"

namespace parc::agent {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view name) : name_(name) {}

  absl::Status Read(const toml::table& table, Config& config) const {
    for (const auto& [key, value] : table) {
      const std::string_view word = key.str();
      if (word == "root") {
        PARC_ASSIGN(const std::string root, Text(value, "root"));
        if (!root.starts_with('/')) return At(value, "root: is no absolute path");
        config.root = root;
      } else if (word == "proxy") {
        PARC_ASSIGN(config.proxy, Text(value, "proxy"));
        PARC_TRY(CheckProxy(value, config.proxy));
      } else if (word == "vpn") {
        PARC_TRY(ReadVpn(value, config));
      } else if (word == "network") {
        PARC_TRY(ReadNetwork(value, config));
      } else if (word == "tools") {
        PARC_TRY(ReadTools(value, config));
      } else if (word == "log") {
        PARC_TRY(ReadLog(value, config));
      } else {
        return Unknown(key);
      }
    }
    return absl::OkStatus();
  }

  template <typename Source>
  absl::Status At(const Source& source, std::string_view message) const {
    const toml::source_position at = source.source().begin;
    return absl::InvalidArgumentError(
        fmt::format("{}:{}:{}: {}", name_, at.line, at.column, message));
  }

 private:
  absl::Status Unknown(const toml::key& key) const {
    return At(key, fmt::format("unknown key \"{}\"", key.str()));
  }

  absl::StatusOr<std::string> Text(const toml::node& node, std::string_view key) const {
    if (const auto* text = node.as_string()) return text->get();
    return At(node, fmt::format("{}: is no text in quotes", key));
  }

  absl::Status CheckProxy(const toml::node& node, std::string_view proxy) const {
    constexpr std::string_view kScheme = "http://";
    if (proxy.empty()) return absl::OkStatus();
    std::string_view authority = proxy;
    if (authority.substr(0, kScheme.size()) != kScheme) return At(node, "proxy: is not http://…");
    authority.remove_prefix(kScheme.size());
    if (!authority.empty() && authority.back() == '/') authority.remove_suffix(1);
    const auto server = SplitHostPort(authority);
    if (!server || server->port == 0) return At(node, "proxy: is not http://host:port");
    return absl::OkStatus();
  }

  absl::Status ReadLog(const toml::node& node, Config& config) const {
    const auto* table = node.as_table();
    if (table == nullptr) return At(node, "log: is no table");
    for (const auto& [key, value] : *table) {
      if (key.str() != "level") return Unknown(key);
      PARC_ASSIGN(config.log_level, Text(value, "log.level"));
      constexpr std::array<std::string_view, 4> kLevels = {"error", "warn", "info", "debug"};
      if (std::find(kLevels.begin(), kLevels.end(), config.log_level) == kLevels.end()) {
        return At(value, "log.level: is none of error, warn, info, debug");
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadNetwork(const toml::node& node, Config& config) const {
    const auto* table = node.as_table();
    if (table == nullptr) return At(node, "network: is no table");
    for (const auto& [key, value] : *table) {
      if (key.str() != "portal_test") return Unknown(key);
      PARC_ASSIGN(const std::string url, Text(value, "network.portal_test"));
      if (url.empty()) continue;
      config.portal_test = ParsePortalTest(url);
      if (!config.portal_test) {
        return At(value, "network.portal_test: is not http://host:port/path");
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadTools(const toml::node& node, Config& config) const {
    constexpr std::size_t kMost = 64;
    const auto* table = node.as_table();
    if (table == nullptr) return At(node, "tools: is no table");
    for (const auto& [key, value] : *table) {
      if (key.str() != "packages") return Unknown(key);
      const auto* list = value.as_array();
      if (list == nullptr) return At(value, "tools.packages: is no list");
      if (list->size() > kMost) return At(value, "tools.packages: more than 64");
      for (const toml::node& entry : *list) {
        PARC_ASSIGN(const std::string name, Text(entry, "tools.packages"));
        if (!IsPackageName(name)) return At(entry, "tools.packages: is no name of a package");
        config.tools.push_back(name);
      }
    }
    return absl::OkStatus();
  }

  static bool IsPackageName(std::string_view name) {
    constexpr std::size_t kMost = 64;
    return !name.empty() && name.size() <= kMost &&
           std::all_of(name.begin(), name.end(), [](char c) {
             return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' ||
                    c == '+' || c == '_';
           });
  }

  absl::Status ReadVpn(const toml::node& node, Config& config) const {
    const auto* table = node.as_table();
    if (table == nullptr) return At(node, "vpn: is no table");
    for (const auto& [key, value] : *table) {
      if (key.str() != "gateways") return Unknown(key);
      const auto* list = value.as_array();
      if (list == nullptr) return At(value, "vpn.gateways: is no list");
      for (const toml::node& entry : *list) PARC_TRY(ReadGateway(entry, config));
    }
    return absl::OkStatus();
  }

  absl::Status ReadGateway(const toml::node& node, Config& config) const {
    constexpr std::array<std::pair<std::string_view, v1::GatewayProtocol>, 6> kProtocols = {{
        {"openvpn-udp", v1::GATEWAY_PROTOCOL_OPENVPN_UDP},
        {"openvpn-tcp", v1::GATEWAY_PROTOCOL_OPENVPN_TCP},
        {"ikev2", v1::GATEWAY_PROTOCOL_IKEV2},
        {"tls", v1::GATEWAY_PROTOCOL_TLS},
        {"anyconnect", v1::GATEWAY_PROTOCOL_ANYCONNECT},
        {"wireguard", v1::GATEWAY_PROTOCOL_WIREGUARD},
    }};
    const auto* table = node.as_table();
    if (table == nullptr) return At(node, "vpn.gateways: is no list of tables");
    Gateway gateway;
    for (const auto& [key, value] : *table) {
      if (key.str() == "protocol") {
        PARC_ASSIGN(const std::string protocol, Text(value, "protocol"));
        for (const auto& [name, number] : kProtocols) {
          if (name == protocol) gateway.protocol = number;
        }
        if (gateway.protocol == v1::GATEWAY_PROTOCOL_UNSPECIFIED) {
          return At(value,
                    "protocol: is none of openvpn-udp, openvpn-tcp, ikev2, tls, anyconnect, "
                    "wireguard");
        }
      } else if (key.str() == "host") {
        PARC_ASSIGN(gateway.host, Text(value, "host"));
        if (!IsHost(gateway.host)) return At(value, "host: is no host name or address");
      } else if (key.str() == "port") {
        const auto port = value.value<std::int64_t>().value_or(0);
        if (port < 1 || port > 65535) return At(value, "port: is not between 1 and 65535");
        gateway.port = static_cast<int>(port);
      } else if (key.str() == "wrapped") {
        const auto wrapped = value.value<bool>();
        if (!wrapped) return At(value, "wrapped: is neither true nor false");
        gateway.wrapped = *wrapped;
      } else {
        return Unknown(key);
      }
    }
    if (gateway.host.empty() || gateway.port == 0 ||
        gateway.protocol == v1::GATEWAY_PROTOCOL_UNSPECIFIED) {
      return At(node, "a gateway has protocol, host and port");
    }
    config.gateways.push_back(std::move(gateway));
    return absl::OkStatus();
  }

  std::string_view name_;
};

}  // namespace

absl::StatusOr<Config> ParseConfig(std::string_view text, std::string_view name) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::source_position at = parsed.error().source().begin;
    return absl::InvalidArgumentError(
        fmt::format("{}:{}:{}: {}", name, at.line, at.column, parsed.error().description()));
  }
  Config config;
  PARC_TRY(Reader(name).Read(parsed.table(), config));
  return config;
}

absl::StatusOr<Config> ReadConfig(const std::filesystem::path& file) {
  constexpr std::size_t kMax = 256 * 1024;
  const auto text = ReadWhole(file, kMax);
  if (absl::IsNotFound(text.status())) return Config();
  if (!text.ok()) return absl::InvalidArgumentError(std::string(text.status().message()));
  return ParseConfig(*text, file.string());
}

}  // namespace parc::agent
