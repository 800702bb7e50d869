#include "client/render/table.h"

#include <algorithm>
#include <numeric>

#include "client/render/width.h"

namespace parc::client::render {
namespace {

constexpr int kGap = 2;
constexpr int kNarrowest = 10;  // a cut column keeps at least this much
constexpr int kComfort = 16;    // columns are left out before others are cut below this

using Rows = std::vector<std::vector<Cell>>;

// The columns that are shown, and how wide each is.
struct Layout {
  std::vector<std::size_t> columns;
  std::vector<int> widths;

  int Total() const {
    const int gaps = kGap * std::max(0, static_cast<int>(columns.size()) - 1);
    return std::accumulate(widths.begin(), widths.end(), gaps);
  }
};

std::vector<int> NaturalWidths(const std::vector<Column>& columns, const Rows& rows, bool headers) {
  std::vector<int> widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    int width = headers ? WidthOf(columns[i].header) : 0;
    for (const auto& row : rows) width = std::max(width, WidthOf(row[i].text));
    widths.push_back(width);
  }
  return widths;
}

// Takes columns from the widest that may shrink, down to `narrowest` each, until the table fits.
void Shrink(const std::vector<Column>& columns, int width, int narrowest, Layout& layout) {
  while (layout.Total() > width) {
    std::size_t widest = layout.columns.size();
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
      const Column& column = columns[layout.columns[i]];
      const int floor = std::max(narrowest, std::min(WidthOf(column.header), kComfort));
      if (!column.shrinks || layout.widths[i] <= floor) continue;
      if (widest == layout.columns.size() || layout.widths[i] > layout.widths[widest]) widest = i;
    }
    if (widest == layout.columns.size()) return;
    --layout.widths[widest];
  }
}

Layout Plan(const std::vector<Column>& columns, const std::vector<int>& natural, int width) {
  Layout layout;
  layout.columns.resize(columns.size());
  std::iota(layout.columns.begin(), layout.columns.end(), std::size_t{0});
  for (;;) {
    layout.widths.clear();
    for (const std::size_t i : layout.columns) layout.widths.push_back(natural[i]);
    if (width <= 0 || layout.Total() <= width) return layout;
    Shrink(columns, width, kComfort, layout);
    if (layout.Total() <= width) return layout;
    const auto last =
        std::max_element(layout.columns.begin(), layout.columns.end(),
                         [&](auto a, auto b) { return columns[a].rank <= columns[b].rank; });
    if (last == layout.columns.end() || columns[*last].rank == 0) break;
    layout.columns.erase(last);
  }
  Shrink(columns, width, kNarrowest, layout);
  return layout;
}

std::string Line(const std::vector<Column>& columns, const Layout& layout,
                 const std::vector<Cell>& cells, bool colour) {
  std::string line;
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    const Column& column = columns[layout.columns[i]];
    const Cell& cell = cells[layout.columns[i]];
    const std::string text = Shorten(cell.text, layout.widths[i]);
    const int missing = layout.widths[i] - WidthOf(text);
    const std::string blanks(static_cast<std::size_t>(std::max(0, missing)), ' ');
    const bool last = i + 1 == layout.columns.size();
    if (column.right) line += blanks;
    line += Styled(text, cell.style, colour);
    if (!last) line += (column.right ? "" : blanks) + std::string(kGap, ' ');
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line + "\n";
}

}  // namespace

std::string Table(std::vector<Column> columns, const Rows& rows, const TableOptions& options) {
  const Layout layout = Plan(columns, NaturalWidths(columns, rows, options.headers), options.width);
  std::string text;
  if (options.headers) {
    std::vector<Cell> headers;
    for (const Column& column : columns) headers.push_back({column.header, Style::kBold});
    text += Line(columns, layout, headers, options.colour);
  }
  for (const auto& row : rows) text += Line(columns, layout, row, options.colour);
  return text;
}

}  // namespace parc::client::render
