#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Civil dates, and their place on the line of time in a zone. Times are UTC microseconds since
// 1970.
namespace parc::inventory {

struct CivilDate {
  int year = 1970;
  int month = 1;
  int day = 1;

  auto operator<=>(const CivilDate&) const = default;
};

// Whether the calendar has such a day (years 1900 to 9999).
bool IsValid(const CivilDate& date);

// "2020-03-12".
std::string ToIso(const CivilDate& date);
// INVALID_ARGUMENT BAD_DATE for anything but a day of the calendar written yyyy-mm-dd.
absl::StatusOr<CivilDate> ParseIso(std::string_view text);

// Days since 1970-01-01, and back.
std::int64_t ToDays(const CivilDate& date);
CivilDate FromDays(std::int64_t days);
CivilDate AddDays(const CivilDate& date, std::int64_t days);

// Whether the system's time zone database knows `zone`, e.g. "Europe/Paris".
bool IsZone(std::string_view zone);
// The day on which `time` falls in `zone`, which must be known.
CivilDate DayOf(std::int64_t time, std::string_view zone);
// The last microsecond of `date` in `zone`.
std::int64_t DayEnd(const CivilDate& date, std::string_view zone);

// "2020-03-12T08:30:00Z".
std::string ToIsoTime(std::int64_t time);
// RFC 3339 in UTC ("…Z") with whole seconds, or a date alone (its first instant in UTC).
absl::StatusOr<std::int64_t> ParseIsoTime(std::string_view text);

}  // namespace parc::inventory
