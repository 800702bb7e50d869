#pragma once

#include <string>
#include <vector>

#include "client/render/value.h"

namespace parc::client::render {

// What precedes the first row: a byte order mark for Excel, nothing else.
std::string CsvStart(Dialect dialect);

// One row. Plain lines end with LF, so that a shell reads them; those for Excel with CRLF.
std::string CsvRow(const std::vector<Value>& row, Dialect dialect);

}  // namespace parc::client::render
