#include <algorithm>
#include <map>

#include "agent/files/text.h"
#include "agent/vpn/profile.h"

namespace parc::agent {
namespace {

constexpr int kIke = 500;
constexpr std::size_t kMaxConnections = 64;
constexpr std::size_t kMaxDepth = 16;

Profile Broken(std::string_view problem) {
  Profile profile;
  profile.tool = v1::VPN_TOOL_STRONGSWAN;
  profile.problem = std::string(problem);
  return profile;
}

// "a.example, b.example" → the first; a responder says %any or nothing.
std::optional<std::string> FirstHost(std::string_view hosts) {
  std::string_view host = Trim(hosts.substr(0, hosts.find(',')));
  if (host.size() >= 2 && host.front() == '"' && host.back() == '"') {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty() || host.front() == '%' || host == "0.0.0.0" || host == "::") return std::nullopt;
  return std::string(host);
}

struct Connection {
  std::string hosts;
  std::string port;
  std::string certificate;
  std::string start;  // what is done with it when the daemon starts
};

std::optional<Profile> Dialling(std::string_view name, const Connection& connection) {
  const auto host = FirstHost(connection.hosts);
  if (!host) return std::nullopt;
  Profile profile;
  profile.tool = v1::VPN_TOOL_STRONGSWAN;
  profile.name = std::string(name);
  const std::string_view certificate = connection.certificate;
  profile.certificate.file = std::string(Trim(certificate.substr(0, certificate.find(','))));
  const std::string& start = connection.start;
  profile.autoconnect = start.find("start") != std::string::npos ||
                        start.find("trap") != std::string::npos || start == "route";
  const auto number = connection.port.empty() ? std::optional(kIke) : ToPort(connection.port);
  if (!IsHost(*host) || !number) {
    profile.problem = "its gateway is no host name";
  } else {
    profile.gateways.push_back({v1::GATEWAY_PROTOCOL_IKEV2, *host, *number, false});
  }
  return profile;
}

// strongswan.conf(5): `name { … }`, `key = value` to the end of the line, comments from #.
class SwanctlReader {
 public:
  std::vector<Profile> Read(std::string_view text) {
    for (const std::string_view raw : SplitLines(text)) TakeLine(raw.substr(0, raw.find('#')));
    if (unbalanced_ || !path_.empty()) return {Broken("its braces do not balance")};
    std::vector<Profile> profiles;
    for (const auto& [name, connection] : connections_) {
      auto profile = Dialling(name, connection);
      if (!profile) continue;
      if (!profile->certificate.file.empty()) {
        profile->key.folders = {"/etc/swanctl/private", "/etc/swanctl/rsa", "/etc/swanctl/ecdsa",
                                "/etc/swanctl/pkcs8"};
        profile->authority.folders = {"/etc/swanctl/x509ca"};
        profile->revocation.folders = {"/etc/swanctl/x509crl"};
      }
      profiles.push_back(*std::move(profile));
    }
    return profiles;
  }

 private:
  void TakeLine(std::string_view line) {
    while (!Trim(line).empty() && !unbalanced_) {
      const auto at = line.find_first_of("{}=");
      if (at == std::string_view::npos) return;
      const std::string_view before = Trim(line.substr(0, at));
      if (line[at] == '=') {
        const auto end = line.find('}', at);
        TakeValue(before,
                  Trim(line.substr(at + 1, end == std::string_view::npos ? std::string_view::npos
                                                                         : end - at - 1)));
        if (end == std::string_view::npos) return;
        line.remove_prefix(end);
        continue;
      }
      if (line[at] == '{') {
        // `child : parent {` inherits; the parent's values are not followed.
        path_.emplace_back(Trim(before.substr(0, before.find(':'))));
        unbalanced_ = path_.size() > kMaxDepth;
      } else if (path_.empty()) {
        unbalanced_ = true;
      } else {
        path_.pop_back();
      }
      line.remove_prefix(at + 1);
    }
  }

  void TakeValue(std::string_view key, std::string_view value) {
    if (path_.size() < 2 || path_[0] != "connections") return;
    if (connections_.size() >= kMaxConnections && connections_.count(path_[1]) == 0) return;
    Connection& connection = connections_[path_[1]];
    if (path_.size() == 2 && key == "remote_addrs") connection.hosts = std::string(value);
    if (path_.size() == 2 && key == "remote_port") connection.port = std::string(value);
    if (path_.size() == 4 && path_[2] == "children" && key == "start_action" && !value.empty()) {
      connection.start = std::string(value);
    }
    if (path_.size() == 3 && path_[2].rfind("local", 0) == 0 && key == "certs" && !value.empty()) {
      connection.certificate = "/etc/swanctl/x509/" + std::string(value);
      if (value.front() == '/') connection.certificate = std::string(value);
    }
  }

  std::vector<std::string> path_;
  std::map<std::string, Connection> connections_;
  bool unbalanced_ = false;
};

}  // namespace

std::vector<Profile> ParseSwanctl(std::string_view text) {
  if (!IsText(text)) return {Broken("it is not a text file")};
  return SwanctlReader().Read(text);
}

std::vector<Profile> ParseIpsecConf(std::string_view text) {
  if (!IsText(text)) return {Broken("it is not a text file")};
  std::map<std::string, Connection> connections;
  Connection* current = nullptr;
  for (const std::string_view raw : SplitLines(text)) {
    const std::string_view line = Trim(raw.substr(0, raw.find('#')));
    if (line.empty()) continue;
    const bool indented = raw.front() == ' ' || raw.front() == '\t';
    if (!indented) {
      const auto words = SplitWords(line);
      current = nullptr;
      if (words[0] == "conn" && words.size() > 1 && connections.size() < kMaxConnections) {
        current = &connections[std::string(words[1])];
      }
      continue;
    }
    const auto equals = line.find('=');
    if (current == nullptr || equals == std::string_view::npos) continue;
    const std::string_view key = Trim(line.substr(0, equals));
    const std::string value(Trim(line.substr(equals + 1)));
    if (key == "right") current->hosts = value;
    if (key == "rightikeport") current->port = value;
    if (key == "auto") current->start = value;
    if (key == "leftcert" && !value.empty()) {
      current->certificate = value.front() == '/' ? value : "/etc/ipsec.d/certs/" + value;
    }
  }
  const Connection defaults = connections["%default"];
  connections.erase("%default");
  std::vector<Profile> profiles;
  for (const auto& [name, connection] : connections) {
    Connection whole = connection;
    if (whole.hosts.empty()) whole.hosts = defaults.hosts;
    if (whole.certificate.empty()) whole.certificate = defaults.certificate;
    if (whole.port.empty()) whole.port = defaults.port;
    if (whole.start.empty()) whole.start = defaults.start;
    auto profile = Dialling(name, whole);
    if (!profile) continue;
    if (!profile->certificate.file.empty()) {
      profile->key.folders = {"/etc/ipsec.d/private"};
      profile->authority.folders = {"/etc/ipsec.d/cacerts"};
      profile->revocation.folders = {"/etc/ipsec.d/crls"};
    }
    profiles.push_back(*std::move(profile));
  }
  return profiles;
}

}  // namespace parc::agent
