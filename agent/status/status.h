#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "agent/schedule/schedule.h"
#include "parc/v1/agent.pb.h"

namespace parc::agent {

// What the person at the laptop types with a new code from the support.
inline constexpr std::string_view kEnrolAnew = "sudo parc-agent enrol --code-file FILE --replace";

enum class Language { kEnglish, kFrench };

// By "fr"/"en" when given, else by a locale's name such as "fr_FR.UTF-8".
Language LanguageOf(std::string_view chosen, std::string_view locale);

// What `parc-agent status` tells.
struct StatusView {
  bool enrolled = false;
  std::string problem;   // why the identity cannot be used; empty otherwise
  bool pending = false;  // a request for enrolment waits for a person
  std::string words;     // what both screens show meanwhile; empty before an answer
  std::string device_id;
  std::string endpoint;
  std::int64_t certificate_end = 0;  // UTC microseconds
  std::string key_hash;  // of the identity's public key, which the day's support code comes from
  std::string support_code;  // of today; empty before enrolment
  Contact contact;
  std::optional<v1::CheckInResponse> answer;  // the newest
  std::int64_t now = 0;                       // UTC microseconds
};

// What `view` holds, for those who may not read the agent's own files: no key, no token, and of the
// answer the verdict with its problems alone. Read back without the support code and `now`, which
// are of the day on which it is read. DATA_LOSS for damaged bytes.
std::string FormatShown(const StatusView& view);
absl::StatusOr<StatusView> ParseShown(std::string_view bytes);

// A few plain lines for the person at the laptop.
std::string RenderStatus(const StatusView& view, Language language);

}  // namespace parc::agent
