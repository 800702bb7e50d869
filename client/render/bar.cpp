#include "client/render/bar.h"

#include <algorithm>

namespace parc::client::render {

std::string Bar(std::int64_t part, std::int64_t whole, int width) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (whole <= 0 || width <= 0)
    return std::string(static_cast<std::size_t>(std::max(0, width)), ' ');
  const std::int64_t eighths = std::clamp<std::int64_t>(part, 0, whole) * width * 8 / whole;
  std::string bar;
  for (std::int64_t i = 0; i < eighths / 8; ++i) bar += "█";
  const bool broken = eighths % 8 != 0;
  if (broken) bar += kEighths[eighths % 8];
  const std::int64_t empty = width - eighths / 8 - (broken ? 1 : 0);
  for (std::int64_t i = 0; i < empty; ++i) bar += "░";
  return bar;
}

}  // namespace parc::client::render
