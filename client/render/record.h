#pragma once

#include <string>
#include <vector>

#include "client/render/table.h"

namespace parc::client::render {

// One record: labels at the left, values at the right, under titles.
struct RecordGroup {
  std::string title;  // empty for the first
  std::vector<std::pair<std::string, Cell>> rows;
};

// Rows with an empty value, and groups without rows, are left out.
std::string Record(const std::vector<RecordGroup>& groups, int width, bool colour);

}  // namespace parc::client::render
