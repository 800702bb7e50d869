#include "daemon/inventory/reason.h"

#include "absl/strings/cord.h"

namespace parc {
namespace {

constexpr char kReasonUrl[] = "parc/reason";
constexpr char kFieldUrl[] = "parc/field";
constexpr char kDetailUrl[] = "parc/detail/";

std::string Payload(const absl::Status& status, const std::string& url) {
  const auto payload = status.GetPayload(url);
  return payload.has_value() ? std::string(*payload) : std::string();
}

absl::Cord Text(std::string_view text) { return absl::Cord(std::string(text)); }

}  // namespace

absl::Status Refuse(absl::StatusCode code, std::string_view reason, std::string_view message,
                    std::string_view field) {
  absl::Status status(code, std::string(message));
  status.SetPayload(kReasonUrl, Text(reason));
  if (!field.empty()) status.SetPayload(kFieldUrl, Text(field));
  return status;
}

absl::Status WithDetail(absl::Status status, std::string_view key, std::string_view value) {
  status.SetPayload(kDetailUrl + std::string(key), Text(value));
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  std::string reason = Payload(status, kReasonUrl);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

std::string FieldOf(const absl::Status& status) { return Payload(status, kFieldUrl); }

std::string DetailOf(const absl::Status& status, std::string_view key) {
  return Payload(status, kDetailUrl + std::string(key));
}

std::map<std::string, std::string> DetailsOf(const absl::Status& status) {
  std::map<std::string, std::string> details;
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& value) {
    const std::string name(url);
    if (name.starts_with(kDetailUrl)) {
      details.emplace(name.substr(sizeof kDetailUrl - 1), std::string(value));
    }
  });
  return details;
}

}  // namespace parc
