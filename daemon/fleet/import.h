#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// Imports of CSV files as a French office writes them.
namespace parc::fleet {

enum class ImportKind { kSites, kPeople, kLaptops, kOrders, kReceipts, kWorld };
enum class Encoding { kAuto, kUtf8, kWindows1252 };

struct ImportRow {
  std::int64_t line = 0;           // in the file; the header is 1
  std::vector<std::string> cells;  // UTF-8, trimmed; as many as the line has
};

// A file, decoded and found to be well-formed, before anything is compared with the fleet. The text
// is kept once and cut into rows again as they are applied (ImportFileRows): a table of cells
// would take ten times the memory of the file.
struct ImportFile {
  ImportKind kind = ImportKind::kPeople;
  std::vector<std::string> headers;  // as written
  std::string text;                  // UTF-8, with the header
  char separator = ';';
  std::int64_t rows = 0;  // below the header; blank ones do not count
  std::string dialect;    // e.g. "windows-1252, separator ';', 7 columns"
};

// Ten times the laptops of a large public administration. An import holds the writer while it is
// judged and applied, and a dry run as long, for its rows are judged against what the rows before
// them did: changes and check-ins wait in the queue until it ends, questions do not. A new laptop
// takes 50 µs of the writer's time as released, an unchanged one 21 µs: 3,600 hold it for 0.2 s,
// 100,000 for 5 s, which an agent's check-in survives; 660,000 took 46 s without optimisation, and
// the daemon was said not to take writes. A longer file goes in parts, and others write between
// them. It stays one transaction: a file is applied whole or not at all, SQLite commits one
// transaction at a time, and rows that were staged in another table would still have to be written
// to their own.
inline constexpr std::int64_t kMaxImportRows = 100'000;

// Reads `bytes`: UTF-8 with or without BOM or Windows-1252; `;`, `,` or tab; quoted cells with line
// breaks. A leading `'` before = + - @ is taken off. INVALID_ARGUMENT BAD_CSV names the line,
// FILE_TOO_LARGE for more than 128 MiB or kMaxImportRows. Takes at most 192 MiB besides `bytes`,
// and that only for Windows-1252; what it returns takes the size of the text.
absl::StatusOr<ImportFile> ReadImportFile(ImportKind kind, std::string bytes, Encoding encoding);

// Walks the rows of a file that ReadImportFile returned. `file` outlives this object.
class ImportFileRows {
 public:
  explicit ImportFileRows(const ImportFile& file);
  ~ImportFileRows();
  // Puts the next row into `row`; false at the end.
  bool Next(ImportRow& row);

 private:
  struct Place;
  std::unique_ptr<Place> place_;
};

// Fields that whoever imports may neither read nor set, by the names of the columns ("price",
// "order_line"); "extra" stands for the columns that Parc has no field for.
using BarredFields = std::vector<std::string_view>;

enum class RowOutcome { kCreated, kUpdated, kUnchanged, kRefused };

struct RowResult {
  std::int64_t line = 0;
  RowOutcome outcome = RowOutcome::kUnchanged;
  std::string key;
  std::string message;  // why it was refused, or what changes: "tier: 3 → 1"
  std::string file;     // of a world: which of its files
};

inline constexpr std::size_t kMaxRowResults = 10'000;

struct ImportResult {
  // Those that are not unchanged, in the order of the file; at most kMaxRowResults. Before them, of
  // a world: what was read otherwise than it stands there.
  std::vector<RowResult> rows;
  std::int64_t rows_left_off = 0;  // how many more there are
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;
  std::int64_t refused = 0;
  bool applied = false;
  std::string dialect;
};

}  // namespace parc::fleet
