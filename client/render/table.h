#pragma once

#include <string>
#include <vector>

#include "client/render/style.h"

namespace parc::client::render {

struct Column {
  std::string header;
  bool right = false;    // numbers
  bool shrinks = false;  // may be cut with "…" when the table is wider than the terminal
  // Columns of a rank above 0 are left out, the highest first, while the table does not fit even
  // with cut columns. 0: always there.
  int rank = 0;
};

struct Cell {
  std::string text;  // printable
  Style style = Style::kPlain;
};

struct TableOptions {
  int width = 0;  // columns of the terminal; 0: as wide as it needs to be
  bool headers = true;
  bool colour = false;
};

// Rows under their headers. Never drops a row; a table that cannot be made to fit is wider than the
// terminal.
std::string Table(std::vector<Column> columns, const std::vector<std::vector<Cell>>& rows,
                  const TableOptions& options);

}  // namespace parc::client::render
