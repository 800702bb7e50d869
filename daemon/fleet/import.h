#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// Imports of CSV files as a French office writes them.
namespace parc::fleet {

enum class ImportKind { kSites, kPeople, kLaptops, kOrders };
enum class Encoding { kAuto, kUtf8, kWindows1252 };

struct ImportRow {
  std::int64_t line = 0;           // in the file; the header is 1
  std::vector<std::string> cells;  // UTF-8, trimmed, one for each header
};

// A file, read and cut into cells, before anything is compared with the fleet.
struct ImportFile {
  ImportKind kind = ImportKind::kPeople;
  std::vector<std::string> headers;  // as written
  std::vector<ImportRow> rows;
  std::string dialect;  // e.g. "windows-1252, separator ';', 7 columns"
};

// Reads `bytes`: UTF-8 with or without BOM or Windows-1252; `;`, `,` or tab; quoted cells with line
// breaks. A leading `'` before = + - @ is taken off. INVALID_ARGUMENT BAD_CSV names the line.
absl::StatusOr<ImportFile> ReadImportFile(ImportKind kind, std::string_view bytes,
                                          Encoding encoding);

enum class RowOutcome { kCreated, kUpdated, kUnchanged, kRefused };

struct RowResult {
  std::int64_t line = 0;
  RowOutcome outcome = RowOutcome::kUnchanged;
  std::string key;
  std::string message;  // why it was refused, or what changes: "tier: 3 → 1"
};

struct ImportResult {
  std::vector<RowResult> rows;  // those that are not unchanged, in the order of the file
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;
  std::int64_t refused = 0;
  bool applied = false;
  std::string dialect;
};

}  // namespace parc::fleet
