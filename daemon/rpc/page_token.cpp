#include "daemon/rpc/page_token.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "absl/strings/escaping.h"
#include "daemon/access/digest.h"
#include "daemon/inventory/reason.h"

namespace parc::rpc {
namespace {

constexpr std::size_t kMacBytes = 32;

void Append(std::string_view part, std::string& bytes) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((part.size() >> shift) & 0xffU);
  }
  bytes += part;
}

std::string Mac(std::string_view key, const PageBinding& binding, std::string_view cursor) {
  std::string text;
  for (const std::string_view part : {binding.method, binding.filter, binding.order_by,
                                      binding.parent, std::string_view(binding.moment), cursor}) {
    Append(part, text);
  }
  std::array<unsigned char, kMacBytes> mac{};
  unsigned int size = kMacBytes;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
  return {mac.begin(), mac.end()};
}

}  // namespace

std::string SealPageToken(std::string_view key, const PageBinding& binding,
                          std::string_view cursor) {
  if (cursor.empty()) return {};
  return absl::WebSafeBase64Escape(Mac(key, binding, cursor) + std::string(cursor));
}

absl::StatusOr<std::string> OpenPageToken(std::string_view key, const PageBinding& binding,
                                          std::string_view token) {
  if (token.empty()) return std::string();
  std::string bytes;
  if (absl::WebSafeBase64Unescape(std::string(token), &bytes) && bytes.size() > kMacBytes) {
    const std::string cursor = bytes.substr(kMacBytes);
    if (access::SameSecret(bytes.substr(0, kMacBytes), Mac(key, binding, cursor))) return cursor;
  }
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN",
                "The page token is not one of this list: begin again without it.", "page_token");
}

}  // namespace parc::rpc
