#include "client/render/value.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <optional>

#include "client/render/width.h"
#include "fmt/format.h"

namespace parc::client::render {
namespace {

constexpr std::string_view kNarrowBlank = "\xE2\x80\xAF";  // U+202F, the French separator
constexpr std::string_view kHardBlank = "\xC2\xA0";        // U+00A0

bool IsIsoDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0u, 1u, 2u, 3u, 5u, 6u, 8u, 9u}) {
    if (text[i] < '0' || text[i] > '9') return false;
  }
  return true;
}

// Seconds since 1970 of "2020-03-18T07:42:11…Z".
std::optional<std::time_t> ParseUtc(std::string_view text) {
  if (text.size() < 20 || text.back() != 'Z' || text[10] != 'T') return std::nullopt;
  if (!IsIsoDate(text.substr(0, 10))) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t length) {
    return std::atoi(std::string(text.substr(at, length)).c_str());
  };
  std::tm utc{};
  utc.tm_year = number(0, 4) - 1900;
  utc.tm_mon = number(5, 2) - 1;
  utc.tm_mday = number(8, 2);
  utc.tm_hour = number(11, 2);
  utc.tm_min = number(14, 2);
  utc.tm_sec = number(17, 2);
  return ::timegm(&utc);
}

std::string LocalTime(std::time_t seconds, Language language) {
  std::tm local{};
  ::localtime_r(&seconds, &local);
  if (language == Language::kFrench) {
    return fmt::format("{:02}/{:02}/{:04} {:02}:{:02}", local.tm_mday, local.tm_mon + 1,
                       local.tm_year + 1900, local.tm_hour, local.tm_min);
  }
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", local.tm_year + 1900, local.tm_mon + 1,
                     local.tm_mday, local.tm_hour, local.tm_min);
}

std::string WithComma(std::string text) {
  std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

}  // namespace

std::string ForTable(const Value& value, Language language) {
  if (value.text.empty()) return "";
  switch (value.kind) {
    case Kind::kNumber:
      return language == Language::kFrench ? WithComma(value.text) : value.text;
    case Kind::kDate:
      return Date(value.text, language);
    case Kind::kTime: {
      const std::optional<std::time_t> time = ParseUtc(value.text);
      return time.has_value() ? LocalTime(*time, language) : Printable(value.text);
    }
    case Kind::kBool:
      if (value.text == "true") return language == Language::kFrench ? "oui" : "yes";
      return language == Language::kFrench ? "non" : "no";
    case Kind::kText:
    case Kind::kList:
      break;
  }
  return Printable(value.text);
}

std::string ForCsv(const Value& value, Dialect dialect) {
  if (value.text.empty()) return "";
  const bool french = dialect == Dialect::kFrenchExcel;
  switch (value.kind) {
    case Kind::kNumber:
      return french ? WithComma(value.text) : value.text;
    case Kind::kDate:
      return french ? Date(value.text, Language::kFrench) : value.text;
    case Kind::kBool:
      if (!french) return value.text;
      return value.text == "true" ? "Oui" : "Non";
    case Kind::kTime:
      return value.text;
    case Kind::kText:
    case Kind::kList:
      break;
  }
  const bool formula = std::string_view("=+-@\t\r").find(value.text.front()) != std::string::npos;
  return formula ? "'" + value.text : value.text;
}

std::string Count(std::int64_t number, Language language) {
  const std::string digits = fmt::format("{}", number < 0 ? -number : number);
  const std::string_view separator =
      language == Language::kFrench ? kNarrowBlank : std::string_view(",");
  std::string result = number < 0 ? "-" : "";
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) result += separator;
    result += digits[i];
  }
  return result;
}

std::string Bytes(std::int64_t bytes, Language language) {
  const bool french = language == Language::kFrench;
  double amount = static_cast<double>(bytes);
  std::string_view unit = french ? "o" : "B";
  for (const Text& larger :
       {Text{"KiB", "Kio"}, Text{"MiB", "Mio"}, Text{"GiB", "Gio"}, Text{"TiB", "Tio"}}) {
    if (amount < 1024) break;
    amount /= 1024;
    unit = larger.In(language);
  }
  std::string text = bytes < 1024 ? fmt::format("{}", bytes) : fmt::format("{:.1f}", amount);
  if (french) text = WithComma(std::move(text));
  return fmt::format("{} {}", text, unit);
}

std::string Percent(std::int64_t part, std::int64_t whole, Language language) {
  if (whole <= 0) return "–";
  std::int64_t tenths = (part * 2000 + whole) / (whole * 2);
  if (tenths == 1000 && part < whole) tenths = 999;  // 100 % is said when it is reached
  std::string text = fmt::format("{}.{}", tenths / 10, tenths % 10);
  if (language == Language::kFrench) return WithComma(std::move(text)).append(kHardBlank) + "%";
  return text + " %";
}

std::string Date(std::string_view iso, Language language) {
  if (language != Language::kFrench || !IsIsoDate(iso)) return Printable(iso);
  return fmt::format("{}/{}/{}", iso.substr(8, 2), iso.substr(5, 2), iso.substr(0, 4));
}

std::string Time(std::int64_t micros, Language language) {
  return LocalTime(static_cast<std::time_t>(micros / 1'000'000), language);
}

std::string Span(std::int64_t seconds, Language language) {
  struct Unit {
    std::int64_t seconds;
    Text one;
    Text many;
  };
  static constexpr Unit kUnits[] = {
      {86400, {"day", "jour"}, {"days", "jours"}},
      {3600, {"hour", "heure"}, {"hours", "heures"}},
      {60, {"minute", "minute"}, {"minutes", "minutes"}},
      {1, {"second", "seconde"}, {"seconds", "secondes"}},
  };
  for (const Unit& unit : kUnits) {
    const std::int64_t count = seconds / unit.seconds;
    if (count < 1 && unit.seconds > 1) continue;
    return fmt::format("{} {}", Count(count, language),
                       (count == 1 ? unit.one : unit.many).In(language));
  }
  return "";
}

}  // namespace parc::client::render
