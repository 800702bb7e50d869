#pragma once

#include <vector>

#include "daemon/forecast/inputs.h"

// Working days in France.
namespace parc::forecast {

// Easter Sunday of the Gregorian calendar (anonymous algorithm, Nature 1876; Meeus 1991, ch. 8).
CivilDate EasterSunday(int year);

// The 11 holidays of article L3133-1 of the Code du travail; in Alsace-Moselle (L3134-13) Good
// Friday and 26 December, too. In order of date.
std::vector<CivilDate> FrenchHolidays(int year, bool alsace_moselle);

// Which of the days first, first + 1, …, first + count - 1 (days since 1970) are worked.
std::vector<bool> WorkingDays(const WorkCalendar& calendar, long first, int count);

}  // namespace parc::forecast
