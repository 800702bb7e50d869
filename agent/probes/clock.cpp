#include "agent/probes/probes.h"

namespace parc::agent {

std::int64_t CoarseClockError(std::int64_t micros) {
  constexpr std::int64_t kLeast = 1'000;
  constexpr std::int64_t kMost = 1'000'000'000;
  std::int64_t bound = kLeast;
  while (bound < micros && bound < kMost) bound *= 10;
  return bound;
}

std::optional<v1::Clock> ProbeClock(const World& world) {
  const auto state = world.clock ? world.clock() : std::nullopt;
  v1::Clock clock;
  if (world.now != 0) clock.set_sane(world.now >= world.not_before);
  if (state) {
    clock.set_synchronised(state->synchronised);
    clock.set_max_error_micros(CoarseClockError(state->max_error_micros));
  }
  if (clock.ByteSizeLong() == 0) return std::nullopt;
  return clock;
}

}  // namespace parc::agent
