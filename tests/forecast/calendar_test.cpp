#include <algorithm>
#include <catch2/catch.hpp>

#include "daemon/forecast/calendar.h"

namespace parc::forecast {

TEST_CASE("Easter falls where the almanac has it") {
  const auto [year, easter] = GENERATE(table<int, CivilDate>({
      {1954, {1954, 4, 18}},
      {1961, {1961, 4, 2}},
      {2000, {2000, 4, 23}},
      {2008, {2008, 3, 23}},
      {2019, {2019, 4, 21}},
      {2020, {2020, 4, 12}},
      {2021, {2021, 4, 4}},
      {2024, {2024, 3, 31}},
      {2038, {2038, 4, 25}},
  }));
  CHECK(EasterSunday(year) == easter);
}

TEST_CASE("2020 has the eleven holidays of metropolitan France") {
  const std::vector<CivilDate> expected = {
      {2020, 1, 1},  {2020, 4, 13}, {2020, 5, 1},  {2020, 5, 8},   {2020, 5, 21}, {2020, 6, 1},
      {2020, 7, 14}, {2020, 8, 15}, {2020, 11, 1}, {2020, 11, 11}, {2020, 12, 25}};
  CHECK(FrenchHolidays(2020, false) == expected);
}

TEST_CASE("Alsace-Moselle has Good Friday and the second day of Christmas, too") {
  const std::vector<CivilDate> days = FrenchHolidays(2020, true);
  CHECK(days.size() == 13);
  CHECK(std::count(days.begin(), days.end(), CivilDate{2020, 4, 10}) == 1);
  CHECK(std::count(days.begin(), days.end(), CivilDate{2020, 12, 26}) == 1);
}

TEST_CASE("May 2020 has 18 working days in France, 21 elsewhere, and fewer with closures") {
  const auto worked = [](const WorkCalendar& calendar) {
    const std::vector<bool> days = WorkingDays(calendar, inventory::ToDays({2020, 5, 1}), 31);
    return std::count(days.begin(), days.end(), true);
  };
  CHECK(worked({}) == 18);
  CHECK(worked({"DE", false, {}}) == 21);
  CHECK(worked({"FR", false, {{2020, 5, 22}, {2020, 5, 23}}}) == 17);
}

TEST_CASE("working days go on over the turn of the year") {
  const std::vector<bool> days = WorkingDays({}, inventory::ToDays({2020, 12, 31}), 4);
  CHECK(days == std::vector<bool>{true, false, false, false});
}

}  // namespace parc::forecast
