#pragma once

#include <cstdint>
#include <string>

#include "client/render/language.h"
#include "parc/v1/fleet.pb.h"

namespace parc::client::render {

struct ScreenOptions {
  Language language = Language::kEnglish;
  int width = 0;  // 0: not known
  bool bars = false;
  bool colour = false;
  std::int64_t known_at = 0;  // only what was recorded by then, microseconds; 0: all
  bool nobody = false;        // the fleet has no people at all
};

// Coverage, stock, orders, verdicts and alerts on one screen.
std::string StatusScreen(const v1::GetStatusResponse& status, const ScreenOptions& options);

}  // namespace parc::client::render
