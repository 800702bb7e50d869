#include "daemon/rpc/status_details.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/support/status.h"

namespace parc::rpc {
namespace {

// Trailers hold the message twice (grpc-message and the details), and a client takes 8 KiB of them.
constexpr std::size_t kMaxMessage = 1024;
constexpr std::size_t kMaxDetail = 512;
constexpr std::size_t kMaxDetails = 8;

constexpr std::string_view kOurFault =
    "The daemon met an error of its own; its log says what happened.";

// What a client is told of the storage: neither files nor SQL are its business.
struct StorageSentence {
  std::string_view reason;
  std::string_view sentence;
};
constexpr StorageSentence kStorage[] = {
    {"STORAGE_FULL", "The daemon's disk is full; nothing was changed."},
    {"STORAGE_BUSY", "The database is in use by another program; nothing was changed."},
    {"STORAGE_FAILED", "The daemon's storage failed; its log says what happened."},
};

std::string_view StorageSentenceOf(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  const auto* const found =
      std::find_if(std::begin(kStorage), std::end(kStorage),
                   [&](const StorageSentence& row) { return row.reason == reason; });
  return found == std::end(kStorage) ? std::string_view() : found->sentence;
}

// Bytes of the valid UTF-8 character at the start of `text`; 0 when there is none.
std::size_t CharacterLength(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
  }
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second > 0x9f;
  const bool too_large = first == 0xf4 && second > 0x8f;
  return overlong || surrogate || too_large ? 0 : length;
}

// C0, DEL, C1, and the marks that turn the direction of a line.
bool IsControl(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7f;
  if (character.size() == 2) return byte(0) == 0xc2 && byte(1) < 0xa0;
  if (character.size() == 3 && byte(0) == 0xe2) {
    if (byte(1) == 0x80)
      return byte(2) == 0x8e || byte(2) == 0x8f || (byte(2) >= 0xa8 && byte(2) <= 0xae);
    if (byte(1) == 0x81) return byte(2) >= 0xa6 && byte(2) <= 0xa9;
  }
  return false;
}

std::string Escaped(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  return text;
}

grpc::StatusCode CodeOf(const absl::Status& status) {
  return static_cast<grpc::StatusCode>(status.code());  // one numbering
}

}  // namespace

bool IsOurFault(const absl::Status& status) {
  return status.code() == absl::StatusCode::kInternal ||
         status.code() == absl::StatusCode::kUnknown ||
         status.code() == absl::StatusCode::kDataLoss;
}

bool IsHidden(const absl::Status& status) {
  return IsOurFault(status) || !StorageSentenceOf(status).empty();
}

std::string Shown(std::string_view text, std::size_t max_bytes) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    const std::string piece =
        length == 0 || IsControl(character) ? Escaped(character) : std::string(character);
    if (shown.size() + piece.size() > max_bytes) return shown + "…";
    shown += piece;
    text.remove_prefix(character.size());
  }
  return shown;
}

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  if (status.ok()) return wire;
  if (const std::string_view storage = StorageSentenceOf(status); IsOurFault(status)) {
    wire.set_message(std::string(kOurFault));
  } else if (!storage.empty()) {
    wire.set_message(std::string(storage));
  } else {
    wire.set_message(Shown(std::string(status.message()), kMaxMessage));
  }
  google::rpc::ErrorInfo info;
  info.set_reason(Shown(ReasonOf(status)));
  info.set_domain(std::string(kErrorDomain));
  if (!IsHidden(status)) {
    for (const auto& [key, value] : DetailsOf(status)) {
      if (info.metadata_size() == static_cast<int>(kMaxDetails)) break;
      info.mutable_metadata()->insert({Shown(key), Shown(value, kMaxDetail)});
    }
  }
  wire.add_details()->PackFrom(info);
  if (const std::string field = FieldOf(status); !field.empty()) {
    google::rpc::BadRequest bad;
    auto* violation = bad.add_field_violations();
    violation->set_field(Shown(field, kMaxDetail));
    violation->set_description(wire.message());
    wire.add_details()->PackFrom(bad);
  }
  return wire;
}

absl::Status FromRpcStatus(const google::rpc::Status& wire) {
  if (wire.code() == 0) return absl::OkStatus();
  std::string reason;
  std::string field;
  google::rpc::ErrorInfo info;
  for (const auto& detail : wire.details()) {
    google::rpc::BadRequest bad;
    if (detail.UnpackTo(&info)) reason = info.reason();
    if (detail.UnpackTo(&bad) && bad.field_violations_size() > 0) {
      field = bad.field_violations(0).field();
    }
  }
  const auto code = static_cast<absl::StatusCode>(wire.code());
  absl::Status status = reason.empty() ? absl::Status(code, wire.message())
                                       : Refuse(code, reason, wire.message(), field);
  for (const auto& [key, value] : info.metadata()) {
    status = WithDetail(std::move(status), key, value);
  }
  return status;
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status wire = ToRpcStatus(status);
  return grpc::Status(CodeOf(status), wire.message(), wire.SerializeAsString());
}

}  // namespace parc::rpc
