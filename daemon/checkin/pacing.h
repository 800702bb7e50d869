#pragma once

#include <cstdint>
#include <string_view>

namespace parc::checkin {

struct Pacing {
  std::int64_t interval = std::int64_t{900} * 1'000'000;  // microseconds between two contacts
  // What comes more often from one device, after `burst` at once, is turned away.
  std::int64_t least = std::int64_t{5} * 1'000'000;
  int burst = 20;
};

// When the device should call again, in microseconds from now: the interval ± 10 %, by a hash of
// the device, so that a fleet stays spread; up to four times as long when `load` (0 to 1, of the
// queue) nears 1. Pure.
std::int64_t NextContact(const Pacing& pacing, std::string_view device_id, double load);

// What a refused device should wait, in milliseconds (grpc-retry-pushback-ms): spread by the
// device's hash over 5 to 60 s. Pure.
std::int64_t PushbackMillis(std::string_view device_id, double load);

}  // namespace parc::checkin
