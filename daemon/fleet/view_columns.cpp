#include <algorithm>
#include <map>

#include "daemon/filter/match.h"
#include "daemon/filter/parse.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/try.h"
#include "daemon/store/column_match.h"
#include "daemon/store/contact_log.h"
#include "fmt/format.h"

// What is asked of the whole fleet as it is now, by columns in memory instead of all rows.
namespace parc::fleet {

using inventory::FieldId;
using store::CodedColumn;
using store::FieldInMemory;
using store::IntegerColumn;
using store::KeptColumns;
using store::KeptTable;
using store::Row;
using store::RowSet;
using store::Statement;

namespace {

// The code of `value`; nothing when no row has it.
std::optional<std::uint32_t> CodeOf(const CodedColumn& column, std::string_view value) {
  for (std::size_t code = 1; code < column.values.size(); ++code) {
    const auto* text = std::get_if<std::string>(&column.values[code]);
    if (text != nullptr && *text == value) return static_cast<std::uint32_t>(code);
  }
  return std::nullopt;
}

// The same, added to the column's values when it is not there.
std::uint32_t CodeFor(CodedColumn& column, std::string_view value) {
  if (const std::optional<std::uint32_t> code = CodeOf(column, value)) return *code;
  column.values.emplace_back(std::string(value));
  return static_cast<std::uint32_t>(column.values.size() - 1);
}

std::string TextOf(const CodedColumn& column, std::size_t code) {
  const auto* text = std::get_if<std::string>(&column.values[code]);
  return text == nullptr ? std::string() : *text;
}

// For each code of a column of days, absent among them: whether it `passes` as ISO text.
std::vector<bool> DaysThat(const CodedColumn& column, auto passes) {
  std::vector<bool> result = {true};
  for (std::size_t code = 1; code < column.values.size(); ++code)
    result.push_back(passes(TextOf(column, code)));
  return result;
}

// Laptops whose newest report came before `cutoff`. The log is asked about few of them: those that
// would be silent by `contacts` alone, and those whose contact in the log is that old itself, which
// takes a clock that was set back.
absl::StatusOr<RowSet> SilentSince(store::Connection& db, std::int64_t cutoff) {
  RowSet silent;
  for (const std::string_view candidates :
       {"c.report_time < ?1", "c.laptop IN (SELECT laptop FROM contact_log WHERE seen < ?1)"}) {
    Statement select(db, fmt::format("SELECT c.laptop FROM contacts c WHERE {} AND {} < ?1",
                                     candidates, store::kReportTime));
    PARC_TRY(select.Query(
        [&](const Row& row) {
          silent.Put(row.Int(0));
          return absl::OkStatus();
        },
        cutoff));
  }
  return silent;
}

RowSet RowsOf(const CodedColumn& column) {
  RowSet rows;
  for (std::size_t row = 0; row < column.codes.size(); ++row) {
    if (column.codes[row] != 0) rows.Put(static_cast<std::int64_t>(row));
  }
  return rows;
}

// How many rows have each value of `column`, of those that `picks`.
std::map<std::string, std::int64_t> CountOfEach(const CodedColumn& column, auto picks) {
  std::vector<std::int64_t> counts(column.values.size());
  for (std::size_t row = 0; row < column.codes.size(); ++row) {
    if (picks(row)) ++counts[column.codes[row]];
  }
  std::map<std::string, std::int64_t> named;
  for (std::size_t code = 1; code < counts.size(); ++code) {
    if (counts[code] > 0) named[TextOf(column, code)] = counts[code];
  }
  return named;
}

// What people need, by columns; null: it has too many values to be kept.
struct PeopleColumns {
  const CodedColumn* needs = nullptr;
  const CodedColumn* populations = nullptr;
  const CodedColumn* starts = nullptr;
  const CodedColumn* ends = nullptr;
};

absl::StatusOr<PeopleColumns> PeopleIn(KeptColumns::Reader& reader) {
  PeopleColumns people;
  PARC_ASSIGN(people.needs, reader.Codes(KeptTable::kPersonRows, "needs_laptop"));
  PARC_ASSIGN(people.populations, reader.Codes(KeptTable::kPersonRows, "population"));
  PARC_ASSIGN(people.starts, reader.Codes(KeptTable::kPersonRows, "start_date"));
  PARC_ASSIGN(people.ends, reader.Codes(KeptTable::kPersonRows, "end_date"));
  return people;
}

// What people hold, by row id.
enum Holding : std::uint8_t { kHoldsNone, kHolds, kHoldsReady };
using Held = std::vector<Holding>;

std::vector<Coverage> CoverageOn(const std::string& day, const PeopleColumns& people,
                                 const Held& held) {
  const std::vector<bool> came =
      DaysThat(*people.starts, [&](const std::string& from) { return from <= day; });
  const std::vector<bool> stays =
      DaysThat(*people.ends, [&](const std::string& to) { return to >= day; });
  std::vector<Coverage> coverage(people.populations->values.size());
  for (std::size_t person = 0; person < people.needs->codes.size(); ++person) {
    const store::Bind& needs = people.needs->values[people.needs->codes[person]];
    if (needs != store::Bind(std::int64_t{1}) || !came[people.starts->CodeOf(person)] ||
        !stays[people.ends->CodeOf(person)])
      continue;
    const Holding holds = person < held.size() ? held[person] : kHoldsNone;
    Coverage& of = coverage[people.populations->CodeOf(person)];
    ++of.needed;
    of.equipped += holds >= kHolds ? 1 : 0;
    of.ready += holds >= kHoldsReady ? 1 : 0;
  }
  for (std::size_t code = 0; code < coverage.size(); ++code)
    coverage[code].population = TextOf(*people.populations, code);
  std::erase_if(coverage, [](const Coverage& of) { return of.needed == 0; });
  return coverage;
}

}  // namespace

absl::StatusOr<CodedColumn> View::Stores::VerdictsNow(KeptColumns::Reader& reader) {
  PARC_ASSIGN(const CodedColumn* states, reader.Codes(KeptTable::kLaptopRows, "state"));
  PARC_ASSIGN(const CodedColumn* judged, reader.Codes(KeptTable::kPostureRows, "verdict"));
  if (states == nullptr || judged == nullptr) return absl::InternalError("too many verdicts");
  PARC_ASSIGN(RowSet silent, SilentSince(db, context.now - context.stale_after));
  CodedColumn verdicts;
  verdicts.values = judged->values;
  const std::uint32_t unknown = CodeFor(verdicts, "UNKNOWN");
  const std::uint32_t stale = CodeFor(verdicts, "STALE");
  verdicts.codes.resize(states->codes.size(), 0);
  for (std::size_t row = 0; row < states->codes.size(); ++row) {
    if (states->codes[row] == 0) continue;
    const std::uint32_t code = judged->CodeOf(row);
    verdicts.codes[row] = code == 0 ? unknown : code;
  }
  silent.Each([&](std::int64_t laptop) {
    const auto row = static_cast<std::size_t>(laptop);
    if (judged->CodeOf(row) != 0 && TextOf(*states, states->CodeOf(row)) == "ASSIGNED")
      verdicts.codes[row] = stale;
  });
  return verdicts;
}

absl::StatusOr<std::optional<RowSet>> View::Stores::LaptopsInMemory(std::string_view filter,
                                                                    const store::ColumnMap& map) {
  std::optional<RowSet> matches;
  PARC_ASSIGN(const filter::Expression expression,
              filter::Parse(filter, inventory::Resource::kLaptops));
  const std::vector<FieldId> fields = filter::FieldsOf(expression);
  const bool all_kept = std::all_of(fields.begin(), fields.end(), [&](FieldId id) {
    return id == FieldId::kReadiness ||
           (map.contains(id) && store::OneColumnOf(map.at(id)).has_value());
  });
  if (kept == nullptr || fields.empty() || !all_kept) return matches;
  PARC_TRY(kept->Read(db, settled, [&](KeptColumns::Reader& reader) -> absl::Status {
    PARC_ASSIGN(const CodedColumn* states, reader.Codes(KeptTable::kLaptopRows, "state"));
    if (states == nullptr) return absl::OkStatus();
    CodedColumn verdicts;
    const auto field = [&](FieldId id) -> absl::StatusOr<std::optional<FieldInMemory>> {
      if (id == FieldId::kReadiness) {
        if (verdicts.codes.empty()) {
          PARC_ASSIGN(verdicts, VerdictsNow(reader));
        }
        return FieldInMemory{&verdicts, "x.v"};
      }
      const auto name = store::OneColumnOf(map.at(id));
      PARC_ASSIGN(const CodedColumn* column, reader.Codes(name->first, name->second));
      if (column == nullptr) return std::nullopt;
      return FieldInMemory{column, store::OverValue(map.at(id), name->first, name->second)};
    };
    PARC_ASSIGN(matches, store::MatchInMemory(db, expression, RowsOf(*states), field));
    return absl::OkStatus();
  }));
  return matches;
}

absl::StatusOr<bool> View::Stores::CountInMemory(Status& status) {
  if (kept == nullptr) return false;
  bool counted = false;
  PARC_TRY(kept->Read(db, settled, [&](KeptColumns::Reader& reader) -> absl::Status {
    PARC_ASSIGN(const CodedColumn* states, reader.Codes(KeptTable::kLaptopRows, "state"));
    PARC_ASSIGN(const IntegerColumn* holders, reader.Integers(KeptTable::kLaptopRows, "holder"));
    PARC_ASSIGN(const PeopleColumns people, PeopleIn(reader));
    for (const CodedColumn* column :
         {states, people.needs, people.populations, people.starts, people.ends}) {
      if (column == nullptr) return absl::OkStatus();
    }
    PARC_ASSIGN(const CodedColumn verdicts, VerdictsNow(reader));

    const std::optional<std::uint32_t> assigned = CodeOf(*states, "ASSIGNED");
    const std::optional<std::uint32_t> ready = CodeOf(verdicts, "READY");
    Held held;
    for (std::size_t row = 0; row < states->codes.size(); ++row) {
      if (states->codes[row] == 0 || states->codes[row] != assigned) continue;
      if (holders->values[row] == IntegerColumn::kNone) continue;
      const auto person = static_cast<std::size_t>(holders->values[row]);
      if (person >= held.size()) held.resize(person + 1 + person / 8, kHoldsNone);
      held[person] = std::max(held[person], verdicts.codes[row] == ready ? kHoldsReady : kHolds);
    }
    status.by_state = CountOfEach(*states, [](std::size_t) { return true; });
    status.by_verdict =
        CountOfEach(verdicts, [&](std::size_t row) { return states->codes[row] == assigned; });
    status.coverage = CoverageOn(inventory::ToIso(status.as_of), people, held);
    counted = true;
    return absl::OkStatus();
  }));
  return counted;
}

}  // namespace parc::fleet
