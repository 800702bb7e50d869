#include "daemon/inventory/identity.h"

#include <algorithm>
#include <array>

#include "fmt/format.h"

namespace parc::inventory {
namespace {

// Whole values that firmware vendors ship instead of a serial number, in normalised form.
constexpr std::array<std::string_view, 47> kRefusedSerials = {"N/A",
                                                              "NA",
                                                              "NONE",
                                                              "NULL",
                                                              "(NULL STRING)",
                                                              "UNKNOWN",
                                                              "UNKNOW",
                                                              "NOT SPECIFIED",
                                                              "NOT PRESENT",
                                                              "NOT AVAILABLE",
                                                              "NOT APPLICABLE",
                                                              "NOT INSTALLED",
                                                              "INVALID",
                                                              "DEFAULT",
                                                              "DEFAULT STRING",
                                                              "EMPTY",
                                                              "EVAL",
                                                              "IATPASS",
                                                              "OEM",
                                                              "O.E.M.",
                                                              "OEM_SERIAL",
                                                              "TO BE FILLED BY O.E.M.",
                                                              "SYSTEM SERIAL NUMBER",
                                                              "SYSTEMSERIALNUMB",
                                                              "SYSTEM PRODUCT NAME",
                                                              "SYSTEM MANUFACTURER",
                                                              "SYSTEM VERSION",
                                                              "CHASSIS SERIAL NUMBER",
                                                              "BASE BOARD SERIAL NUMBER",
                                                              "BASEBOARD SERIAL NUMBER",
                                                              "NO ASSET TAG",
                                                              "<BAD INDEX>",
                                                              "<OUT OF SPEC>",
                                                              "MB-1234567890",
                                                              "SYS-1234567890",
                                                              "SYS-9876543210",
                                                              "SN-12345",
                                                              "SN-1234567890",
                                                              "SERIAL NUMBER XXXXXX",
                                                              "TULIP COMPUTERS",
                                                              "",
                                                              "0",
                                                              "-",
                                                              ".",
                                                              "X",
                                                              "?",
                                                              "*"};

constexpr std::array<std::string_view, 7> kRefusedUuids = {
    "03000200-0400-0500-0006-000700080009", "03020100-0504-0706-0809-0a0b0c0d0e0f",
    "10000000-0000-8000-0040-000000000000", "fefefefe-fefe-fefe-fefe-fefefefefefe",
    "6ab5b300-538d-1014-9fb5-b0684d007b53", "01010101-0101-0101-0101-010101010101",
    "02000100-0300-0400-0005-000600070008"};

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0'; }
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool IsHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

std::string Tidy(std::string_view text) {
  std::string tidy;
  for (const char c : text) {
    if (!IsBlank(c)) {
      tidy.push_back(Upper(c));
    } else if (!tidy.empty() && tidy.back() != ' ') {
      tidy.push_back(' ');
    }
  }
  if (!tidy.empty() && tidy.back() == ' ') tidy.pop_back();
  return tidy;
}

bool OneCharacterRepeated(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [&](char c) { return c == text.front(); });
}

// "0123…" or "1234…", the 0 after 9 included, at least three digits long.
bool AscendingDigits(std::string_view text) {
  if (text.size() < 3 || (text[0] != '0' && text[0] != '1')) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int expected = (text[0] - '0' + static_cast<int>(i)) % 10;
    if (text[i] != static_cast<char>('0' + expected)) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> NormaliseSerial(std::string_view serial) {
  std::string tidy = Tidy(serial);
  const bool refused =
      std::find(kRefusedSerials.begin(), kRefusedSerials.end(), tidy) != kRefusedSerials.end();
  if (refused || OneCharacterRepeated(tidy) || AscendingDigits(tidy)) return std::nullopt;
  return tidy;
}

std::optional<std::string> NormaliseUuid(std::string_view uuid) {
  std::string digits;
  for (const char c : uuid) {
    if (IsBlank(c) || c == '-' || c == '{' || c == '}') continue;
    if (!IsHex(Lower(c))) return std::nullopt;
    digits.push_back(Lower(c));
  }
  if (digits.size() != 32) return std::nullopt;
  const std::string form =
      fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4), digits.substr(12, 4),
                  digits.substr(16, 4), digits.substr(20));
  const bool known =
      std::find(kRefusedUuids.begin(), kRefusedUuids.end(), form) != kRefusedUuids.end() ||
      std::find(kRefusedUuids.begin(), kRefusedUuids.end(), ByteSwapped(form)) !=
          kRefusedUuids.end();
  const bool uniform = OneCharacterRepeated(digits) && (digits[0] == '0' || digits[0] == 'f');
  if (known || uniform) return std::nullopt;
  return form;
}

std::string ByteSwapped(std::string_view uuid) {
  std::string swapped(uuid);
  if (swapped.size() != 36) return swapped;
  const auto swap_group = [&](std::size_t begin, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes / 2; ++i) {
      std::swap(swapped[begin + 2 * i], swapped[begin + 2 * (bytes - 1 - i)]);
      std::swap(swapped[begin + 2 * i + 1], swapped[begin + 2 * (bytes - 1 - i) + 1]);
    }
  };
  swap_group(0, 4);
  swap_group(9, 2);
  swap_group(14, 2);
  return swapped;
}

bool SameUuid(std::string_view a, std::string_view b) { return a == b || a == ByteSwapped(b); }

std::optional<std::string> NormaliseMac(std::string_view mac) {
  std::string digits;
  for (const char c : mac) {
    if (c == ':' || c == '-' || c == '.') continue;
    if (!IsHex(Lower(c))) return std::nullopt;
    digits.push_back(Lower(c));
  }
  if (digits.size() != 12 || OneCharacterRepeated(digits)) return std::nullopt;
  const char low = digits[1];
  const int nibble = low <= '9' ? low - '0' : low - 'a' + 10;
  if ((nibble & 0b11) != 0) return std::nullopt;  // multicast, or locally administered
  std::string form = digits.substr(0, 2);
  for (std::size_t i = 2; i < 12; i += 2) form += ":" + digits.substr(i, 2);
  return form;
}

std::string Disagreement(std::string_view recorded_serial, std::string_view reported_serial,
                         std::string_view recorded_uuid, std::string_view reported_uuid) {
  const std::optional<std::string> old_serial = NormaliseSerial(recorded_serial);
  const std::optional<std::string> new_serial = NormaliseSerial(reported_serial);
  if (old_serial.has_value() && new_serial.has_value() && *old_serial != *new_serial) {
    return fmt::format("the record says serial {}, the machine reports {}", *old_serial,
                       *new_serial);
  }
  const std::optional<std::string> old_uuid = NormaliseUuid(recorded_uuid);
  const std::optional<std::string> new_uuid = NormaliseUuid(reported_uuid);
  if (old_uuid.has_value() && new_uuid.has_value() && !SameUuid(*old_uuid, *new_uuid)) {
    return fmt::format("earlier reports say UUID {}, the machine now reports {}", *old_uuid,
                       *new_uuid);
  }
  return {};
}

}  // namespace parc::inventory
