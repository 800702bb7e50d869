#include "agent/files/dates.h"

#include <ctime>

#include "fmt/chrono.h"

namespace parc::agent {

std::string IsoDate(std::int64_t micros) {
  const std::time_t seconds = micros / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:%Y-%m-%d}", parts);
}

}  // namespace parc::agent
