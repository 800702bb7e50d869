#include <algorithm>

#include "agent/files/text.h"
#include "agent/vpn/profile.h"

namespace parc::agent {
namespace {

struct Reading {
  Profile profile;
  std::string default_port = "1194";
  bool tcp = false;
  Wrap wrap;
  std::string weakened;
  bool has_ca = false;
  bool bad_host = false;
  std::vector<std::vector<std::string>> remotes;
};

bool IsTcp(std::string_view protocol) { return protocol.substr(0, 3) == "tcp"; }

// openvpn(8): words may stand in quotes.
std::string Bare(std::string_view word) {
  if (word.size() >= 2 && (word.front() == '"' || word.front() == '\'') &&
      word.back() == word.front()) {
    word = word.substr(1, word.size() - 2);
  }
  return std::string(word);
}

Wrap::Kind WrapKind(std::string_view name) {
  if (name == "tls-auth") return Wrap::Kind::kTlsAuth;
  if (name == "tls-crypt") return Wrap::Kind::kTlsCrypt;
  return name == "tls-crypt-v2" || name == "secret" ? Wrap::Kind::kOther : Wrap::Kind::kNone;
}

void TakeDirective(std::string_view line, Reading& reading) {
  const auto words = SplitWords(line);
  const std::string_view name = words[0];
  const std::string value = words.size() > 1 ? Bare(words[1]) : std::string();
  if (name == "remote" && !value.empty()) {
    std::vector<std::string> remote;
    for (std::size_t i = 1; i < words.size() && i < 4; ++i) remote.push_back(Bare(words[i]));
    if (reading.remotes.size() < kMaxProfileGateways) reading.remotes.push_back(std::move(remote));
  } else if (name == "port" || name == "rport") {
    reading.default_port = value;
  } else if (name == "proto") {
    reading.tcp = IsTcp(value);
  } else if (const Wrap::Kind kind = WrapKind(name); kind != Wrap::Kind::kNone) {
    reading.wrap.kind = kind;
    if (value != "[inline]") reading.wrap.key.file = value;
    if (words.size() > 2) reading.wrap.direction = ToInt<int>(Bare(words[2]));
  } else if (name == "key-direction") {
    reading.wrap.direction = ToInt<int>(value);
  } else if (name == "ca" || name == "capath" || name == "pkcs12" || name == "peer-fingerprint") {
    reading.has_ca = true;
    if (name == "ca" && value != "[inline]") reading.profile.authority.file = value;
  } else if (name == "cert" && value != "[inline]") {
    reading.profile.certificate.file = value;
  } else if (name == "key" && value != "[inline]") {
    reading.profile.key.file = value;
  } else if (name == "crl-verify" && value != "[inline]" && words.size() == 2) {
    reading.profile.revocation.file = value;
  } else if (name == "cipher" || name == "auth" || name == "data-ciphers") {
    if (name == "auth" && !value.empty()) reading.wrap.digest = value;
    if (Lower(value) == "none") {
      reading.weakened = "it switches protection off (" + std::string(name) + " none)";
    }
  }
}

// The name of an opening inline tag, e.g. "ca" for <ca>; empty for other lines.
std::string_view OpeningTag(std::string_view line) {
  if (line.size() < 3 || line.front() != '<' || line.back() != '>' || line[1] == '/') return {};
  return line.substr(1, line.size() - 2);
}

void TakeBlock(std::string_view tag, std::string_view body, Reading& reading) {
  if (tag == "ca" || tag == "pkcs12" || tag == "peer-fingerprint") reading.has_ca = true;
  if (tag == "ca") reading.profile.authority.text = std::string(body);
  if (tag == "cert") reading.profile.certificate.text = std::string(body);
  if (tag == "key") reading.profile.key.text = std::string(body);
  if (tag == "crl-verify") reading.profile.revocation.text = std::string(body);
  if (const Wrap::Kind kind = WrapKind(tag); kind != Wrap::Kind::kNone) {
    reading.wrap.kind = kind;
    reading.wrap.key.text = std::string(body);
  }
}

void Conclude(Reading& reading) {
  Profile& profile = reading.profile;
  for (const auto& remote : reading.remotes) {
    Gateway gateway;
    const auto port = ToPort(remote.size() > 1 ? remote[1] : reading.default_port);
    const bool tcp = remote.size() > 2 ? IsTcp(remote[2]) : reading.tcp;
    if (!IsHost(remote[0]) || !port) {
      reading.bad_host = true;
      continue;
    }
    gateway.protocol = tcp ? v1::GATEWAY_PROTOCOL_OPENVPN_TCP : v1::GATEWAY_PROTOCOL_OPENVPN_UDP;
    gateway.host = remote[0];
    gateway.port = *port;
    gateway.wrapped = reading.wrap.kind != Wrap::Kind::kNone;
    profile.gateways.push_back(std::move(gateway));
  }
  profile.wrap = std::move(reading.wrap);
  if (!profile.problem.empty()) return;
  if (reading.bad_host) {
    profile.problem = "a remote is no host name and port";
  } else if (profile.gateways.empty()) {
    profile.problem = "it names no gateway (remote)";
  } else if (!reading.has_ca) {
    profile.problem = "it names no authority (ca) to know the gateway by";
  } else {
    profile.problem = reading.weakened;
  }
}

}  // namespace

Profile ParseOpenVpn(std::string_view text) {
  Reading reading;
  reading.profile.tool = v1::VPN_TOOL_OPENVPN;
  if (!IsText(text)) {
    reading.profile.problem = "it is not a text file";
    return reading.profile;
  }
  std::string_view open;       // name of the inline block that is open
  std::size_t body_start = 0;  // where its body starts in `text`
  for (const std::string_view raw : SplitLines(text)) {
    const std::string_view line = Trim(raw);
    const std::size_t here = static_cast<std::size_t>(raw.data() - text.data());
    if (!open.empty()) {
      if (line.size() != open.size() + 3 || line.substr(0, 2) != "</" || line.back() != '>' ||
          line.substr(2, open.size()) != open) {
        continue;
      }
      TakeBlock(open, text.substr(body_start, here - body_start), reading);
      open = {};
      continue;
    }
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    const std::string_view tag = OpeningTag(line);
    if (line == "<connection>" || line == "</connection>") continue;  // its lines count as ours
    if (!tag.empty()) {
      open = tag;
      body_start = std::min(here + raw.size() + 1, text.size());
    } else {
      TakeDirective(line, reading);
    }
  }
  if (!open.empty()) reading.profile.problem = "an inline block is not closed";
  Conclude(reading);
  return reading.profile;
}

}  // namespace parc::agent
