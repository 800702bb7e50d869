#include "agent/gateways/packets.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "agent/files/text.h"

namespace parc::agent {
namespace {

constexpr std::size_t kIkeHeader = 28;
constexpr unsigned kExchangeInit = 34;
constexpr unsigned kPayloadSa = 33;
constexpr unsigned kPayloadKe = 34;
constexpr unsigned kPayloadNonce = 40;
constexpr unsigned kPayloadNotify = 41;

unsigned At(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

unsigned U16(std::string_view bytes, std::size_t i) {
  return At(bytes, i) << 8U | At(bytes, i + 1);
}

std::size_t U32(std::string_view bytes, std::size_t i) {
  return std::size_t{U16(bytes, i)} << 16U | U16(bytes, i + 2);
}

void Put16(std::string& bytes, std::size_t value) {
  bytes.push_back(static_cast<char>(value >> 8U & 0xffU));
  bytes.push_back(static_cast<char>(value & 0xffU));
}

void Put32(std::string& bytes, std::size_t value) {
  Put16(bytes, value >> 16U);
  Put16(bytes, value & 0xffffU);
}

// RFC 7296, section 3.1: initiator, version 2.0, message 0.
std::string Header(std::string_view spi, unsigned next_payload, std::size_t body) {
  std::string bytes(spi.substr(0, 8));
  bytes.resize(16, '\0');
  bytes.push_back(static_cast<char>(next_payload));
  bytes.push_back('\x20');
  bytes.push_back(static_cast<char>(kExchangeInit));
  bytes.push_back('\x08');
  Put32(bytes, 0);
  Put32(bytes, kIkeHeader + body);
  return bytes;
}

std::string Payload(unsigned next, std::string_view body) {
  std::string bytes(1, static_cast<char>(next));
  bytes.push_back('\0');
  Put16(bytes, body.size() + 4);
  bytes.append(body);
  return bytes;
}

}  // namespace

std::string OpenVpnReset(std::string_view session_id) {
  std::string packet(1, '\x38');  // opcode 7, key 0
  packet.append(session_id.substr(0, kSessionIdBytes));
  packet.append(5, '\0');  // acknowledges nothing; packet id 0
  return packet;
}

bool IsOpenVpnAnswer(std::string_view packet, std::string_view session_id) {
  constexpr unsigned kHardResetServer = 8;
  constexpr std::size_t kAcks = 1 + kSessionIdBytes;
  if (packet.size() < kAcks + 1 || At(packet, 0) >> 3U != kHardResetServer) return false;
  const std::size_t acks = At(packet, kAcks);
  constexpr std::size_t kMaxAcks = 8;
  if (acks == 0 || acks > kMaxAcks) return false;
  const std::size_t ours = kAcks + 1 + 4 * acks;
  if (packet.size() < ours + kSessionIdBytes + 4) return false;
  return packet.substr(ours, kSessionIdBytes) == session_id.substr(0, kSessionIdBytes);
}

std::string WithLength(std::string_view packet) {
  std::string bytes;
  Put16(bytes, packet.size());
  bytes.append(packet);
  return bytes;
}

std::optional<std::string> FirstWithLength(std::string_view stream) {
  if (stream.size() < 2) return std::nullopt;
  const std::size_t length = U16(stream, 0);
  if (stream.size() - 2 < length) return std::nullopt;
  return std::string(stream.substr(2, length));
}

std::string IkeHeader(std::string_view spi) { return Header(spi, 0, 0); }

std::string IkeInit(std::string_view spi, std::string_view point, std::string_view nonce) {
  // One proposal of three transforms (section 3.3): ENCR 20 with 256 bits, PRF 5, D-H group 19.
  constexpr std::array<unsigned char, 36> kProposal = {
      0, 0, 0, 36, 1, 1, 0, 3,                     // last, length, number 1, IKE, no SPI
      3, 0, 0, 12, 1, 0, 0, 20, 0x80, 0x0e, 1, 0,  // AES-GCM with 16 octets of ICV
      3, 0, 0, 8,  2, 0, 0, 5,                     // PRF_HMAC_SHA2_256
      0, 0, 0, 8,  4, 0, 0, 19};                   // 256-bit random ECP group
  const std::string_view proposal(reinterpret_cast<const char*>(kProposal.data()),
                                  kProposal.size());
  std::string exchange;
  Put16(exchange, 19);
  Put16(exchange, 0);
  exchange.append(point);
  const std::string body =
      Payload(kPayloadKe, proposal) + Payload(kPayloadNonce, exchange) + Payload(0, nonce);
  return Header(spi, kPayloadSa, body.size()) + body;
}

bool IsIkeAnswer(std::string_view packet, std::string_view spi) {
  constexpr unsigned kResponse = 0x20;
  if (packet.size() < kIkeHeader + 4 || packet.substr(0, 8) != spi.substr(0, 8)) return false;
  if (At(packet, 17) >> 4U != 2 || At(packet, 18) != kExchangeInit ||
      (At(packet, 19) & kResponse) == 0 || U32(packet, 20) != 0 ||
      U32(packet, 24) != packet.size()) {
    return false;
  }
  const std::size_t length = U16(packet, kIkeHeader + 2);
  if (length < 4 || kIkeHeader + length > packet.size()) return false;
  const unsigned first = At(packet, 16);
  if (first == kPayloadSa) return true;
  if (first != kPayloadNotify || length < 8) return false;
  // INVALID_SYNTAX, NO_PROPOSAL_CHOSEN, INVALID_KE_PAYLOAD, COOKIE.
  constexpr std::array<unsigned, 4> kNotifications = {7, 14, 17, 16390};
  return std::find(kNotifications.begin(), kNotifications.end(), U16(packet, kIkeHeader + 6)) !=
         kNotifications.end();
}

std::string AnyConnectQuestion(std::string_view host) {
  const std::string body =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<config-auth client=\"vpn\" type=\"init\"><version who=\"vpn\">v9.01</version>"
      "<device-id>linux-64</device-id></config-auth>\n";
  std::string request = "POST / HTTP/1.1\r\nHost: ";
  request.append(host);
  request +=
      "\r\nUser-Agent: AnyConnect-compatible readiness probe\r\nX-Transcend-Version: 1\r\n"
      "X-Aggregate-Auth: 1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Connection: close\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  return request;
}

bool IsAnyConnectAnswer(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos || bytes.substr(0, 9) != "HTTP/1.1 ") return false;
  if (bytes.substr(9, 4) != "200 ") return false;
  const std::string head = Lower(bytes.substr(0, end));
  return head.find("\r\nx-transcend-version:") != std::string::npos &&
         bytes.find("type=\"auth-request\"", end) != std::string_view::npos;
}

std::string WithMarker(std::string_view packet) {
  std::string bytes(4, '\0');
  bytes.append(packet);
  return bytes;
}

std::string_view WithoutMarker(std::string_view packet) {
  return packet.substr(0, 4) == std::string_view("\0\0\0\0", 4) ? packet.substr(4)
                                                                : std::string_view();
}

}  // namespace parc::agent
