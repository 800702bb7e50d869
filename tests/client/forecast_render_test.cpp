#include <catch2/catch.hpp>

#include "client/render/fan.h"
#include "client/render/fan_chart.h"
#include "client/render/fan_svg.h"
#include "client/render/flash_report.h"
#include "client/render/forecast_screen.h"
#include "client/render/forecast_words.h"
#include "client/render/width.h"
#include "tests/client/forecast_sample.h"
#include "tests/client/golden.h"

namespace parc::client::render {
namespace {

constexpr Language kLanguages[] = {Language::kEnglish, Language::kFrench};

std::string Suffix(Language language) { return language == Language::kFrench ? "_fr" : "_en"; }

void CheckGolden(const std::string& name, const std::string& text) {
  INFO(name);
  CHECK(text == Golden(name, text));
}

TEST_CASE("the headline says when, how sure, and the chance by the target's day") {
  const v1::Forecast forecast = SampleForecast();
  CHECK(Headline(forecast, Language::kEnglish) ==
        "100 % on 14 December (50 %), between 2 November and 9 March 2021 (80 %). Chance by 31 "
        "December 2020: 61 %, about 3 in 5.");
  CHECK(Headline(forecast, Language::kFrench) ==
        "100 % le 14 décembre (50 %), entre le 2 novembre et le 9 mars 2021 (80 %). Probabilité au "
        "31 décembre 2020 : 61 %, environ 3 chances sur 5.");
}

TEST_CASE("each odd state of the world has a headline of its own") {
  struct Row {
    const char* what;
    void (*make)(v1::Forecast& forecast);
    const char* en;
    const char* fr;
  };
  const Row rows[] = {
      {"nobody in need", [](v1::Forecast& f) { f.set_needed(0); },
       "Nobody needs a laptop on 20 March 2020: there is nothing to forecast.",
       "Personne n'a besoin d'un portable au 20 mars 2020 : rien à prévoir."},
      {"everyone is equipped",
       [](v1::Forecast& f) {
         f.set_equipped(900);
         f.mutable_targets(0)->set_reached_now(true);
         f.mutable_targets(0)->set_probability(1);
       },
       "100 % is reached: 900 of 900 people are equipped on 20 March 2020. Chance by 31 December "
       "2020: 100 %, nearly certain.",
       "Les 100 % sont atteints : 900 sur 900 personnes équipées au 20 mars 2020. Probabilité au "
       "31 décembre 2020 : 100 %, presque certain."},
      {"the target's day is over, and it was missed",
       [](v1::Forecast& f) {
         *f.mutable_targets(0)->mutable_target()->mutable_date() = Date(2020, 1, 1);
         f.mutable_targets(0)->set_in_the_past(true);
         f.mutable_targets(0)->set_probability(0);
       },
       "The target day, 1 January 2020, is over: 100 % was not reached.",
       "L'échéance du 1er janvier 2020 est passée : les 100 % n'étaient pas atteints."},
      {"every fifth future never gets there",
       [](v1::Forecast& f) {
         f.mutable_targets(0)->mutable_reached()->clear_p90();
         f.mutable_targets(0)->mutable_reached()->set_never(0.18);
       },
       "100 % on 14 December (50 %), not before 2 November (90 %); not within 12 months in 18 % of "
       "cases. Chance by 31 December 2020: 61 %, about 3 in 5.",
       "100 % le 14 décembre (50 %), pas avant le 2 novembre (90 %) ; pas avant 12 mois dans 18 % "
       "des cas. Probabilité au 31 décembre 2020 : 61 %, environ 3 chances sur 5."},
      {"nothing is on order",
       [](v1::Forecast& f) {
         v1::TargetOutlook& target = *f.mutable_targets(0);
         target.mutable_reached()->Clear();
         target.mutable_reached()->set_never(1);
         target.set_probability(0);
       },
       "100 %: not within 12 months in 100 % of cases. Chance by 31 December 2020: 0 %, very "
       "unlikely.",
       "100 % : pas avant 12 mois dans 100 % des cas. Probabilité au 31 décembre 2020 : 0 %, très "
       "improbable."},
      {"95 % instead of 100 %",
       [](v1::Forecast& f) { f.mutable_targets(0)->mutable_target()->set_ratio(0.975); },
       "97.5 % on 14 December (50 %), between 2 November and 9 March 2021 (80 %). Chance by 31 "
       "December 2020: 61 %, about 3 in 5.",
       "97,5 % le 14 décembre (50 %), entre le 2 novembre et le 9 mars 2021 (80 %). Probabilité au "
       "31 décembre 2020 : 61 %, environ 3 chances sur 5."},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    v1::Forecast forecast = SampleForecast();
    row.make(forecast);
    CHECK(Headline(forecast, Language::kEnglish) == row.en);
    CHECK(Headline(forecast, Language::kFrench) == row.fr);
  }
}

TEST_CASE("a chance is told as a plain fraction, and never as sure when it is not") {
  struct Row {
    double probability;
    const char* said;
  };
  const Row rows[] = {
      {0, "0 %, very unlikely"},         {0.003, "< 1 %, very unlikely"},
      {0.05, "5 %, about 1 in 20"},      {0.1, "10 %, about 1 in 10"},
      {0.26, "26 %, about 1 in 4"},      {0.5, "50 %, about 1 in 2"},
      {0.614, "61 %, about 3 in 5"},     {0.66, "66 %, about 2 in 3"},
      {0.9, "90 %, about 9 in 10"},      {0.96, "96 %, about 19 in 20"},
      {0.998, "> 99 %, nearly certain"}, {1, "100 %, nearly certain"},
  };
  for (const Row& row : rows) CHECK(Chance(row.probability, Language::kEnglish) == row.said);
  CHECK(Chance(0.25, Language::kFrench) == "25 %, environ 1 chance sur 4");
}

TEST_CASE("days and their numbers agree over leap years and centuries") {
  CHECK(DayNumber(Date(1970, 1, 1)) == 0);
  CHECK(DayNumber(Date(2020, 3, 20)) == 18341);
  for (int day = -1000; day < 60'000; day += 97) CHECK(DayNumber(DateOf(day)) == day);
}

TEST_CASE("the fan in a terminal") {
  for (const Language language : kLanguages) {
    for (const int width : {80, 120}) {
      const std::string chart = FanChart(SampleForecast(), {.language = language, .width = width});
      CheckGolden("fan_" + std::to_string(width) + Suffix(language) + ".txt", chart);
      std::size_t start = 0;
      for (std::size_t end = chart.find('\n'); end != std::string::npos;
           end = chart.find('\n', start)) {
        CHECK(WidthOf(std::string_view(chart).substr(start, end - start)) <= width);
        start = end + 1;
      }
    }
  }
}

TEST_CASE("the fan is drawn of any figures") {
  for (const int needed : {1, 3, 17, 100'000}) {
    v1::Forecast forecast = SampleForecast();
    const double scale = needed / 900.0;
    forecast.set_needed(needed);
    forecast.set_equipped(0);
    for (v1::ForecastDay& day : *forecast.mutable_days()) {
      v1::Quantiles& q = *day.mutable_equipped();
      q.set_p05(q.p05() * scale);
      q.set_p50(q.p50() * scale);
      q.set_p95(q.p95() * scale);
      day.set_needed_p50(needed);
    }
    forecast.clear_past();
    CHECK_FALSE(FanChart(forecast, {.width = 40}).empty());
    CHECK(FanSvg(forecast, {}).find("nan") == std::string::npos);
  }
  v1::Forecast nothing;
  CHECK(FanChart(nothing, {}).empty());
  CHECK(FanSvg(nothing, {}).find("nan") == std::string::npos);
}

TEST_CASE("the drawing stands alone, names itself, and has the figures beside it") {
  for (const Language language : kLanguages) {
    const std::string svg = FanSvg(SampleForecast(), {.language = language});
    CheckGolden("fan" + Suffix(language) + ".svg", svg);
    CHECK(svg.find("<title id=\"forecast-title\">") != std::string::npos);
    CHECK(svg.find("<desc id=\"forecast-desc\">") != std::string::npos);
    CHECK(svg.find("role=\"table\"") != std::string::npos);
    for (const char* foreign : {"<script", "href", "url(", "@import", "<image"}) {
      CHECK(svg.find(foreign) == std::string::npos);
    }
  }
}

TEST_CASE("the forecast on a screen") {
  for (const Language language : kLanguages) {
    CheckGolden("forecast_120" + Suffix(language) + ".txt",
                ForecastScreen(SampleForecast(), {.language = language, .width = 120}));
  }
  CheckGolden("forecast_80_en.txt", ForecastScreen(SampleForecast(), {.width = 80}));
}

TEST_CASE("a scenario, a plan, a backtest and a past forecast on a screen") {
  for (const Language language : kLanguages) {
    const ScreenOptions options{.language = language, .width = 100};
    const std::string suffix = Suffix(language) + ".txt";
    CheckGolden("scenario" + suffix, ComparisonScreen(SampleComparison(), options));
    CheckGolden("plan" + suffix, PlanScreen(SamplePlan(), options));
    CheckGolden("backtest" + suffix, BacktestScreen(SampleBacktest(), options));
    CheckGolden("past_forecast" + suffix, PastForecastScreen(SamplePastForecast(), options));
  }
}

TEST_CASE("a difference below two standard errors is told as none") {
  v1::ScenarioComparison comparison = SampleComparison();
  v1::TargetComparison& target = *comparison.mutable_targets(0);
  target.mutable_probability()->set_changed(0.622);
  target.mutable_probability()->set_change(0.008);
  target.mutable_probability()->set_real(false);
  target.mutable_median_day()->set_change(-1);
  target.mutable_median_day()->set_real(false);
  const std::string english = ComparisonScreen(comparison, {.width = 0});
  CHECK(english.find("100 % by 31 December 2020: no real difference (61 % → 62 %") !=
        std::string::npos);
  CHECK(english.find("Median day: no real difference") != std::string::npos);
  const std::string french =
      ComparisonScreen(comparison, {.language = Language::kFrench, .width = 0});
  CHECK(french.find("pas de différence réelle (61 % → 62 %") != std::string::npos);
}

TEST_CASE("what to order is told in one sentence, whatever the answer is") {
  v1::OrderPlan plan = SamplePlan();
  plan.set_probability_as_is(0.95);
  CHECK(PlanScreen(plan, {}).rfind("Nothing need be ordered: 100 % by 31 December 2020 has a "
                                   "chance of 95 % as it is (90 % wanted).",
                                   0) == 0);
  plan = SamplePlan();
  plan.mutable_options()->DeleteSubrange(0, 1);
  CHECK(PlanScreen(plan, {}).rfind("100 % by 31 December 2020: 90 % cannot be had; at best 83 % "
                                   "(Bureautique du Val, 80 laptops): deliveries take too long.",
                                   0) == 0);
  plan.clear_options();
  CHECK(PlanScreen(plan, {}).find("no supplier is known") != std::string::npos);
  plan.set_needed(0);
  CHECK(PlanScreen(plan, {.language = Language::kFrench})
            .rfind("Personne n'a besoin d'un portable", 0) == 0);
}

TEST_CASE("the flash report in both forms and languages") {
  for (const Language language : kLanguages) {
    CheckGolden("flash" + Suffix(language) + ".html", FlashHtml(SampleReport(), language));
    CheckGolden("flash" + Suffix(language) + ".md", FlashMarkdown(SampleReport(), language));
  }
}

// More of everything than a page has room for.
v1::FlashReport FullReport() {
  v1::FlashReport report = SampleReport();
  for (int i = 0; i < 40; ++i) {
    v1::LateLine& late = *report.add_late_lines();
    late = report.late_lines(0);
    late.set_supplier("Société interdépartementale d'équipement bureautique et numérique");
    v1::ReadinessCause& cause = *report.add_readiness_causes();
    cause = report.readiness_causes(0);
    cause.set_title_fr("Le certificat du client VPN est valable pendant quinze jours ou plus");
    v1::ForecastWarning& warning = *report.mutable_forecast()->add_warnings();
    warning.set_message_fr(
        "Société interdépartementale d'équipement n'a jamais livré : jugée d'après les autres.");
  }
  v1::TargetOutlook& target = *report.mutable_forecast()->mutable_targets(0);
  target.mutable_reached()->clear_p90();
  target.mutable_reached()->set_never(0.18);
  return report;
}

TEST_CASE("what the page has no room for is counted") {
  const std::string html = FlashHtml(FullReport(), Language::kFrench);
  CheckGolden("flash_full_fr.html", html);  // flash_page_test.py prints it
  CHECK(html.find("… 36 de plus") != std::string::npos);
}

TEST_CASE("the page needs nothing else and takes no name for a mark") {
  const std::string html = FlashHtml(SampleReport(), Language::kEnglish);
  for (const char* foreign : {"<script", "href", "src=", "url(", "@import", "<Fils"}) {
    CHECK(html.find(foreign) == std::string::npos);
  }
  CHECK(html.find("Micro-Beauce &lt;Fils &amp; Cie&gt;") != std::string::npos);
  CHECK(FlashMarkdown(SampleReport(), Language::kEnglish).find("\\<Fils & Cie\\>") !=
        std::string::npos);
}

TEST_CASE("a report for who may not see procurement has neither forecast nor orders") {
  v1::FlashReport report = SampleReport();
  report.clear_forecast();
  report.clear_late_lines();
  for (const std::string& text :
       {FlashHtml(report, Language::kEnglish), FlashMarkdown(report, Language::kEnglish)}) {
    CHECK(text.find("Late orders") == std::string::npos);
    CHECK(text.find("Chance by") == std::string::npos);
    CHECK(text.find("724 of 900 equipped") != std::string::npos);
  }
}

}  // namespace
}  // namespace parc::client::render
