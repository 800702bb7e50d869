#include "daemon/access/text.h"

#include "absl/strings/ascii.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/text.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::access {

using inventory::CharacterLength;
using inventory::IsControl;
using inventory::Misleads;

namespace {

constexpr std::size_t kMaxMachineText = 256;

absl::Status Bad(std::string_view field, std::string_view what) {
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_TEXT", fmt::format("{}: {}", field, what),
                field);
}

}  // namespace

absl::Status CheckText(std::string_view text, std::string_view field, std::size_t max_bytes) {
  if (text.size() > max_bytes) return Bad(field, fmt::format("longer than {} bytes", max_bytes));
  while (!text.empty()) {
    char32_t character = 0;
    const std::size_t length = CharacterLength(text, character);
    if (length == 0) return Bad(field, "not UTF-8");
    if (IsControl(character) || Misleads(character)) return Bad(field, "has control characters");
    text.remove_prefix(length);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> CleanText(std::string_view text, std::string_view field) {
  if (text.size() > kMaxMachineText) {
    return Bad(field, fmt::format("longer than {} bytes", kMaxMachineText));
  }
  std::string clean;
  while (!text.empty()) {
    char32_t character = 0;
    const std::size_t length = CharacterLength(text, character);
    if (length == 0) return Bad(field, "not UTF-8");
    if (IsControl(character)) {
      clean += ' ';
    } else if (!Misleads(character)) {
      clean += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  absl::RemoveExtraAsciiWhitespace(&clean);
  return clean;
}

}  // namespace parc::access
