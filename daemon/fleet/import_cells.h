#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/fleet/import.h"
#include "daemon/inventory/civil_date.h"
#include "daemon/inventory/laptop.h"

// From the cells of a file to values: which column is which field, in French or English, and how a
// French office writes dates, amounts and yes or no.
namespace parc::fleet {

// A field of an import and the headers it is known by. Headers are compared without case, accents,
// blanks and signs.
struct ImportColumn {
  std::string_view field;
  std::vector<std::string_view> headers;
  bool required = false;
};

// What a file of `kind` may hold.
const std::vector<ImportColumn>& ColumnsOf(ImportKind kind);

// Which column of a file holds which field; columns of no field are kept under their header.
struct ColumnPlan {
  std::map<std::string_view, std::size_t> field_to_column;
  std::map<std::string, std::size_t> extra;
};

// INVALID_ARGUMENT BAD_HEADER: a required column is missing (the message says how it may be
// called), or occurs twice.
absl::StatusOr<ColumnPlan> PlanColumns(const ImportFile& file);
absl::StatusOr<ColumnPlan> PlanColumns(const ImportFile& file,
                                       const std::vector<ImportColumn>& columns);

// One row, by field. Errors name the header as the file writes it.
class Cells {
 public:
  Cells(const ImportFile& file, const ColumnPlan& plan, const ImportRow& row)
      : file_(file), plan_(plan), row_(row) {}

  // The file has a column for `field`.
  bool Has(std::string_view field) const { return plan_.field_to_column.contains(field); }
  // The cell; empty when the file has no such column.
  std::string_view Text(std::string_view field) const;
  // Brings `extra` up to date with the columns of no field; what other files left there stays.
  void TakeExtra(std::map<std::string, std::string>& extra) const;

  // dd/mm/yyyy, dd/mm/yy (20yy), dd-mm-yyyy, dd.mm.yyyy or yyyy-mm-dd. Nothing for an empty cell.
  absl::StatusOr<std::optional<inventory::CivilDate>> Date(std::string_view field) const;
  absl::StatusOr<std::optional<int>> Whole(std::string_view field) const;
  // Oui/Non, yes/no, true/false, vrai/faux, 1/0, x.
  absl::StatusOr<std::optional<bool>> YesNo(std::string_view field) const;
  // "1 234,56", "1234.56 €", … in `currency_field`'s currency, EUR without one.
  absl::StatusOr<std::optional<inventory::Money>> Amount(std::string_view field,
                                                         std::string_view currency_field) const;

  // INVALID_ARGUMENT BAD_CELL for the cell of `field`.
  absl::Status Bad(std::string_view field, std::string_view what) const;

 private:
  const ImportFile& file_;
  const ColumnPlan& plan_;
  const ImportRow& row_;
};

// Words of a file for a laptop's state, French or English; INVALID for others.
std::optional<inventory::LaptopState> StateFromWord(std::string_view word);

}  // namespace parc::fleet
