#pragma once

#include <string>

#include "client/render/language.h"
#include "parc/v1/forecasts.pb.h"

namespace parc::client::render {

struct ChartOptions {
  Language language = Language::kEnglish;
  int width = 80;   // columns in all, at least 40
  int height = 14;  // rows of the plot
  bool colour = false;
};

// The fan in a terminal: what was, the bands of 50, 80 and 90 %, the median, the target, today and
// the line of the promises, with a legend. Empty when nobody needs a laptop.
std::string FanChart(const v1::Forecast& forecast, const ChartOptions& options);

}  // namespace parc::client::render
