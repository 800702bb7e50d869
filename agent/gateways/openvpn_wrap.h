#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/vpn/profile.h"

// OpenVPN's first packet wrapped with the key of its profile (tls-auth, tls-crypt), and what comes
// back unwrapped. Byte for byte as OpenVPN 2.6 has them.
namespace parc::agent {

// The 256 bytes of an "OpenVPN Static key V1"; nothing when `text` is none.
std::optional<std::string> ParseStaticKey(std::string_view text);

// One side of a static key.
struct WrapKeys {
  Wrap::Kind kind = Wrap::Kind::kNone;
  std::string digest;       // tls-auth
  std::string send_cipher;  // tls-crypt
  std::string send_hmac;
  std::string receive_cipher;
  std::string receive_hmac;
};

// The client's keys. Nothing for a wrap that cannot be built here: tls-crypt-v2, an unknown digest,
// a damaged key.
std::optional<WrapKeys> KeysOf(const Wrap& wrap);

// P_CONTROL_HARD_RESET_CLIENT_V2 as the first packet of `session_id` at `now` (UTC seconds).
std::string WrappedReset(const WrapKeys& keys, std::string_view session_id, std::uint32_t now);

// The packet as it would have come without a wrap; nothing when it is not authentic.
std::optional<std::string> Unwrap(const WrapKeys& keys, std::string_view packet);

}  // namespace parc::agent
