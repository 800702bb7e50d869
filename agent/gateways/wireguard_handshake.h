#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/vpn/profile.h"

// WireGuard's handshake (Noise IKpsk2) as far as a probe needs it: one initiation with the keys of
// this laptop's own profile, and whether the answer proves the gateway's identity.
namespace parc::agent {

class WireGuardHandshake {
 public:
  static constexpr std::size_t kInitiationBytes = 148;
  static constexpr std::size_t kResponseBytes = 92;

  // Nothing when the keys are no keys. `ephemeral` is 32 unpredictable bytes, `index` names this
  // handshake, `now` (UTC microseconds) must grow from one initiation to the next.
  static std::optional<WireGuardHandshake> Begin(const WireGuardKeys& keys,
                                                 std::string_view ephemeral, std::uint32_t index,
                                                 std::int64_t now);

  const std::string& initiation() const { return initiation_; }
  // True for a response that only the holder of the peer's key can have made.
  bool IsAnswer(std::string_view packet) const;

 private:
  WireGuardHandshake() = default;

  std::string initiation_;
  std::string own_private_;
  std::string ephemeral_private_;
  std::string preshared_;  // 32 bytes, zero without one
  std::string chaining_;
  std::string hash_;
};

// 32 bytes of a key in base64; nothing when it is none.
std::optional<std::string> DecodeWireGuardKey(std::string_view text);

}  // namespace parc::agent
