#include "client/listing.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "client/lib/errors.h"
#include "client/render/csv.h"
#include "client/render/json.h"
#include "client/suggest.h"
#include "fmt/format.h"

namespace parc::client {
namespace {

render::Dialect DialectOf(const OutputFlags& flags) {
  return flags.csv_dialect == "fr-excel" ? render::Dialect::kFrenchExcel : render::Dialect::kPlain;
}

// Whether the filter has a keyword in small letters, which are words to search for (AIP-160). A
// quoted one is meant as a word.
bool HasSmallKeyword(const std::string& filter) {
  const std::vector<std::string> pieces = absl::StrSplit(filter, absl::ByAnyChar(" ()"));
  bool quoted = false;
  for (const std::string& piece : pieces) {
    if (!quoted && (piece == "and" || piece == "or" || piece == "not")) return true;
    if (std::count(piece.begin(), piece.end(), '"') % 2 != 0) quoted = !quoted;
  }
  return false;
}

}  // namespace

Listing::Listing(Session& session, const OutputFlags& flags, std::vector<ColumnSpec> columns)
    : session_(session),
      format_(flags.csv_dialect.empty() ? flags.format : "csv"),
      headers_(!flags.no_headers),
      dialect_(DialectOf(flags)),
      columns_(std::move(columns)) {
  if (format_ == "json") session_.terminal().Write("[");
  if (format_ != "csv") return;
  session_.terminal().Write(render::CsvStart(dialect_));
  std::vector<render::Value> names;
  for (const ColumnSpec& column : columns_) names.push_back({render::Kind::kText, column.name});
  if (headers_) session_.terminal().Write(render::CsvRow(names, dialect_));
}

void Listing::Add(const google::protobuf::Message& message, std::vector<render::Value> values) {
  ++row_count_;
  if (format_ == "json") {
    session_.terminal().Write((row_count_ == 1 ? "\n" : ",\n") + render::Json(message, false));
  } else if (format_ == "csv") {
    session_.terminal().Write(render::CsvRow(values, dialect_));
  } else {
    std::vector<render::Cell> row;
    for (const render::Value& value : values) {
      row.push_back({render::ForTable(value, session_.language()), value.style});
    }
    cells_.push_back(std::move(row));
  }
}

void Listing::Finish(Text nothing) {
  Terminal& terminal = session_.terminal();
  if (format_ == "json") {
    terminal.Write(row_count_ == 0 ? "]\n" : "\n]\n");
  } else if (format_ == "table" && row_count_ == 0) {
    session_.Tell(session_.Say(nothing));
    if (HasSmallKeyword(session_.filter())) {
      session_.Tell(session_.Say(
          {"and, or and not in small letters are words to search for: write AND, OR, NOT",
           "and, or et not en minuscules sont des mots cherchés : écrire AND, OR, NOT"}));
    }
  } else if (format_ == "table") {
    std::vector<render::Column> columns;
    for (const ColumnSpec& spec : columns_) {
      columns.push_back({spec.header, spec.kind == render::Kind::kNumber, spec.shrinks, spec.rank});
    }
    terminal.Write(render::Table(
        std::move(columns), cells_,
        {.width = terminal.width(), .headers = headers_, .colour = terminal.colour()}));
  }
}

std::vector<std::string> ChosenColumns(std::string_view flag, std::vector<std::string> usual) {
  if (flag.empty()) return usual;
  std::vector<std::string> chosen;
  bool adds = false;
  while (!flag.empty()) {
    const std::size_t comma = std::min(flag.find(','), flag.size());
    std::string_view name = flag.substr(0, comma);
    flag.remove_prefix(std::min(comma + 1, flag.size()));
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    if (!name.empty() && name.front() == '+') {
      adds = true;
      name.remove_prefix(1);
    }
    if (!name.empty()) chosen.emplace_back(name);
  }
  if (!adds) return chosen;
  usual.insert(usual.end(), chosen.begin(), chosen.end());
  return usual;
}

absl::Status UnknownColumn(std::string_view name, const std::vector<std::string>& known) {
  const std::string nearest = Nearest(name, known);
  std::string message = fmt::format("there is no column \"{}\"", name.substr(0, 64));
  if (!nearest.empty()) message += fmt::format("; did you mean {}?", nearest);
  return MakeError(absl::StatusCode::kInvalidArgument, "UNKNOWN_COLUMN", message,
                   {{"suggestion", nearest}});
}

}  // namespace parc::client
