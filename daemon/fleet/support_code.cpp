#include "daemon/fleet/support_code.h"

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "daemon/access/digest.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/sql.h"
#include "fmt/format.h"

namespace parc::fleet {
namespace {

// Without I, L, O and U, which are misheard or misread.
constexpr std::string_view kCodeDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kCodeDigitCount = 8;

char MeantDigit(char typed) {
  const char digit = absl::ascii_toupper(static_cast<unsigned char>(typed));
  if (digit == 'O') return '0';
  return digit == 'I' || digit == 'L' ? '1' : digit;
}

}  // namespace

std::string SupportCode(std::string_view spki_sha256, const inventory::CivilDate& day) {
  const std::string digest =
      access::Sha256(fmt::format("parc-support-code\n{}\n{}", spki_sha256, inventory::ToIso(day)));
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 5; ++i) bits = bits << 8U | static_cast<unsigned char>(digest[i]);
  std::string code;
  for (int shift = 35; shift >= 0; shift -= 5) {
    code.push_back(kCodeDigits[bits >> shift & 31U]);
    if (code.size() == kCodeDigitCount / 2) code.push_back('-');
  }
  return code;
}

std::optional<std::string> ParseSupportCode(std::string_view text) {
  std::string code;
  std::size_t digits = 0;
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return std::nullopt;
  for (const char typed : text.substr(begin, text.find_last_not_of(' ') + 1 - begin)) {
    const bool middle = digits == kCodeDigitCount / 2;
    if (middle && code.size() == digits) {
      code.push_back('-');
      if (typed == '-' || typed == ' ') continue;
    }
    const char digit = MeantDigit(typed);
    if (kCodeDigits.find(digit) == std::string_view::npos || digits == kCodeDigitCount)
      return std::nullopt;
    code.push_back(digit);
    ++digits;
  }
  if (digits != kCodeDigitCount) return std::nullopt;
  return code;
}

absl::StatusOr<std::optional<std::string>> FindBySupportCode(store::Connection& db,
                                                             std::string_view code,
                                                             std::int64_t now) {
  // A laptop that renews its certificate shows the code of the old key or of the new one.
  store::Statement select(
      db,
      "SELECT l.asset_tag, c.spki_sha256 FROM devices d JOIN certificates c ON c.device = d.id "
      "AND c.serial IN (d.current_serial, d.next_serial) JOIN laptops l ON l.id = d.laptop "
      "WHERE d.state = 'ACTIVE'");
  const inventory::CivilDate today = inventory::DayOf(now, "UTC");
  const std::array<inventory::CivilDate, 3> days = {today, inventory::AddDays(today, -1),
                                                    inventory::AddDays(today, 1)};
  for (const inventory::CivilDate& day : days) {
    std::optional<std::string> found;
    bool twice = false;
    PARC_TRY(select.Query([&](const store::Row& row) {
      if (SupportCode(row.Text(1), day) != code) return absl::OkStatus();
      twice = twice || (found.has_value() && *found != row.Text(0));
      found = std::string(row.Text(0));
      return absl::OkStatus();
    }));
    if (twice) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "SUPPORT_CODE_AMBIGUOUS",
                    "two laptops show this support code; ask for the asset tag", "name");
    }
    if (found.has_value()) return found;
  }
  return std::nullopt;
}

}  // namespace parc::fleet
