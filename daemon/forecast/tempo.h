#pragma once

#include <array>
#include <cstddef>
#include <vector>

// The market's tempo: how fast what is under way comes nearer, as a function of the calendar. A day
// at log tempo g counts as exp(-g) ordinary days of progress, so that a crisis slows what was
// ordered before it, too, and what was ordered in it gains speed once it eases. README.md,
// "Delivery".
namespace parc::forecast {

inline constexpr int kTempoDays = 28;            // of a block of the past; block 0 ends at as_of
inline constexpr std::size_t kTempoBlocks = 24;  // the oldest has all that is older

// g is an Ornstein-Uhlenbeck process around 0: it forgets by exp(-days / kTempoMemory).
inline constexpr double kTempoMemory = 360;

using LogTempo = std::array<double, kTempoBlocks>;

// The progress of a wait from the end of day `from` to the end of day `to` (both <= 0), and how it
// depends on the tempo of each block.
struct Progress {
  double log_days = 0;                    // log(days of progress + kShift)
  std::size_t newest = 0;                 // block of `to`
  std::size_t oldest = 0;                 // block of the day after `from`
  std::array<double, kTempoBlocks> part;  // by block, newest to oldest: -d log_days / d g; sum <= 1
};
// `speed` is exp(-g) by block.
Progress ProgressOf(int from, int to, const LogTempo& speed);

// Steps of the future, in days, for which a path has one tempo each.
inline constexpr int kTempoStep = 14;

}  // namespace parc::forecast
