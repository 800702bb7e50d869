#pragma once

#include <cstdint>

// Times are UTC microseconds, as everywhere in the daemon.
namespace parc::access {

inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;
inline constexpr std::int64_t kYear = 365 * kDay;

}  // namespace parc::access
