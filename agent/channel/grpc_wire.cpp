#include "agent/channel/grpc_wire.h"

#include <optional>

#include "agent/channel/channel.h"
#include "agent/files/text.h"
#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::size_t kPrefix = 5;  // a flag, and the length as four bytes

const std::string* Find(const Http2Answer& answer, const char* name) {
  const auto found = answer.fields.find(name);
  return found == answer.fields.end() ? nullptr : &found->second;
}

// `%41` → A; what is no such escape stays as it is.
std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' && i + 2 < text.size()
                          ? ToInt<unsigned char>(text.substr(i + 1, 2), 16)
                          : std::nullopt;
    decoded.push_back(byte ? static_cast<char>(*byte) : text[i]);
    if (byte) i += 2;
  }
  return decoded;
}

absl::Status OfReset(std::uint32_t error) {
  const auto message =
      fmt::format("the server broke the call off ({})", nghttp2_http2_strerror(error));
  switch (error) {
    case NGHTTP2_REFUSED_STREAM:
      return absl::UnavailableError(message);
    case NGHTTP2_CANCEL:
      return absl::CancelledError(message);
    case NGHTTP2_ENHANCE_YOUR_CALM:
      return absl::ResourceExhaustedError(message);
    case NGHTTP2_INADEQUATE_SECURITY:
      return absl::PermissionDeniedError(message);
    default:
      return absl::InternalError(message);
  }
}

// An answer without gRPC's own status comes from something in between.
absl::Status OfHttp(const Http2Answer& answer) {
  const std::string* status = Find(answer, ":status");
  const auto message =
      fmt::format("the answer has no status of gRPC (HTTP {})", status ? Printable(*status) : "");
  if (status == nullptr || *status == "400") return absl::InternalError(message);
  if (*status == "401") return absl::UnauthenticatedError(message);
  if (*status == "403") return absl::PermissionDeniedError(message);
  if (*status == "404") return absl::UnimplementedError(message);
  if (*status == "429" || *status == "502" || *status == "503" || *status == "504") {
    return absl::UnavailableError(message);
  }
  return absl::UnknownError(message);
}

absl::Status StatusOf(const Http2Answer& answer) {
  const std::string* code = Find(answer, "grpc-status");
  if (code == nullptr) {
    return answer.error != NGHTTP2_NO_ERROR ? OfReset(answer.error) : OfHttp(answer);
  }
  const auto number = ToInt<int>(*code);
  if (number == 0) return absl::OkStatus();
  constexpr auto kLast = static_cast<int>(absl::StatusCode::kUnauthenticated);
  const bool known = number && *number > 0 && *number <= kLast;
  const std::string* message = Find(answer, "grpc-message");
  return absl::Status(known ? static_cast<absl::StatusCode>(*number) : absl::StatusCode::kUnknown,
                      message == nullptr ? "" : PercentDecoded(*message));
}

}  // namespace

std::string FrameMessage(std::string_view message) {
  std::string body(1, '\0');
  for (const int shift : {24, 16, 8, 0}) body.push_back(static_cast<char>(message.size() >> shift));
  return body.append(message);
}

absl::StatusOr<std::string> ReadAnswer(const Http2Answer& answer) {
  if (absl::Status status = StatusOf(answer); !status.ok()) {
    const std::string* text = Find(answer, "grpc-retry-pushback-ms");
    const auto wait = text == nullptr ? std::nullopt : ToInt<std::int64_t>(*text);
    return wait ? WithPushback(status, *wait) : status;
  }
  const std::string_view body = answer.body;
  if (body.size() < kPrefix || FrameMessage(body.substr(kPrefix)) != body) {
    return absl::InternalError("the answer is not one whole, uncompressed message");
  }
  return std::string(body.substr(kPrefix));
}

}  // namespace parc::agent
