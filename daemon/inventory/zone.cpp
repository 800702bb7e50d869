// The part of civil_date.h that needs the time zone database.

#include <chrono>
#include <exception>
#include <string>

#include "daemon/inventory/civil_date.h"
#include "date/tz.h"

namespace parc::inventory {

bool IsZone(std::string_view zone) {
  try {
    return date::locate_zone(std::string(zone)) != nullptr;
  } catch (const std::exception&) {
    return false;
  }
}

CivilDate DayOf(std::int64_t time, std::string_view zone) {
  const date::sys_time<std::chrono::microseconds> instant{std::chrono::microseconds(time)};
  const auto local = date::locate_zone(std::string(zone))->to_local(instant);
  return FromDays(date::floor<date::days>(local).time_since_epoch().count());
}

std::int64_t DayEnd(const CivilDate& date, std::string_view zone) {
  const date::local_days next{date::days(ToDays(date) + 1)};
  const auto instant = date::locate_zone(std::string(zone))->to_sys(next, date::choose::earliest);
  return std::chrono::duration_cast<std::chrono::microseconds>(instant.time_since_epoch()).count() -
         1;
}

}  // namespace parc::inventory
