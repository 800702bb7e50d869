#include <cmath>
#include <vector>

#include "client/render/forecast_screen.h"
#include "client/render/forecast_words.h"
#include "client/render/screen_parts.h"
#include "client/render/style.h"
#include "client/render/table.h"
#include "client/render/value.h"
#include "client/render/width.h"
#include "fmt/format.h"

namespace parc::client::render {
namespace {

std::string Decimal(double number, int decimals, const ScreenOptions& options) {
  return ForTable({Kind::kNumber, fmt::format("{:.{}f}", number, decimals)}, options.language);
}

std::string Paragraph(const std::string& text, const ScreenOptions& options) {
  return Wrap(text, options.width, "") + "\n";
}

// "100 % by 31 December 2020".
std::string Goal(const v1::ForecastTarget& target, const ScreenOptions& options) {
  return fmt::format("{} {} {}", Ratio(target.ratio(), options.language),
                     Say(options, {"by", "au"}), LongDate(target.date(), 0, options.language));
}

std::string ChanceChange(const v1::TargetComparison& target, const ScreenOptions& options) {
  const v1::Difference& difference = target.probability();
  const std::string from = Probability(difference.base(), options.language);
  const std::string to = Probability(difference.changed(), options.language);
  const std::string error = Decimal(100 * difference.monte_carlo_error(), 1, options);
  const std::string goal = Goal(target.target(), options) + Say(options, {": ", " : "});
  if (!difference.real()) {
    return goal + Say(options, {"no real difference", "pas de différence réelle"}) +
           fmt::format(" ({} → {}, {} {} %).", from, to,
                       Say(options, {"less than twice the simulation's error of",
                                     "moins de deux fois l'erreur de simulation de"}),
                       error);
  }
  const std::string change = ForTable(
      {Kind::kNumber, fmt::format("{:+.0f}", 100 * difference.change())}, options.language);
  return goal + fmt::format("{} → {} ({} {} ± {}).", from, to, change,
                            Say(options, {"points", "points"}), error);
}

std::string MedianChange(const v1::TargetComparison& target, const ScreenOptions& options) {
  const auto day = [&](const google::type::Date& date) {
    return date.year() == 0 ? Say(options, {"beyond the horizon", "au-delà de l'horizon"})
                            : LongDate(date, 0, options.language);
  };
  const std::string label = Say(options, {"Median day: ", "Jour médian : "});
  const std::string from = day(target.median_base_date());
  const std::string to = day(target.median_changed_date());
  if (!target.has_median_day()) {
    return from == to ? label + from + "." : label + from + " → " + to + ".";
  }
  const v1::Difference& difference = target.median_day();
  const std::string error = Decimal(difference.monte_carlo_error(), 1, options);
  if (!difference.real()) {
    return label + Say(options, {"no real difference", "pas de différence réelle"}) +
           fmt::format(" ({}; ± {} {}).", from, error, Say(options, {"days", "jours"}));
  }
  const double days = std::round(difference.change());
  const Text side =
      days < 0 ? Text{"days earlier", "jours plus tôt"} : Text{"days later", "jours plus tard"};
  return label + fmt::format("{} → {} ({} {}, ± {}).", from, to,
                             Count(std::llround(std::abs(days)), options.language),
                             Say(options, side), error);
}

std::string CauseWords(v1::BindingCause cause, const ScreenOptions& options) {
  switch (cause) {
    case v1::BINDING_CAUSE_LEAD_TIME:
      return Say(options, {"deliveries take too long", "les livraisons sont trop longues"});
    case v1::BINDING_CAUSE_PREPARATION:
      return Say(options, {"too few are prepared a day", "trop peu de préparations par jour"});
    case v1::BINDING_CAUSE_QUANTITY:
      return Say(options, {"more would be needed than was considered",
                           "il en faudrait plus que ce qui a été envisagé"});
    default:
      return "";
  }
}

std::string PlanSentence(const v1::OrderPlan& plan, const ScreenOptions& options) {
  const std::string goal = Goal(plan.target(), options);
  const std::string as_is = Probability(plan.probability_as_is(), options.language);
  const std::string confidence = Probability(plan.confidence(), options.language);
  const bool french = options.language == Language::kFrench;
  if (plan.needed() == 0) {
    return Say(options, {"Nobody needs a laptop: nothing need be ordered.",
                         "Personne n'a besoin d'un portable : rien à commander."});
  }
  if (plan.probability_as_is() >= plan.confidence()) {
    return french ? fmt::format("Rien à commander : {}, {} déjà ({} demandés).", goal, as_is,
                                confidence)
                  : fmt::format(
                        "Nothing need be ordered: {} has a chance of {} as it is ({} "
                        "wanted).",
                        goal, as_is, confidence);
  }
  if (plan.options().empty()) {
    return french ? fmt::format(
                        "{} : {} sans commande ; aucun fournisseur connu : nommez-en un "
                        "(--supplier).",
                        goal, as_is)
                  : fmt::format(
                        "{}: {} without an order; no supplier is known: name one "
                        "(--supplier).",
                        goal, as_is);
  }
  const v1::SupplierOption& best = plan.options(0);
  const std::string chance = Probability(best.probability(), options.language);
  const std::string quantity = Count(best.quantity(), options.language);
  const std::string supplier = Printable(best.supplier());
  if (!best.attainable()) {
    const std::string cause = CauseWords(best.binding_cause(), options);
    return french ? fmt::format(
                        "{} : {} ne peuvent être atteints ; au mieux {} ({}, {} portables) : "
                        "{}.",
                        goal, confidence, chance, supplier, quantity, cause)
                  : fmt::format("{}: {} cannot be had; at best {} ({}, {} laptops): {}.", goal,
                                confidence, chance, supplier, quantity, cause);
  }
  const std::string latest = best.has_latest_order_date()
                                 ? LongDate(best.latest_order_date(), 0, options.language)
                                 : LongDate(plan.order_date(), 0, options.language);
  return french ? fmt::format(
                      "Commander {} portables à {}, le {} au plus tard : {} avec {} de "
                      "chances ({} sans commande).",
                      quantity, supplier, latest, goal, chance, as_is)
                : fmt::format(
                      "Order {} laptops from {}, by {} at the latest: {} with a chance of "
                      "{} ({} without an order).",
                      quantity, supplier, latest, goal, chance, as_is);
}

Text MethodName(std::string_view method) {
  if (method == "parc") return {"Parc", "Parc"};
  if (method == "promised") return {"promised dates", "dates promises"};
  if (method == "linear") return {"linear extrapolation", "extrapolation linéaire"};
  if (method == "average") return {"average lead time", "délai moyen"};
  return {method, method};
}

std::string SkillOf(bool known, double skill, const ScreenOptions& options) {
  return known ? Decimal(skill, 2, options) : "–";
}

std::string OutcomeWords(v1::ForecastOutcome outcome, const ScreenOptions& options) {
  switch (outcome) {
    case v1::FORECAST_OUTCOME_REACHED:
      return Say(options, {"reached", "atteint"});
    case v1::FORECAST_OUTCOME_MISSED:
      return Say(options, {"missed", "manqué"});
    default:
      return Say(options, {"to come", "à venir"});
  }
}

}  // namespace

std::string ComparisonScreen(const v1::ScenarioComparison& comparison,
                             const ScreenOptions& options) {
  std::string text = Styled(Say(options, {"As it is", "En l'état"}), Style::kBold, options.colour) +
                     "\n" + Paragraph(Headline(comparison.base(), options.language), options);
  text += Styled(Say(options, {"With the change", "Avec le changement"}), Style::kBold,
                 options.colour) +
          "\n" + Paragraph(Headline(comparison.changed(), options.language), options) + "\n";
  for (const v1::TargetComparison& target : comparison.targets()) {
    text += Paragraph(ChanceChange(target, options), options);
    text += Paragraph(MedianChange(target, options), options);
  }
  const std::string warnings = WarningLines(comparison.changed().warnings(), options);
  return warnings.empty() ? text : text + "\n" + warnings;
}

std::string PlanScreen(const v1::OrderPlan& plan, const ScreenOptions& options) {
  const auto say = [&](Text text) { return Say(options, text); };
  std::string text = Paragraph(PlanSentence(plan, options), options);
  std::vector<Column> columns = {{say({"Supplier", "Fournisseur"}), false, true},
                                 {say({"Order", "Commander"}), true},
                                 {say({"Latest order", "Au plus tard"})},
                                 {say({"Chance", "Probabilité"}), true},
                                 {say({"± error", "± erreur"}), true, false, 2},
                                 {say({"What binds", "Ce qui bloque"}), false, false, 1}};
  std::vector<std::vector<Cell>> rows;
  for (const v1::SupplierOption& option : plan.options()) {
    rows.push_back({{Printable(option.supplier())},
                    {Count(option.quantity(), options.language)},
                    {ShortDate(option.latest_order_date(), options.language)},
                    {Probability(option.probability(), options.language),
                     option.attainable() ? Style::kGood : Style::kBad},
                    {Decimal(100 * option.monte_carlo_error(), 1, options) + " %"},
                    {CauseWords(option.binding_cause(), options)}});
  }
  if (!rows.empty()) text += "\n" + TableOf(std::move(columns), rows, options);
  const std::string warnings = WarningLines(plan.warnings(), options);
  return warnings.empty() ? text : text + "\n" + warnings;
}

std::string BacktestScreen(const v1::BacktestResult& result, const ScreenOptions& options) {
  const auto say = [&](Text text) { return Say(options, text); };
  const std::string first =
      result.origin_dates().empty() ? "" : ShortDate(result.origin_dates(0), options.language);
  const std::string last =
      result.origin_dates().empty()
          ? ""
          : ShortDate(result.origin_dates(result.origin_dates_size() - 1), options.language);
  std::string text = Paragraph(
      fmt::format("{} {} ({} – {}), {} {}", Count(result.origin_dates_size(), options.language),
                  say({"forecasts of the past, each with what was known that day",
                       "prévisions du passé, chacune avec ce qui était connu ce jour-là"}),
                  first, last, Count(result.scored(), options.language),
                  say({"days scored", "jours évalués"})),
      options);
  std::vector<Column> columns = {{say({"Method", "Méthode"})},
                                 {"WIS", true},
                                 {say({"In 50 %", "Dans 50 %"}), true, false, 2},
                                 {say({"In 80 %", "Dans 80 %"}), true},
                                 {say({"In 90 %", "Dans 90 %"}), true, false, 2},
                                 {"Brier", true},
                                 {say({"Parc's skill (WIS)", "Gain de Parc (WIS)"}), true},
                                 {say({"(Brier)", "(Brier)"}), true, false, 1}};
  std::vector<std::vector<Cell>> rows;
  for (const v1::MethodScores& method : result.methods()) {
    const bool parc = method.method() == "parc";
    rows.push_back({{say(MethodName(method.method())), parc ? Style::kBold : Style::kPlain},
                    {Decimal(method.wis(), 4, options)},
                    {Probability(method.coverage_50(), options.language)},
                    {Probability(method.coverage_80(), options.language)},
                    {Probability(method.coverage_90(), options.language)},
                    {Decimal(method.brier(), 3, options)},
                    {SkillOf(method.has_wis_skill(), method.wis_skill(), options)},
                    {SkillOf(method.has_brier_skill(), method.brier_skill(), options)}});
  }
  text += "\n" + TableOf(std::move(columns), rows, options);
  return text + "\n" +
         Paragraph(say({"WIS and Brier: smaller is better. Skill 0.70 means: 70 % less error than "
                        "that habit.",
                        "WIS et Brier : plus petit est meilleur. Un gain de 0,70 signifie 70 % "
                        "d'erreur en moins que cette habitude."}),
                   options);
}

std::string PastForecastScreen(const v1::PastForecast& forecast, const ScreenOptions& options) {
  const auto say = [&](Text text) { return Say(options, text); };
  std::string text = Styled(fmt::format("{} {}: {}", say({"Forecast of", "Prévision au"}),
                                        ShortDate(forecast.as_of_date(), options.language),
                                        Goal(forecast.target(), options)),
                            Style::kBold, options.colour) +
                     "\n";
  text += Paragraph(
      fmt::format("{}: {} · {}: {} · {}: {}", say({"chance", "probabilité"}),
                  Chance(forecast.probability(), options.language), say({"median", "médiane"}),
                  ShortDate(forecast.median_date(), options.language), say({"outcome", "issue"}),
                  OutcomeWords(forecast.outcome(), options)),
      options);
  std::vector<Column> columns = {{say({"Week", "Semaine"})},
                                 {say({"Said 5/50/95 %", "Prévu 5/50/95 %"}), true},
                                 {say({"Happened", "Réel"}), true},
                                 {say({"Within 80 %", "Dans les 80 %"})}};
  std::vector<std::vector<Cell>> rows;
  for (const v1::PastForecastDay& day : forecast.days()) {
    const v1::Quantiles& q = day.equipped();
    const auto whole = [&](double number) { return Count(std::llround(number), options.language); };
    const auto actual = static_cast<double>(day.actual_equipped());
    const bool inside = actual >= q.p10() && actual <= q.p90();
    rows.push_back({{ShortDate(day.date(), options.language)},
                    {fmt::format("{} / {} / {}", whole(q.p05()), whole(q.p50()), whole(q.p95()))},
                    {day.has_actual_equipped() ? whole(actual) : ""},
                    {!day.has_actual_equipped() ? ""
                     : inside                   ? say({"yes", "oui"})
                                                : say({"no", "non"}),
                     inside ? Style::kGood : Style::kWarn}});
  }
  return text + "\n" + TableOf(std::move(columns), rows, options);
}

}  // namespace parc::client::render
