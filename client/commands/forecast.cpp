#include <algorithm>
#include <cmath>

#include "client/answer.h"
#include "client/commands/forecast_fields.h"
#include "client/commands/forecast_flags.h"
#include "client/commands/forecast_stream.h"
#include "client/commands/make.h"
#include "client/files.h"
#include "client/lib/errors.h"
#include "client/proto_text.h"
#include "client/render/fan_svg.h"
#include "client/render/forecast_screen.h"
#include "client/render/forecast_words.h"

namespace parc::client {
namespace {

constexpr Text kComputing = {"Simulating", "Simulation"};

class Forecast final : public Command {
 public:
  void Declare(Options& options) override {
    question_.Declare(options);
    scenario_.Declare(options);
    output_.Declare(options);
    options.Choice("--table", "TABLE", table_, {"days", "months", "lines", "targets"},
                   {"One table only: days (what -o csv writes), months, lines or targets",
                    "Une seule table : days (ce qu'écrit -o csv), months, lines ou targets"});
    options.Value("--svg", "FILE", svg_,
                  {"Write the chart as SVG, too", "Écrire aussi le graphique en SVG"});
    options.Values("--assert", "EXPECTATION", asserted_,
                   {"End with code 10 when it does not hold, e.g. 'p(100%,2020-12-31)>=0.9'",
                    "Finir avec le code 10 si elle n'est pas tenue, p. ex. "
                    "'p(100%,2020-12-31)>=0.9'"});
    options.AddExample("parc forecast 'population = \"Siège\"' --by 2020-12-31",
                       {"When will everyone be equipped, and how sure is that",
                        "Quand tous seront équipés, et avec quelle certitude"});
    options.AddExample("parc forecast --add 50@2020-05-04:Micro-Beauce",
                       {"What another order would change", "Ce qu'une commande changerait"});
    options.AddExample("parc forecast --as-of 2020-03-20 -o csv",
                       {"Quantiles by weeks", "Quantiles par semaines"});
  }

  absl::Status Run(Session& session) override {
    v1::ForecastQuestion question;
    PARC_TRY(question_.Fill(session, question));
    std::vector<Assertion> assertions;
    for (const std::string& text : asserted_) {
      PARC_ASSIGN(Assertion assertion, ParseAssertion(text, session.now()));
      *question.add_other_targets() = assertion.target;
      assertions.push_back(std::move(assertion));
    }
    if (scenario_.any()) return Compare(session, question, assertions);
    v1::ComputeForecastRequest request;
    *request.mutable_question() = std::move(question);
    PARC_ASSIGN(const v1::ComputeForecastResponse response,
                Compute(session, &v1::ForecastService::Stub::ComputeForecast, request, kComputing));
    const v1::Forecast& forecast = response.forecast();
    PARC_TRY(Write(session, forecast));
    PARC_TRY(WriteSvg(session, forecast));
    Check(session, assertions, forecast);
    return absl::OkStatus();
  }

 private:
  render::ScreenOptions Screen(Session& session) const {
    return {.language = session.language(),
            .width = session.terminal().width(),
            .bars = session.terminal().out_is_terminal(),
            .colour = session.terminal().colour()};
  }

  absl::Status Compare(Session& session, const v1::ForecastQuestion& question,
                       const std::vector<Assertion>& assertions) {
    v1::CompareScenarioRequest request;
    *request.mutable_question() = question;
    PARC_TRY(scenario_.Fill(session, *request.mutable_scenario()));
    PARC_ASSIGN(const v1::CompareScenarioResponse response,
                Compute(session, &v1::ForecastService::Stub::CompareScenario, request, kComputing));
    const v1::ScenarioComparison& comparison = response.comparison();
    if (output_.format == "table" && table_.empty() && output_.csv_dialect.empty()) {
      session.terminal().Write(render::ComparisonScreen(comparison, Screen(session)));
    } else if (output_.format == "json" && table_.empty()) {
      WriteJson(session, comparison);
    } else {
      PARC_TRY(Write(session, comparison.changed()));
    }
    PARC_TRY(WriteSvg(session, comparison.changed()));
    Check(session, assertions, comparison.changed());
    return absl::OkStatus();
  }

  absl::Status Write(Session& session, const v1::Forecast& forecast) {
    const bool csv = output_.format == "csv" || !output_.csv_dialect.empty();
    if (table_ == "months") {
      return WriteRows(session, ForecastMonthFields(), forecast.months());
    }
    if (table_ == "lines") return WriteRows(session, ForecastLineFields(), forecast.lines());
    if (table_ == "targets") {
      WriteTargets(session, forecast);
    } else if (table_ == "days" || csv) {
      WriteWeeks(session, forecast);
    } else if (output_.format == "json") {
      WriteJson(session, forecast);
    } else {
      session.terminal().Write(render::ForecastScreen(forecast, Screen(session)));
    }
    return absl::OkStatus();
  }

  template <typename Record, typename Rows>
  absl::Status WriteRows(Session& session, const std::vector<FieldOf<Record>>& all,
                         const Rows& rows) {
    PARC_ASSIGN(const auto fields, ChooseFields(all, output_.columns));
    Listing listing(session, output_, SpecsOf(session, fields));
    for (const Record& row : rows) AddRow(listing, fields, row);
    listing.Finish({"there is nothing to forecast", "il n'y a rien à prévoir"});
    return absl::OkStatus();
  }

  // The contract for other programs: people equipped at the end of as-of + 7, 14 … 364 days.
  void WriteWeeks(Session& session, const v1::Forecast& forecast) const {
    constexpr int kWeek = 7, kLast = 364;
    std::string text = output_.no_headers ? "" : "date;p05;p10;p25;p50;p75;p90;p95\n";
    for (int i = kWeek - 1; i < std::min(forecast.days_size(), kLast); i += kWeek) {
      const v1::Quantiles& q = forecast.days(i).equipped();
      text += fmt::format("{};{};{};{};{};{};{};{}\n", IsoDate(forecast.days(i).date()), q.p05(),
                          q.p10(), q.p25(), q.p50(), q.p75(), q.p90(), q.p95());
    }
    session.terminal().Write(text);
  }

  // Targets that have an id: those kept in the planning.
  void WriteTargets(Session& session, const v1::Forecast& forecast) const {
    std::string text = output_.no_headers ? "" : "target_id;probability\n";
    for (const v1::TargetOutlook& outlook : forecast.targets()) {
      if (outlook.target().id().empty()) continue;
      text += fmt::format("{};{}\n", outlook.target().id(), outlook.probability());
    }
    session.terminal().Write(text);
  }

  absl::Status WriteSvg(Session& session, const v1::Forecast& forecast) const {
    if (svg_.empty()) return absl::OkStatus();
    return WriteFile(svg_, render::FanSvg(forecast, {.language = session.language()}));
  }

  // The targets of the assertions follow the one that was asked about.
  static void Check(Session& session, const std::vector<Assertion>& assertions,
                    const v1::Forecast& forecast) {
    for (std::size_t i = 0; i < assertions.size(); ++i) {
      const int index = static_cast<int>(i) + 1;
      const bool known = index < forecast.targets_size();
      // Nobody in need: whoever needs a laptop has one.
      const double actual = known ? forecast.targets(index).probability() : 1;
      if (assertions[i].Holds(actual)) continue;
      session.Tell(
          fmt::format("{} {} ({})", session.Say({"expectation not met:", "attente non tenue :"}),
                      assertions[i].text, render::Probability(actual, session.language())));
      session.EndWith(Exit::kUnmet);
    }
  }

  QuestionFlags question_;
  ScenarioFlags scenario_;
  OutputFlags output_;
  std::string table_;
  std::string svg_;
  std::vector<std::string> asserted_;
};

}  // namespace

std::unique_ptr<Command> MakeForecast() { return std::make_unique<Forecast>(); }

}  // namespace parc::client
