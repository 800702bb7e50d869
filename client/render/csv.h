#pragma once

#include <string>
#include <vector>

#include "client/render/value.h"

namespace parc::client::render {

// What precedes the first row: a byte order mark for Excel, nothing else.
std::string CsvStart(Dialect dialect);

// One row, ended as RFC 4180 has it (CRLF).
std::string CsvRow(const std::vector<Value>& row, Dialect dialect);

}  // namespace parc::client::render
