#pragma once

#include <string>
#include <utility>
#include <vector>

#include "client/render/status_screen.h"
#include "client/render/table.h"

// What the screens of several answers are made of.
namespace parc::client::render {

inline std::string Say(const ScreenOptions& options, Text text) {
  return std::string(text.In(options.language));
}

inline std::string TableOf(std::vector<Column> columns, const std::vector<std::vector<Cell>>& rows,
                           const ScreenOptions& options) {
  return Table(std::move(columns), rows,
               {.width = options.width, .headers = true, .colour = options.colour});
}

}  // namespace parc::client::render
