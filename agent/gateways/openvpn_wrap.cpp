#include "agent/gateways/openvpn_wrap.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "agent/files/text.h"
#include "agent/gateways/packets.h"

namespace parc::agent {
namespace {

constexpr std::size_t kKeyBytes = 256;
constexpr std::size_t kHead = 1 + kSessionIdBytes;  // opcode and session
constexpr std::size_t kReplay = 8;                  // packet id and time
constexpr std::size_t kTag = 32;                    // of tls-crypt
constexpr std::size_t kIv = 16;
constexpr std::size_t kAesKey = 32;
constexpr std::size_t kHmacSlot = 64;
constexpr std::string_view kNothingAcknowledged("\0\0\0\0\0", 5);  // and packet id 0

std::string Hmac(const EVP_MD* digest, std::string_view key, std::string_view bytes) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(digest, key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), mac, &size);
  return std::string(reinterpret_cast<char*>(mac), size);
}

bool Same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// In counter mode encrypting and decrypting are one.
std::string AesCtr(std::string_view key, std::string_view iv, std::string_view bytes) {
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  };
  const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
  std::string out(bytes.size(), '\0');
  int size = 0;
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  if (context == nullptr ||
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_ctr(), nullptr,
                         reinterpret_cast<const unsigned char*>(key.data()),
                         reinterpret_cast<const unsigned char*>(iv.data())) != 1 ||
      EVP_EncryptUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, in,
                        static_cast<int>(bytes.size())) != 1) {
    return {};
  }
  return out;
}

std::string ReplayOf(std::uint32_t now) {
  std::string bytes("\0\0\0\1", 4);  // the first packet
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(now >> shift));
  return bytes;
}

const EVP_MD* DigestNamed(const std::string& name) { return EVP_get_digestbyname(name.c_str()); }

std::size_t DigestSize(const std::string& name) {
  return static_cast<std::size_t>(EVP_MD_get_size(DigestNamed(name)));
}

}  // namespace

std::optional<std::string> ParseStaticKey(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN OpenVPN Static key V1-----";
  constexpr std::string_view kEnd = "-----END OpenVPN Static key V1-----";
  const auto begin = text.find(kBegin);
  if (begin == std::string_view::npos) return std::nullopt;
  text.remove_prefix(begin + kBegin.size());
  text = text.substr(0, text.find(kEnd));
  std::string digits;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0) continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return std::nullopt;
    digits.push_back(c);
  }
  if (digits.size() != 2 * kKeyBytes) return std::nullopt;
  std::string key;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    key.push_back(static_cast<char>(*ToInt<unsigned>(std::string_view(digits).substr(i, 2), 16)));
  }
  return key;
}

std::optional<WrapKeys> KeysOf(const Wrap& wrap) {
  const auto key = ParseStaticKey(wrap.key.text);
  if (!key) return std::nullopt;
  // Four slots of 64 bytes: cipher and HMAC of one side, then of the other.
  const std::string_view cipher[2] = {std::string_view(*key).substr(0, kAesKey),
                                      std::string_view(*key).substr(128, kAesKey)};
  const std::string_view hmac[2] = {std::string_view(*key).substr(64, kHmacSlot),
                                    std::string_view(*key).substr(192, kHmacSlot)};
  WrapKeys keys;
  keys.kind = wrap.kind;
  if (wrap.kind == Wrap::Kind::kTlsCrypt) {
    keys.digest = "SHA256";
    keys.send_cipher = cipher[1];
    keys.send_hmac = hmac[1].substr(0, kTag);
    keys.receive_cipher = cipher[0];
    keys.receive_hmac = hmac[0].substr(0, kTag);
    return keys;
  }
  if (wrap.kind != Wrap::Kind::kTlsAuth || DigestNamed(wrap.digest) == nullptr) return std::nullopt;
  const std::size_t size = DigestSize(wrap.digest);
  if (size == 0 || size > kHmacSlot) return std::nullopt;
  // Without a direction both sides use the first.
  const int send = wrap.direction.value_or(0) == 1 ? 1 : 0;
  const int receive = wrap.direction ? 1 - send : 0;
  keys.digest = wrap.digest;
  keys.send_hmac = hmac[send].substr(0, size);
  keys.receive_hmac = hmac[receive].substr(0, size);
  return keys;
}

std::string WrappedReset(const WrapKeys& keys, std::string_view session_id, std::uint32_t now) {
  const std::string plain = OpenVpnReset(session_id);
  const std::string head = plain.substr(0, kHead);
  const std::string replay = ReplayOf(now);
  if (keys.kind == Wrap::Kind::kTlsAuth) {
    const std::string payload = plain.substr(kHead);
    const std::string mac = Hmac(DigestNamed(keys.digest), keys.send_hmac, replay + head + payload);
    return head + mac + replay + payload;
  }
  const std::string associated = head + replay;
  const std::string tag =
      Hmac(EVP_sha256(), keys.send_hmac, associated + std::string(kNothingAcknowledged));
  return associated + tag +
         AesCtr(keys.send_cipher, std::string_view(tag).substr(0, kIv), kNothingAcknowledged);
}

std::optional<std::string> Unwrap(const WrapKeys& keys, std::string_view packet) {
  if (keys.kind == Wrap::Kind::kTlsAuth) {
    const std::size_t mac_size = keys.receive_hmac.size();
    if (packet.size() < kHead + mac_size + kReplay) return std::nullopt;
    const std::string head(packet.substr(0, kHead));
    const std::string_view mac = packet.substr(kHead, mac_size);
    const std::string replay(packet.substr(kHead + mac_size, kReplay));
    const std::string payload(packet.substr(kHead + mac_size + kReplay));
    if (!Same(mac, Hmac(DigestNamed(keys.digest), keys.receive_hmac, replay + head + payload))) {
      return std::nullopt;
    }
    return head + payload;
  }
  if (packet.size() < kHead + kReplay + kTag) return std::nullopt;
  const std::string associated(packet.substr(0, kHead + kReplay));
  const std::string_view tag = packet.substr(kHead + kReplay, kTag);
  const std::string plain =
      AesCtr(keys.receive_cipher, tag.substr(0, kIv), packet.substr(kHead + kReplay + kTag));
  if (!Same(tag, Hmac(EVP_sha256(), keys.receive_hmac, associated + plain))) return std::nullopt;
  return associated.substr(0, kHead) + plain;
}

}  // namespace parc::agent
