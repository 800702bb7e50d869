#include "client/commands/forecast_fields.h"

#include "client/proto_text.h"
#include "fmt/format.h"

namespace parc::client {
namespace {

using render::Kind;
using render::Value;

// Counts as they are, shares with four digits: what is computed from them again should agree.
std::string Number(double number, int decimals) { return fmt::format("{:.{}f}", number, decimals); }

using MonthField = FieldOf<v1::ForecastMonth>;
using ForecastLineField = FieldOf<v1::ForecastLine>;
using PastField = FieldOf<v1::PastForecast>;

template <typename Record, typename Get>
FieldOf<Record> Figure(std::string name, Text header, int decimals, Get get) {
  return {.name = std::move(name),
          .header = header,
          .kind = Kind::kNumber,
          .usual = true,
          .get = [decimals, get](const Record& record) {
            return Value{{}, Number(get(record), decimals)};
          }};
}

template <typename Record, typename Get>
FieldOf<Record> Words(std::string name, Text header, Get get) {
  return {.name = std::move(name), .header = header, .usual = true, .get = [get](const Record& r) {
            return Value{{}, std::string(get(r))};
          }};
}

template <typename Record, typename Get>
FieldOf<Record> Day(std::string name, Text header, Get get) {
  return {.name = std::move(name),
          .header = header,
          .kind = Kind::kDate,
          .usual = true,
          .get = [get](const Record& r) {
            return Value{{}, IsoDate(get(r))};
          }};
}

// Three quantiles of one figure as three columns.
void AddQuantiles(const std::string& name, int decimals,
                  const v1::Quantiles& (v1::ForecastMonth::*get)() const,
                  std::vector<MonthField>& fields) {
  fields.push_back(Figure<v1::ForecastMonth>(
      name + "_p10", {}, decimals, [get](const auto& month) { return (month.*get)().p10(); }));
  fields.push_back(Figure<v1::ForecastMonth>(
      name + "_p50", {}, decimals, [get](const auto& month) { return (month.*get)().p50(); }));
  fields.push_back(Figure<v1::ForecastMonth>(
      name + "_p90", {}, decimals, [get](const auto& month) { return (month.*get)().p90(); }));
}

std::vector<MonthField> MakeMonthFields() {
  using Month = v1::ForecastMonth;
  std::vector<MonthField> fields = {
      Day<Month>("month_end", {}, [](const Month& m) { return m.end_date(); }),
      Figure<Month>("needed_p50", {}, 0, [](const Month& m) { return m.needed_p50(); }),
  };
  AddQuantiles("equipped", 0, &Month::equipped, fields);
  AddQuantiles("coverage", 4, &Month::coverage, fields);
  AddQuantiles("arrivals", 0, &Month::arrivals, fields);
  fields.push_back(
      Figure<Month>("attrition_p50", {}, 0, [](const Month& m) { return m.attrition_p50(); }));
  fields.push_back(
      Figure<Month>("waiting_p50", {}, 0, [](const Month& m) { return m.waiting_p50(); }));
  fields.push_back(Figure<Month>("reach_90", {}, 4, [](const Month& m) { return m.reach_90(); }));
  fields.push_back(Figure<Month>("reach_95", {}, 4, [](const Month& m) { return m.reach_95(); }));
  fields.push_back(Figure<Month>("reach_100", {}, 4, [](const Month& m) { return m.reach_100(); }));
  return fields;
}

// A figure that is absent where it was not computed.
ForecastLineField Optional(std::string name, bool (v1::ForecastLine::*has)() const,
                           double (v1::ForecastLine::*get)() const) {
  return {.name = std::move(name),
          .header = {},
          .kind = Kind::kNumber,
          .usual = true,
          .get = [has, get](const v1::ForecastLine& line) {
            return Value{{}, (line.*has)() ? Number((line.*get)(), 4) : ""};
          }};
}

}  // namespace

const std::vector<MonthField>& ForecastMonthFields() {
  static const std::vector<MonthField> fields = MakeMonthFields();
  return fields;
}

const std::vector<ForecastLineField>& ForecastLineFields() {
  using Line = v1::ForecastLine;
  static const std::vector<ForecastLineField> fields = {
      Words<Line>("line", {"Line", "Ligne"},
                  [](const Line& l) {
                    const std::string id = LineId(l.name());
                    return id.empty() ? l.name() : id;
                  }),
      Words<Line>("supplier", {"Supplier", "Fournisseur"},
                  [](const Line& l) { return l.supplier(); }),
      Words<Line>("model", {"Model", "Modèle"}, [](const Line& l) { return l.model(); }),
      Figure<Line>("open", {"Open", "Reste"}, 0,
                   [](const Line& l) { return static_cast<double>(l.open_quantity()); }),
      Day<Line>("promised", {"Promised", "Promis"},
                [](const Line& l) { return l.promised_date(); }),
      Figure<Line>("revisions", {"Revisions", "Révisions"}, 0,
                   [](const Line& l) { return l.revisions(); }),
      Day<Line>("expected_p10", {}, [](const Line& l) { return l.complete().p10(); }),
      Day<Line>("expected_p50", {}, [](const Line& l) { return l.complete().p50(); }),
      Day<Line>("expected_p90", {}, [](const Line& l) { return l.complete().p90(); }),
      Figure<Line>("late", {}, 4, [](const Line& l) { return l.late(); }),
      Figure<Line>("cancelled", {}, 4, [](const Line& l) { return l.cancelled(); }),
      Optional("value_of_expediting", &Line::has_value_of_expediting, &Line::value_of_expediting),
      Optional("value_at_risk", &Line::has_value_at_risk, &Line::value_at_risk),
  };
  return fields;
}

const std::vector<PastField>& PastForecastFields() {
  using Past = v1::PastForecast;
  static const std::vector<PastField> fields = {
      Words<Past>("forecast", {"Forecast", "Prévision"},
                  [](const Past& p) { return IdOf(p.name()); }),
      Day<Past>("as_of", {"As of", "Au"}, [](const Past& p) { return p.as_of_date(); }),
      {.name = "people",
       .header = {"People", "Personnes"},
       .usual = true,
       .rank = 2,
       .shrinks = true,
       .get =
           [](const Past& p) {
             return Value{{}, p.filter()};
           }},
      Figure<Past>("target", {"Target", "Cible"}, 3,
                   [](const Past& p) { return p.target().ratio(); }),
      Day<Past>("by", {"By", "Échéance"}, [](const Past& p) { return p.target().date(); }),
      Figure<Past>("chance", {"Chance", "Probabilité"}, 2,
                   [](const Past& p) { return p.probability(); }),
      Day<Past>("median", {"Median", "Médiane"}, [](const Past& p) { return p.median_date(); }),
      Figure<Past>("weeks", {"Weeks over", "Semaines"}, 0,
                   [](const Past& p) { return static_cast<double>(p.scored()); }),
      {.name = "wis",
       .header = {"WIS", "WIS"},
       .kind = Kind::kNumber,
       .usual = true,
       .get =
           [](const Past& p) {
             return Value{{}, p.scored() == 0 ? "" : Number(p.wis(), 4)};
           }},
      {.name = "in_80",
       .header = {"In 80 %", "Dans 80 %"},
       .kind = Kind::kNumber,
       .usual = true,
       .get =
           [](const Past& p) {
             return Value{{}, p.scored() == 0 ? "" : Number(p.coverage_80(), 2)};
           }},
      Words<Past>("outcome", {"Outcome", "Issue"},
                  [](const Past& p) {
                    return Word(v1::ForecastOutcome_Name(p.outcome()), "FORECAST_OUTCOME_");
                  }),
      Day<Past>("reached", {"Reached", "Atteint"}, [](const Past& p) { return p.reached_date(); }),
      {.name = "model",
       .header = {},
       .get =
           [](const Past& p) {
             return Value{{}, p.model_version()};
           }},
      {.name = "inputs",
       .header = {},
       .get =
           [](const Past& p) {
             return Value{{}, p.inputs_hash()};
           }},
      {.name = "seed",
       .header = {},
       .get =
           [](const Past& p) {
             return Value{{}, fmt::format("{}", p.seed())};
           }},
      {.name = "actor",
       .header = {},
       .get =
           [](const Past& p) {
             return Value{{}, p.actor()};
           }},
  };
  return fields;
}

}  // namespace parc::client
