#pragma once

#include <optional>
#include <string>
#include <string_view>

// The first packets of VPN protocols and what a living gateway answers to them, as bytes. The
// answers are a stranger's: nothing is read beyond what is there.
namespace parc::agent {

inline constexpr std::size_t kSessionIdBytes = 8;

// OpenVPN's P_CONTROL_HARD_RESET_CLIENT_V2 without any wrap, as a datagram.
std::string OpenVpnReset(std::string_view session_id);
// True for P_CONTROL_HARD_RESET_SERVER_V2 that acknowledges our session.
bool IsOpenVpnAnswer(std::string_view packet, std::string_view session_id);
// On TCP every packet has its length in front (two bytes).
std::string WithLength(std::string_view packet);
// The first packet of a stream; nothing until it is whole.
std::optional<std::string> FirstWithLength(std::string_view stream);

// The header of IKE_SA_INIT alone: cheap for both ends, since a gateway answers INVALID_SYNTAX
// and keeps nothing.
std::string IkeHeader(std::string_view spi);
// A complete IKE_SA_INIT (AES-GCM-256, PRF-HMAC-SHA-256, P-256). `point` is 64 bytes, x then y.
std::string IkeInit(std::string_view spi, std::string_view point, std::string_view nonce);
// True for a response to IKE_SA_INIT with our SPI: an SA, or a notification that a stranger gets.
bool IsIkeAnswer(std::string_view packet, std::string_view spi);

// IKE on another port than 500 has four zero bytes in front.
std::string WithMarker(std::string_view packet);
std::string_view WithoutMarker(std::string_view packet);

// What AnyConnect's client asks first, as an HTTP request to `host`.
std::string AnyConnectQuestion(std::string_view host);
// True for a gateway's answer to it: 200, its header, and the form that asks who is there.
bool IsAnyConnectAnswer(std::string_view bytes);

}  // namespace parc::agent
