#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/access/random.h"

// Secrets that people carry: `parcE1.<id>.<secret>.<crc32>` lets a laptop enrol, `parcP1.…` lets a
// person call the API. The checksum tells a mistyped token from a wrong one without asking the
// database. Letters are base32 (a-z, 2-7); upper case is understood.
namespace parc::access {

enum class TokenKind {
  kEnrolment,  // parcE1, a secret of 130 bits
  kPerson,     // parcP1, a secret of 160 bits
};

struct TokenParts {
  std::string id;      // 10 characters; names the token, not secret
  std::string secret;  // only its SHA-256 is ever stored

  bool operator==(const TokenParts&) const = default;
};

TokenParts MakeToken(TokenKind kind, const RandomBytes& random);
std::string FormatToken(TokenKind kind, const TokenParts& token);

// INVALID_ARGUMENT BAD_TOKEN_FORMAT when the text is no token of that kind or its checksum is
// wrong. The message holds nothing of the text.
absl::StatusOr<TokenParts> ParseToken(TokenKind kind, std::string_view text);

// True for the form of a token's id.
bool IsTokenId(std::string_view text);

// `parc://host:port/#<token>&ca=sha256:<root fingerprint>`: what `parc-agent enrol` takes. It holds
// the root's fingerprint, so that the first contact is pinned. An IPv6 address gets its brackets.
std::string EnrolmentUrl(std::string_view host, std::uint16_t port, std::string_view token,
                         std::string_view root_fingerprint);

}  // namespace parc::access
