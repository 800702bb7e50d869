#pragma once

#include <string>

#include "client/render/language.h"
#include "parc/v1/forecasts.pb.h"

namespace parc::client::render {

struct SvgOptions {
  Language language = Language::kEnglish;
  int width = 960;  // of the drawing, in its own units
  int height = 420;
  // Below the chart, the same figures as a table, so that the file says in print and to a screen
  // reader what it shows.
  bool table = true;
  // Makes the ids of title and description unique where several drawings share a page.
  std::string id = "forecast";
};

// The fan as a drawing that needs nothing else: title, description, no script, no font but the
// reader's own. Bands differ in lightness, lines in their dashes: it can be read without colours.
// The same forecast gives the same bytes.
std::string FanSvg(const v1::Forecast& forecast, const SvgOptions& options);

// `text` for the content of an element or the value of an attribute.
std::string XmlText(std::string_view text);

}  // namespace parc::client::render
