#pragma once

#include <string>

#include "client/render/language.h"
#include "parc/v1/fleet.pb.h"

namespace parc::client::render {

struct ScreenOptions {
  Language language = Language::kEnglish;
  int width = 0;  // 0: not known
  bool bars = false;
  bool colour = false;
};

// Coverage, stock, orders, verdicts and alerts on one screen.
std::string StatusScreen(const v1::GetStatusResponse& status, const ScreenOptions& options);

}  // namespace parc::client::render
