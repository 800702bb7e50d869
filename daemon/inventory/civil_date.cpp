#include "daemon/inventory/civil_date.h"

#include <charconv>
#include <chrono>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "date/date.h"
#include "fmt/format.h"

namespace parc::inventory {
namespace {

date::year_month_day ToYmd(const CivilDate& date) {
  return date::year(date.year) / date::month(static_cast<unsigned>(date.month)) /
         date::day(static_cast<unsigned>(date.day));
}

// The number in `text`, which must be all digits.
bool Digits(std::string_view text, int& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && text.front() != '-';
}

}  // namespace

bool IsValid(const CivilDate& date) {
  // The calendar library keeps months and days in one byte each and would take month 257 for 1.
  const bool in_range = date.year >= 1900 && date.year <= 9999 && date.month >= 1 &&
                        date.month <= 12 && date.day >= 1 && date.day <= 31;
  return in_range && ToYmd(date).ok();
}

std::string ToIso(const CivilDate& date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

absl::StatusOr<CivilDate> ParseIso(std::string_view text) {
  CivilDate date;
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-' &&
                      Digits(text.substr(0, 4), date.year) &&
                      Digits(text.substr(5, 2), date.month) && Digits(text.substr(8, 2), date.day);
  if (!shaped || !IsValid(date)) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_DATE",
                  fmt::format("\"{}\" is no date of the form 2020-03-12", text.substr(0, 32)));
  }
  return date;
}

std::int64_t ToDays(const CivilDate& date) {
  return date::sys_days(ToYmd(date)).time_since_epoch().count();
}

CivilDate FromDays(std::int64_t days) {
  const date::year_month_day ymd{date::sys_days(date::days(days))};
  return {static_cast<int>(ymd.year()), static_cast<int>(static_cast<unsigned>(ymd.month())),
          static_cast<int>(static_cast<unsigned>(ymd.day()))};
}

CivilDate AddDays(const CivilDate& date, std::int64_t days) {
  return FromDays(ToDays(date) + days);
}

std::string ToIsoTime(std::int64_t time) {
  const std::int64_t seconds = time / 1'000'000 - (time % 1'000'000 < 0 ? 1 : 0);
  std::int64_t days = seconds / 86'400;
  std::int64_t rest = seconds % 86'400;
  if (rest < 0) {
    rest += 86'400;
    --days;
  }
  return fmt::format("{}T{:02}:{:02}:{:02}Z", ToIso(FromDays(days)), rest / 3600, rest / 60 % 60,
                     rest % 60);
}

absl::StatusOr<std::int64_t> ParseIsoTime(std::string_view text) {
  PARC_ASSIGN(const CivilDate day, ParseIso(text.substr(0, 10)));
  std::int64_t seconds = ToDays(day) * 86'400;
  if (text.size() == 10) return seconds * 1'000'000;
  int hour = 0;
  int minute = 0;
  int second = 0;
  const bool shaped = text.size() == 20 && text[10] == 'T' && text[13] == ':' && text[16] == ':' &&
                      text[19] == 'Z' && Digits(text.substr(11, 2), hour) &&
                      Digits(text.substr(14, 2), minute) && Digits(text.substr(17, 2), second) &&
                      hour < 24 && minute < 60 && second < 60;
  if (!shaped) {
    return Refuse(
        absl::StatusCode::kInvalidArgument, "BAD_TIME",
        fmt::format("\"{}\" is no time of the form 2020-03-12T08:30:00Z", text.substr(0, 32)));
  }
  return (seconds + hour * 3600 + minute * 60 + second) * 1'000'000;
}

}  // namespace parc::inventory
