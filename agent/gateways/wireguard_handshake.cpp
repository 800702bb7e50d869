#include "agent/gateways/wireguard_handshake.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include <memory>

namespace parc::agent {
namespace {

constexpr std::size_t kKey = 32;
constexpr std::size_t kPoly1305Tag = 16;
constexpr std::size_t kMac = 16;
constexpr std::string_view kConstruction = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s";
constexpr std::string_view kIdentifier = "WireGuard v1 zx2c4 Jason@zx2c4.com";
constexpr std::string_view kLabelMac1 = "mac1----";

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Hash(std::string_view a, std::string_view b = {}) {
  const std::string both = std::string(a) + std::string(b);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(both.data(), both.size(), digest, &size, EVP_blake2s256(), nullptr);
  return std::string(reinterpret_cast<char*>(digest), size);
}

std::string Blake2sHmac(std::string_view key, std::string_view bytes) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_blake2s256(), key.data(), static_cast<int>(key.size()), Bytes(bytes), bytes.size(), mac,
       &size);
  return std::string(reinterpret_cast<char*>(mac), size);
}

// BLAKE2s with a key, 16 bytes.
std::string KeyedMac(std::string_view key, std::string_view bytes) {
  const std::unique_ptr<EVP_MAC, Freed<EVP_MAC_free>> mac(
      EVP_MAC_fetch(nullptr, "BLAKE2SMAC", nullptr));
  const std::unique_ptr<EVP_MAC_CTX, Freed<EVP_MAC_CTX_free>> context(EVP_MAC_CTX_new(mac.get()));
  std::size_t size = kMac;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                   OSSL_PARAM_construct_end()};
  std::string out(kMac, '\0');
  std::size_t written = 0;
  if (context == nullptr || EVP_MAC_init(context.get(), Bytes(key), key.size(), parameters) != 1 ||
      EVP_MAC_update(context.get(), Bytes(bytes), bytes.size()) != 1 ||
      EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(out.data()), &written,
                    out.size()) != 1) {
    return {};
  }
  return out;
}

// KDFn: `count` keys, one after another.
std::string Derive(std::string_view key, std::string_view input, int count) {
  const std::string secret = Blake2sHmac(key, input);
  std::string last;
  std::string all;
  for (int i = 1; i <= count; ++i) {
    last = Blake2sHmac(secret, last + std::string(1, static_cast<char>(i)));
    all += last;
  }
  return all;
}

Key PrivateKey(std::string_view bytes) {
  return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, Bytes(bytes), kKey));
}

std::string PublicOf(std::string_view private_key) {
  const Key key = PrivateKey(private_key);
  std::string bytes(kKey, '\0');
  std::size_t size = bytes.size();
  if (key == nullptr ||
      EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                  &size) != 1) {
    return {};
  }
  return bytes;
}

// Empty for a public key that gives nothing (of small order).
std::string Agree(std::string_view private_key, std::string_view public_key) {
  const Key own = PrivateKey(private_key);
  const Key peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, Bytes(public_key), kKey));
  const std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>> context(
      own == nullptr ? nullptr : EVP_PKEY_CTX_new(own.get(), nullptr));
  std::string shared(kKey, '\0');
  std::size_t size = shared.size();
  if (context == nullptr || peer == nullptr || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
      EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(shared.data()), &size) != 1) {
    return {};
  }
  return shared;
}

// ChaCha20-Poly1305 with counter 0.
std::string Seal(std::string_view key, std::string_view plain, std::string_view associated) {
  const std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>> context(EVP_CIPHER_CTX_new());
  const unsigned char nonce[12] = {};
  std::string out(plain.size() + kPoly1305Tag, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  int size = 0;
  if (context == nullptr ||
      EVP_EncryptInit_ex(context.get(), EVP_chacha20_poly1305(), nullptr, Bytes(key), nonce) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(associated),
                        static_cast<int>(associated.size())) != 1 ||
      EVP_EncryptUpdate(context.get(), bytes, &size, Bytes(plain),
                        static_cast<int>(plain.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), bytes + plain.size(), &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kPoly1305Tag,
                          bytes + plain.size()) != 1) {
    return {};
  }
  return out;
}

std::string LittleEndian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(value >> shift));
  return bytes;
}

std::string Tai64n(std::int64_t now) {
  constexpr std::uint64_t kBase = 0x400000000000000aULL;
  const std::uint64_t seconds = kBase + static_cast<std::uint64_t>(now / 1'000'000);
  const auto nanos = static_cast<std::uint32_t>(now % 1'000'000 * 1000);
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(seconds >> shift));
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(nanos >> shift));
  return bytes;
}

}  // namespace

std::optional<std::string> DecodeWireGuardKey(std::string_view text) {
  if (!IsWireGuardKey(text)) return std::nullopt;
  std::string bytes(33, '\0');  // what EVP_DecodeBlock writes for 44 digits
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), Bytes(text),
                      static_cast<int>(text.size())) != 33) {
    return std::nullopt;
  }
  bytes.resize(kKey);
  return bytes;
}

std::optional<WireGuardHandshake> WireGuardHandshake::Begin(const WireGuardKeys& keys,
                                                            std::string_view ephemeral,
                                                            std::uint32_t index, std::int64_t now) {
  const auto own = DecodeWireGuardKey(keys.own_private);
  const auto peer = DecodeWireGuardKey(keys.peer_public);
  const auto preshared =
      keys.preshared.empty() ? std::string(kKey, '\0') : DecodeWireGuardKey(keys.preshared);
  if (!own || !peer || !preshared || ephemeral.size() != kKey || now < 0) return std::nullopt;
  const std::string own_public = PublicOf(*own);
  const std::string ephemeral_public = PublicOf(ephemeral);
  const std::string first = Agree(ephemeral, *peer);
  const std::string second = Agree(*own, *peer);
  if (own_public.empty() || ephemeral_public.empty() || first.empty() || second.empty()) {
    return std::nullopt;
  }
  std::string chaining = Hash(kConstruction);
  std::string hash = Hash(Hash(chaining, kIdentifier), *peer);
  chaining = Derive(chaining, ephemeral_public, 1);
  hash = Hash(hash, ephemeral_public);
  std::string derived = Derive(chaining, first, 2);
  chaining = derived.substr(0, kKey);
  const std::string sealed_static = Seal(derived.substr(kKey), own_public, hash);
  hash = Hash(hash, sealed_static);
  derived = Derive(chaining, second, 2);
  chaining = derived.substr(0, kKey);
  const std::string sealed_time = Seal(derived.substr(kKey), Tai64n(now), hash);
  hash = Hash(hash, sealed_time);
  WireGuardHandshake handshake;
  handshake.initiation_ = std::string("\1\0\0\0", 4) + LittleEndian(index) + ephemeral_public +
                          sealed_static + sealed_time;
  handshake.initiation_ += KeyedMac(Hash(kLabelMac1, *peer), handshake.initiation_);
  handshake.initiation_ += std::string(kMac, '\0');  // no cookie
  handshake.own_private_ = *own;
  handshake.ephemeral_private_ = std::string(ephemeral);
  handshake.preshared_ = *preshared;
  handshake.chaining_ = std::move(chaining);
  handshake.hash_ = std::move(hash);
  if (handshake.initiation_.size() != kInitiationBytes) return std::nullopt;
  return handshake;
}

bool WireGuardHandshake::IsAnswer(std::string_view packet) const {
  constexpr std::size_t kEphemeralAt = 12;
  constexpr std::size_t kEmptyAt = kEphemeralAt + kKey;
  if (packet.size() != kResponseBytes || packet.substr(0, 4) != std::string_view("\2\0\0\0", 4) ||
      packet.substr(8, 4) != std::string_view(initiation_).substr(4, 4)) {
    return false;
  }
  const std::string_view theirs = packet.substr(kEphemeralAt, kKey);
  const std::string first = Agree(ephemeral_private_, theirs);
  const std::string second = Agree(own_private_, theirs);
  if (first.empty() || second.empty()) return false;
  std::string chaining = Derive(chaining_, theirs, 1);
  std::string hash = Hash(hash_, theirs);
  chaining = Derive(chaining, first, 1);
  chaining = Derive(chaining, second, 1);
  const std::string derived = Derive(chaining, preshared_, 3);
  hash = Hash(hash, derived.substr(kKey, kKey));
  // Sealing nothing gives the tag alone.
  return Seal(derived.substr(2 * kKey), {}, hash) == packet.substr(kEmptyAt, kPoly1305Tag);
}

}  // namespace parc::agent
