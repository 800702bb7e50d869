#include "daemon/forecast/calendar.h"

#include <algorithm>

namespace parc::forecast {

CivilDate EasterSunday(int year) {
  const int a = year % 19, b = year / 100, c = year % 100;
  const int d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
  const int h = (19 * a + b - d - g + 15) % 30;
  const int i = c / 4, k = c % 4;
  const int l = (32 + 2 * e + 2 * i - h - k) % 7;
  const int m = (a + 11 * h + 22 * l) / 451;
  const int n = h + l - 7 * m + 114;
  return {year, n / 31, n % 31 + 1};
}

std::vector<CivilDate> FrenchHolidays(int year, bool alsace_moselle) {
  const CivilDate easter = EasterSunday(year);
  std::vector<CivilDate> days = {{year, 1, 1},        {year, 5, 1},  {year, 5, 8},   {year, 7, 14},
                                 {year, 8, 15},       {year, 11, 1}, {year, 11, 11}, {year, 12, 25},
                                 AddDays(easter, 1),    // Easter Monday
                                 AddDays(easter, 39),   // Ascension
                                 AddDays(easter, 50)};  // Whit Monday
  if (alsace_moselle) {
    days.push_back(AddDays(easter, -2));
    days.push_back({year, 12, 26});
  }
  std::sort(days.begin(), days.end());
  return days;
}

std::vector<bool> WorkingDays(const WorkCalendar& calendar, long first, int count) {
  std::vector<bool> worked(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const long weekday = (((first + i + 3) % 7) + 7) % 7;  // 0 is Monday: 1970-01-01 was a Thursday
    worked[static_cast<std::size_t>(i)] = weekday < 5;
  }
  const auto close = [&](const CivilDate& day) {
    const long at = ToDays(day) - first;
    if (at >= 0 && at < count) worked[static_cast<std::size_t>(at)] = false;
  };
  if (calendar.country == "FR") {
    const int last_year = inventory::FromDays(first + count).year;
    for (int year = inventory::FromDays(first).year; year <= last_year; ++year)
      for (const CivilDate& day : FrenchHolidays(year, calendar.alsace_moselle)) close(day);
  }
  for (const CivilDate& day : calendar.closures) close(day);
  return worked;
}

}  // namespace parc::forecast
