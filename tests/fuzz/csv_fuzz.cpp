// A CSV file: whatever is read, written again with every cell quoted, reads the same; and no cell
// hurts the readers of dates, amounts and the rest.

#include <string>

#include "daemon/fleet/import.h"
#include "daemon/fleet/import_cells.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace parc::fleet;  // NOLINT(google-build-using-namespace): one file, one subject

std::string Written(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    line += line.empty() ? "\"" : ";\"";
    if (!cell.empty() && std::string_view("=+-@").find(cell[0]) != std::string_view::npos)
      line += '\'';
    for (const char c : cell) {
      if (c == '"') line += '"';
      line += c;
    }
    line += '"';
  }
  return line + "\n";
}

std::vector<ImportRow> RowsOf(const ImportFile& file) {
  std::vector<ImportRow> rows;
  ImportFileRows cut(file);
  for (ImportRow row; cut.Next(row);) rows.push_back(row);
  return rows;
}

void ReadCells(const ImportFile& file) {
  const auto plan = PlanColumns(file);
  if (!plan.ok()) return;
  for (const ImportRow& row : RowsOf(file)) {
    if (row.cells.size() != file.headers.size()) continue;
    const Cells cells(file, *plan, row);
    for (const ImportColumn& column : ColumnsOf(file.kind)) {
      if (const auto date = cells.Date(column.field); date.ok() && date->has_value())
        PARC_MUST(parc::inventory::IsValid(**date));
      if (const auto amount = cells.Amount(column.field, "currency"); amount.ok() && *amount)
        PARC_MUST((*amount)->micros >= 0);
      cells.Whole(column.field).IgnoreError();
      cells.YesNo(column.field).IgnoreError();
      StateFromWord(cells.Text(column.field));
    }
    std::map<std::string, std::string> extra;
    cells.TakeExtra(extra);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto kind = static_cast<ImportKind>(data[0] % 4);
  const auto encoding = static_cast<Encoding>(data[0] / 4 % 3);
  const auto file = ReadImportFile(kind, std::string(AsText(data + 1, size - 1)), encoding);
  if (!file.ok()) return 0;
  ReadCells(*file);

  std::string text = Written(file->headers);
  const std::vector<ImportRow> rows = RowsOf(*file);
  PARC_MUST(static_cast<std::int64_t>(rows.size()) == file->rows);
  for (const ImportRow& row : rows) text += Written(row.cells);
  const auto again = ReadImportFile(kind, text, Encoding::kUtf8);
  PARC_MUST(again.ok());
  PARC_MUST(again->headers == file->headers);
  const std::vector<ImportRow> same = RowsOf(*again);
  PARC_MUST(same.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) PARC_MUST(same[i].cells == rows[i].cells);
  return 0;
}
