#include "daemon/access/tokens.h"

#include <boost/crc.hpp>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "daemon/inventory/reason.h"
#include "fmt/format.h"

namespace parc::access {
namespace {

constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t kIdLength = 10;

struct Form {
  std::string_view prefix;
  std::size_t secret_length;  // in characters of 5 bits
  std::string_view mistyped;
};

constexpr Form FormOf(TokenKind kind) {
  return kind == TokenKind::kEnrolment
             ? Form{"parcE1", 26, "The enrolment code is mistyped: copy it again as a whole."}
             : Form{"parcP1", 32, "The API token is mistyped: copy it again as a whole."};
}

std::string Base32(std::size_t length, const RandomBytes& random) {
  std::string text = random(length);
  for (char& c : text) c = kAlphabet[static_cast<unsigned char>(c) & 31U];
  return text;
}

bool IsBase32(std::string_view text, std::size_t length) {
  return text.size() == length && text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

std::string Checksum(std::string_view prefix, std::string_view id, std::string_view secret) {
  const std::string body = fmt::format("{}.{}.{}", prefix, id, secret);
  boost::crc_32_type crc;
  crc.process_bytes(body.data(), body.size());
  return fmt::format("{:08x}", crc.checksum());
}

}  // namespace

TokenParts MakeToken(TokenKind kind, const RandomBytes& random) {
  TokenParts token;
  token.id = Base32(kIdLength, random);
  token.secret = Base32(FormOf(kind).secret_length, random);
  return token;
}

std::string FormatToken(TokenKind kind, const TokenParts& token) {
  const std::string_view prefix = FormOf(kind).prefix;
  return fmt::format("{}.{}.{}.{}", prefix, token.id, token.secret,
                     Checksum(prefix, token.id, token.secret));
}

absl::StatusOr<TokenParts> ParseToken(TokenKind kind, std::string_view text) {
  const Form form = FormOf(kind);
  const auto mistyped = [&] {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_TOKEN_FORMAT", form.mistyped, "token");
  };
  constexpr std::size_t kLongest = 128;
  if (text.size() > kLongest) return mistyped();
  const std::vector<std::string> parts =
      absl::StrSplit(std::string(absl::StripAsciiWhitespace(std::string(text))), '.');
  if (parts.size() != 4) return mistyped();
  const TokenParts token{absl::AsciiStrToLower(parts[1]), absl::AsciiStrToLower(parts[2])};
  if (absl::AsciiStrToLower(parts[0]) != absl::AsciiStrToLower(std::string(form.prefix)) ||
      !IsBase32(token.id, kIdLength) || !IsBase32(token.secret, form.secret_length) ||
      absl::AsciiStrToLower(parts[3]) != Checksum(form.prefix, token.id, token.secret)) {
    return mistyped();
  }
  return token;
}

bool IsTokenId(std::string_view text) { return IsBase32(text, kIdLength); }

std::string EnrolmentUrl(std::string_view host, std::uint16_t port, std::string_view token,
                         std::string_view root_fingerprint) {
  const bool ipv6 = host.find(':') != std::string_view::npos;
  return fmt::format("parc://{}{}{}:{}/#{}&ca=sha256:{}", ipv6 ? "[" : "", host, ipv6 ? "]" : "",
                     port, token, root_fingerprint);
}

}  // namespace parc::access
