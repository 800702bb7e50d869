#include "daemon/fleet/import.h"

#include "daemon/fleet/change.h"
#include "daemon/fleet/import_cells.h"
#include "daemon/fleet/import_rows.h"
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

// What a refused row is about, as far as it can be told: the cell of its first key column.
std::string KeyOf(const ImportFile& file, const ColumnPlan& plan, const ImportRow& row) {
  for (const std::string_view field : {"code", "id", "asset_tag", "serial", "reference"}) {
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

}  // namespace

absl::StatusOr<ImportResult> Change::Import(const ImportFile& file, bool partial) {
  PARC_ASSIGN(const ColumnPlan plan, PlanColumns(file));
  ImportRows rows(*stores_);
  ImportResult result;
  result.dialect = DialectOf(file, plan);
  for (const ImportRow& row : file.rows) {
    RowResult outcome;
    absl::Status status = store::Savepoint(stores_->db, [&]() -> absl::Status {
      if (row.cells.size() != file.headers.size()) {
        return absl::InvalidArgumentError(
            fmt::format("{} cells where the header has {}", row.cells.size(), file.headers.size()));
      }
      PARC_ASSIGN(outcome, rows.Apply(file.kind, Cells(file, plan, row)));
      return absl::OkStatus();
    });
    if (!status.ok()) {
      if (!IsRefusal(status)) return status;
      outcome = {.line = row.line,
                 .outcome = RowOutcome::kRefused,
                 .key = KeyOf(file, plan, row),
                 .message = std::string(status.message())};
    }
    outcome.line = row.line;
    Count(outcome, result);
    if (outcome.outcome != RowOutcome::kUnchanged) result.rows.push_back(std::move(outcome));
  }
  result.applied = result.refused == 0 || partial;
  if (!result.applied) UndoAll();
  return result;
}

}  // namespace parc::fleet
