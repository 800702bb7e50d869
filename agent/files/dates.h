#pragma once

#include <cstdint>
#include <string>

namespace parc::agent {

// "2026-03-20" of UTC microseconds.
std::string IsoDate(std::int64_t micros);

}  // namespace parc::agent
