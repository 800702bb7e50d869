#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Tells another program over HTTPS.
namespace parc::gateway {

struct WebhookUrl {
  std::string host;
  std::uint16_t port = 443;
  std::string path;  // with its query, from "/" on

  bool operator==(const WebhookUrl&) const = default;
};

// Of "https://host[:port][/path]". INVALID_ARGUMENT for anything else: what is told may not travel
// in the clear.
absl::StatusOr<WebhookUrl> ParseWebhookUrl(std::string_view text);

struct WebhookTarget {
  WebhookUrl url;
  std::string
      root_pem;        // what the server's certificate must lead to; empty: what the system trusts
  std::string secret;  // empty: not signed
};

// The value of X-Parc-Signature: "sha256=" and HMAC-SHA256 over "<unix seconds>.<body>" in hex.
std::string WebhookSignature(std::string_view secret, std::int64_t unix_seconds,
                             std::string_view body);

// POSTs `body`, JSON, with the headers X-Parc-Delivery (the same for every try of one message),
// X-Parc-Timestamp and X-Parc-Signature. OK for an answer of 2xx. INVALID_ARGUMENT for 4xx, but 408
// and 429, which like everything else (UNAVAILABLE) are worth another try. Every step ends within
// `timeout`; blocks.
absl::Status PostWebhook(const WebhookTarget& target, std::string_view body,
                         std::string_view delivery, std::int64_t unix_seconds,
                         std::chrono::milliseconds timeout);

}  // namespace parc::gateway
