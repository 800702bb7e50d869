#include "client/render/csv.h"

namespace parc::client::render {

std::string CsvStart(Dialect dialect) {
  return dialect == Dialect::kFrenchExcel ? "\xEF\xBB\xBF" : "";
}

std::string CsvRow(const std::vector<Value>& row, Dialect dialect) {
  const char separator = dialect == Dialect::kFrenchExcel ? ';' : ',';
  std::string line;
  for (const Value& value : row) {
    if (&value != &row.front()) line += separator;
    const std::string cell = ForCsv(value, dialect);
    const bool quoted = cell.find_first_of("\"\t\r\n") != std::string::npos ||
                        cell.find(separator) != std::string::npos ||
                        (!cell.empty() && (cell.front() == ' ' || cell.back() == ' '));
    if (!quoted) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) {
      if (c == '"') line += '"';
      line += c;
    }
    line += '"';
  }
  return line + (dialect == Dialect::kFrenchExcel ? "\r\n" : "\n");
}

}  // namespace parc::client::render
