#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "client/listing.h"
#include "client/render/value.h"
#include "fmt/format.h"
#include "parc/v1/readiness.pb.h"

// Columns of the reports that count laptops, by groups or by what they have.
namespace parc::client {

// How many; dimmed when there are none.
inline render::Value CountValue(std::int64_t number, render::Style style) {
  return {{}, fmt::format("{}", number), number == 0 ? render::Style::kDim : style};
}

template <typename Record>
FieldOf<Record> CountField(std::string name, Text header, std::int64_t (Record::*get)() const,
                           render::Style style = render::Style::kPlain) {
  return {.name = std::move(name),
          .header = header,
          .kind = render::Kind::kNumber,
          .usual = true,
          .get = [get, style](const Record& record) { return CountValue((record.*get)(), style); }};
}

// What the laptops of a group have in common.
template <typename Group>
FieldOf<Group> GroupField(Text header, Language language) {
  return {.name = "group",
          .header = header,
          .usual = true,
          .shrinks = true,
          .get = [language](const Group& group) {
            const std::string& key = group.key();
            return render::Value{
                {}, key.empty() ? std::string(Text{"(none)", "(aucun)"}.In(language)) : key};
          }};
}

// Of `--by`; `all` heads the one group when it is not given.
inline Text GroupHeader(std::string_view by, Text all) {
  if (by == "site") return {"Site", "Site"};
  if (by == "population") return {"Population", "Population"};
  if (by == "model") return {"Model", "Modèle"};
  return all;
}

inline v1::ReadinessGrouping GroupingOf(std::string_view by) {
  if (by == "site") return v1::READINESS_GROUPING_SITE;
  if (by == "population") return v1::READINESS_GROUPING_POPULATION;
  if (by == "model") return v1::READINESS_GROUPING_MODEL;
  if (by == "check") return v1::READINESS_GROUPING_CHECK;
  return v1::READINESS_GROUPING_UNSPECIFIED;
}

}  // namespace parc::client
