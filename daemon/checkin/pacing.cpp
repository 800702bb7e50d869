#include "daemon/checkin/pacing.h"

#include <algorithm>

namespace parc::checkin {
namespace {

// FNV-1a with a last mixing step: the same on every machine and in every version, so that a restart
// does not shuffle the fleet.
std::uint64_t Hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 14'695'981'039'346'656'037U ^ seed;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1'099'511'628'211U;
  }
  hash ^= hash >> 33;
  hash *= 0xFF51AFD7ED558CCDU;
  hash ^= hash >> 33;
  return hash;
}

// 0 to 1, by the device; 1 excluded.
double Share(std::string_view device_id, std::uint64_t seed) {
  return static_cast<double>(Hash(device_id, seed) >> 11) / static_cast<double>(1ULL << 53);
}

}  // namespace

std::int64_t NextContact(const Pacing& pacing, std::string_view device_id, double load) {
  const double interval = static_cast<double>(pacing.interval);
  const double spread = 0.9 + 0.2 * Share(device_id, 1);
  // Up to half a queue is what batches are made of; beyond, the fleet is slowed down.
  const double excess = std::clamp((std::clamp(load, 0.0, 1.0) - 0.5) * 2, 0.0, 1.0);
  return static_cast<std::int64_t>(interval * spread * (1 + 3 * excess));
}

std::int64_t PushbackMillis(std::string_view device_id, double load) {
  // The fuller the queue, the later the earliest comes back; the latest always after 60 s.
  const double first = 5'000 + 15'000 * std::clamp(load, 0.0, 1.0);
  return static_cast<std::int64_t>(first + (60'000 - first) * Share(device_id, 2));
}

}  // namespace parc::checkin
