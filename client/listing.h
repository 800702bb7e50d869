#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/flags.h"
#include "client/render/table.h"
#include "client/render/value.h"
#include "client/session.h"
#include "google/protobuf/message.h"

namespace parc::client {

// A column that a list can show, without the way its value is got.
struct ColumnSpec {
  std::string name;  // as filters know it
  std::string header;
  render::Kind kind = render::Kind::kText;
  bool shrinks = false;
  int rank = 0;  // see render::Column
};

// Rows of an answer as a table, CSV or JSON. CSV and JSON are written as they come; a table when it
// is complete, because its columns are as wide as their widest value.
class Listing {
 public:
  Listing(Session& session, const OutputFlags& flags, std::vector<ColumnSpec> columns);
  Listing(Listing&&) = default;

  void Add(const google::protobuf::Message& message, std::vector<render::Value> values);
  // `nothing`: what to tell when there is no row at all.
  void Finish(Text nothing);

  bool wants_values() const { return format_ != "json"; }
  std::size_t rows() const { return row_count_; }

 private:
  Session& session_;
  const std::string format_;
  const bool headers_;
  const render::Dialect dialect_;
  const std::vector<ColumnSpec> columns_;
  std::vector<std::vector<render::Cell>> cells_;
  std::size_t row_count_ = 0;
};

// A field of a record, as the list of its kind shows it.
template <typename Record>
struct FieldOf {
  std::string name;
  Text header;
  render::Kind kind = render::Kind::kText;
  bool usual = false;  // shown without being asked for
  int rank = 0;
  bool shrinks = false;
  std::function<render::Value(const Record&)> get;
};

// Names of `--columns`, taken apart: NAMES, or the usual ones and +NAMES.
std::vector<std::string> ChosenColumns(std::string_view flag, std::vector<std::string> usual);

// INVALID_ARGUMENT UNKNOWN_COLUMN with a suggestion.
absl::Status UnknownColumn(std::string_view name, const std::vector<std::string>& known);

template <typename Record>
absl::StatusOr<std::vector<FieldOf<Record>>> ChooseFields(const std::vector<FieldOf<Record>>& all,
                                                          std::string_view flag) {
  std::vector<std::string> usual, known;
  for (const auto& field : all) {
    known.push_back(field.name);
    if (field.usual) usual.push_back(field.name);
  }
  std::vector<FieldOf<Record>> chosen;
  for (const std::string& name : ChosenColumns(flag, usual)) {
    bool found = false;
    for (const auto& field : all) {
      if (field.name != name) continue;
      chosen.push_back(field);
      if (!flag.empty()) chosen.back().rank = 0;  // asked for: never left out
      found = true;
    }
    if (!found) return UnknownColumn(name, known);
  }
  return chosen;
}

template <typename Record>
std::vector<ColumnSpec> SpecsOf(const Session& session,
                                const std::vector<FieldOf<Record>>& fields) {
  std::vector<ColumnSpec> specs;
  for (const auto& field : fields) {
    const std::string_view header = session.Say(field.header);
    specs.push_back({field.name, header.empty() ? field.name : std::string(header), field.kind,
                     field.shrinks, field.rank});
  }
  return specs;
}

template <typename Record>
void AddRow(Listing& listing, const std::vector<FieldOf<Record>>& fields, const Record& record) {
  std::vector<render::Value> values;
  if (listing.wants_values()) {
    for (const auto& field : fields) {
      values.push_back(field.get(record));
      values.back().kind = field.kind;
    }
  }
  listing.Add(record, std::move(values));
}

}  // namespace parc::client
