#include "client/render/record.h"

#include <algorithm>

#include "client/render/width.h"

namespace parc::client::render {
namespace {

constexpr int kIndent = 2;

int LabelWidth(const std::vector<RecordGroup>& groups) {
  int width = 0;
  for (const RecordGroup& group : groups) {
    for (const auto& [label, cell] : group.rows) {
      if (!cell.text.empty()) width = std::max(width, WidthOf(label));
    }
  }
  return width;
}

// `text` over as many lines as it needs, the second and later ones below the first.
std::string Folded(const Cell& cell, int left, int width, bool colour) {
  const std::string indent(static_cast<std::size_t>(left), ' ');
  const std::string wrapped = Wrap(cell.text, width, indent);
  return Styled(std::string_view(wrapped).substr(indent.size()), cell.style, colour);
}

}  // namespace

std::string Record(const std::vector<RecordGroup>& groups, int width, bool colour) {
  const int label_width = LabelWidth(groups);
  std::string text;
  for (const RecordGroup& group : groups) {
    const bool empty = std::all_of(group.rows.begin(), group.rows.end(),
                                   [](const auto& row) { return row.second.text.empty(); });
    if (empty) continue;
    if (!group.title.empty()) {
      text += (text.empty() ? "" : "\n") + Styled(group.title, Style::kBold, colour) + "\n";
    }
    const int indent = group.title.empty() ? 0 : kIndent;
    for (const auto& [label, cell] : group.rows) {
      if (cell.text.empty()) continue;
      const std::string padded = PadRight(label, label_width);
      text += std::string(static_cast<std::size_t>(indent), ' ') +
              Styled(padded, Style::kDim, colour) + "  " +
              Folded(cell, indent + label_width + 2, width, colour) + "\n";
    }
  }
  return text;
}

}  // namespace parc::client::render
