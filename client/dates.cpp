#include "client/dates.h"

#include <ctime>
#include <regex>
#include <string>

#include "client/lib/errors.h"
#include "client/lib/try.h"
#include "fmt/format.h"
#include "google/protobuf/util/time_util.h"

namespace parc::client {
namespace {

google::type::Date DateOf(const std::tm& day) {
  google::type::Date date;
  date.set_year(day.tm_year + 1900);
  date.set_month(day.tm_mon + 1);
  date.set_day(day.tm_mday);
  return date;
}

std::tm Local(std::int64_t micros) {
  const std::time_t seconds = static_cast<std::time_t>(micros / 1'000'000);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return local;
}

bool InCalendar(int year, int month, int day) {
  if (year < 1900 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

int Number(const std::smatch& match, std::size_t group) {
  return match[group].matched ? std::stoi(match[group].str()) : 0;
}

absl::Status Bad(std::string_view reason, std::string_view text, std::string_view expected) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason,
                   fmt::format("\"{}\" is not {}", text.substr(0, 40), expected));
}

}  // namespace

absl::StatusOr<google::type::Date> ParseDate(std::string_view text, std::int64_t now_micros) {
  static const std::regex kIso(R"((\d{4})-(\d{1,2})-(\d{1,2}))");
  static const std::regex kFrench(R"((\d{1,2})/(\d{1,2})/(\d{4}))");
  const std::string typed(text);
  if (typed == "today" || typed == "aujourd'hui") return DateOf(Local(now_micros));
  if (typed == "yesterday" || typed == "hier") {
    std::tm day = Local(now_micros);
    day.tm_mday -= 1;
    day.tm_hour = 12;
    day.tm_isdst = -1;
    std::mktime(&day);
    return DateOf(day);
  }
  std::smatch match;
  google::type::Date date;
  if (std::regex_match(typed, match, kIso)) {
    date.set_year(Number(match, 1));
    date.set_month(Number(match, 2));
    date.set_day(Number(match, 3));
  } else if (std::regex_match(typed, match, kFrench)) {
    date.set_day(Number(match, 1));
    date.set_month(Number(match, 2));
    date.set_year(Number(match, 3));
  }
  if (!InCalendar(date.year(), date.month(), date.day())) {
    return Bad("BAD_DATE", text, "a day: write it as 2020-03-20 or 20/03/2020");
  }
  return date;
}

absl::StatusOr<google::protobuf::Timestamp> ParseTime(std::string_view text,
                                                      std::int64_t now_micros) {
  static const std::regex kLocal(
      R"((\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{4})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)");
  const std::string typed(text);
  google::protobuf::Timestamp time;
  if (google::protobuf::util::TimeUtil::FromString(typed, &time)) return time;
  std::string day_text = typed;
  int hour = 23, minute = 59, second = 59;
  std::smatch match;
  if (std::regex_match(typed, match, kLocal)) {
    day_text = match[1].str();
    hour = Number(match, 2);
    minute = Number(match, 3);
    second = Number(match, 4);
  }
  const auto date = ParseDate(day_text, now_micros);
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) {
    return Bad("BAD_TIME", text,
               "a time: write it as \"2020-03-20 08:00\" or 2020-03-20T08:00:00Z");
  }
  std::tm local{};
  local.tm_year = date->year() - 1900;
  local.tm_mon = date->month() - 1;
  local.tm_mday = date->day();
  local.tm_hour = hour;
  local.tm_min = minute;
  local.tm_sec = second;
  local.tm_isdst = -1;
  time.set_seconds(std::mktime(&local));
  return time;
}

}  // namespace parc::client
