#include "daemon/fleet/import.h"

#include "daemon/fleet/change.h"
#include "daemon/fleet/import_cells.h"
#include "daemon/fleet/import_rows.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::fleet {
namespace {

// A refusal of the row; anything else (a full disk, a broken database) ends the import.
bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return true;
    default:
      return false;
  }
}

void Count(const RowResult& row, ImportResult& result) {
  switch (row.outcome) {
    case RowOutcome::kCreated:
      ++result.created;
      break;
    case RowOutcome::kUpdated:
      ++result.updated;
      break;
    case RowOutcome::kUnchanged:
      ++result.unchanged;
      break;
    case RowOutcome::kRefused:
      ++result.refused;
      break;
  }
}

// At most `bytes` of `text`, and no half character.
std::string Clipped(std::string text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  text.resize(bytes);
  text.shrink_to_fit();
  return text;
}

// Puts `row` among those that are told, while there is room. 10,000 of them take 6 MB at most.
void Keep(RowResult row, ImportResult& result) {
  constexpr std::size_t kLongest = 512;
  if (row.outcome == RowOutcome::kUnchanged) return;
  if (result.rows.size() >= kMaxRowResults) {
    ++result.rows_left_off;
    return;
  }
  row.key = Clipped(std::move(row.key), kLongest / 4);
  row.message = Clipped(std::move(row.message), kLongest);
  result.rows.push_back(std::move(row));
}

absl::Status CheckWidth(const ImportFile& file, const ImportRow& row) {
  if (row.cells.size() == file.headers.size()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} cells where the header has {}", row.cells.size(), file.headers.size()));
}

// What a refused row is about, as far as it can be told: the cell of its first key column.
std::string KeyOf(const ImportFile& file, const ColumnPlan& plan, const ImportRow& row) {
  for (const std::string_view field : {"code", "id", "asset_tag", "serial", "reference", "order"}) {
    const auto found = plan.field_to_column.find(field);
    if (found != plan.field_to_column.end() && found->second < row.cells.size() &&
        !row.cells[found->second].empty() && row.cells.size() == file.headers.size())
      return row.cells[found->second];
  }
  return row.cells.empty() ? std::string() : row.cells.front();
}

std::string DialectOf(const ImportFile& file, const ColumnPlan& plan) {
  if (plan.extra.empty()) return file.dialect;
  std::vector<std::string> names;
  for (const auto& [header, column] : plan.extra) names.push_back(header);
  return fmt::format("{}, extra columns kept: {}", file.dialect, fmt::join(names, ", "));
}

// What a file says of a barred field would be stored, and what is recorded of it would be told: an
// import answers "price: 998.00 EUR → 1.00 EUR".
absl::Status CheckBarred(const ImportFile& file, const ColumnPlan& plan,
                         const BarredFields& barred) {
  const auto denied = [](std::string_view header) {
    return Refuse(absl::StatusCode::kPermissionDenied, "ROLE_DENIED",
                  fmt::format("Your role may not import the column \"{}\"; leave it out.",
                              header.substr(0, 64)),
                  "file");
  };
  for (const std::string_view field : barred) {
    const auto found = plan.field_to_column.find(field);
    if (found != plan.field_to_column.end()) return denied(file.headers[found->second]);
    if (field == "extra" && !plan.extra.empty()) return denied(plan.extra.begin()->first);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImportResult> Change::Import(const ImportFile& file, bool partial,
                                            const BarredFields& barred) {
  PARC_ASSIGN(const ColumnPlan plan, PlanColumns(file));
  PARC_TRY(CheckBarred(file, plan, barred));
  ImportRows rows(*stores_);
  ImportResult result;
  result.dialect = DialectOf(file, plan);
  ImportFileRows cut(file);
  ImportRow row;
  while (cut.Next(row)) {
    RowResult outcome;
    absl::Status status = CheckWidth(file, row);
    if (status.ok()) {
      status = store::Savepoint(stores_->db, [&]() -> absl::Status {
        PARC_ASSIGN(outcome, rows.Apply(file.kind, Cells(file, plan, row)));
        return absl::OkStatus();
      });
    }
    if (!status.ok()) {
      if (!IsRefusal(status)) return status;
      outcome = {.line = row.line,
                 .outcome = RowOutcome::kRefused,
                 .key = KeyOf(file, plan, row),
                 .message = std::string(status.message()),
                 .file = {}};
    }
    outcome.line = row.line;
    Count(outcome, result);
    Keep(std::move(outcome), result);
  }
  result.applied = result.refused == 0 || partial;
  if (!result.applied) UndoAll();
  return result;
}

}  // namespace parc::fleet
