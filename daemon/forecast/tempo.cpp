#include "daemon/forecast/tempo.h"

#include <algorithm>
#include <cmath>

#include "daemon/forecast/landmarks.h"

namespace parc::forecast {
namespace {

std::size_t BlockOf(int day) {
  return std::min(kTempoBlocks - 1, static_cast<std::size_t>(std::max(0, -day) / kTempoDays));
}

}  // namespace

Progress ProgressOf(int from, int to, const LogTempo& speed) {
  Progress progress;
  progress.newest = BlockOf(to);
  progress.oldest = BlockOf(std::min(to, from + 1));
  double sum = 0;
  int until = to;
  for (std::size_t block = progress.newest; block <= progress.oldest; ++block) {
    // The days of the block are -28 (block + 1) + 1 to -28 block.
    const int before = block == progress.oldest ? from : -kTempoDays * static_cast<int>(block + 1);
    progress.part[block] = (until - before) * speed[block];
    sum += progress.part[block];
    until = before;
  }
  const double all = sum + kShift;
  for (std::size_t block = progress.newest; block <= progress.oldest; ++block)
    progress.part[block] /= all;
  progress.log_days = std::log(all);
  return progress;
}

}  // namespace parc::forecast
