#include "client/render/forecast_screen.h"

#include <cmath>
#include <vector>

#include "client/render/fan_chart.h"
#include "client/render/forecast_words.h"
#include "client/render/screen_parts.h"
#include "client/render/style.h"
#include "client/render/table.h"
#include "client/render/value.h"
#include "client/render/width.h"
#include "fmt/format.h"

namespace parc::client::render {
namespace {

std::string Whole(double number, const ScreenOptions& options) {
  return Count(std::llround(number), options.language);
}

// "712 / 760 / 801".
std::string Three(double low, double middle, double high, const ScreenOptions& options) {
  return fmt::format("{} / {} / {}", Whole(low, options), Whole(middle, options),
                     Whole(high, options));
}

Style StyleOfChance(double probability) {
  if (probability >= 0.9) return Style::kGood;
  return probability < 0.5 ? Style::kBad : Style::kWarn;
}

// "61 %", coloured by how sure it is.
Cell ChanceCell(double probability, const ScreenOptions& options) {
  return {Probability(probability, options.language), StyleOfChance(probability)};
}

// +0.13 → "+13 %", of a probability that may fall or rise.
std::string Points(double change, const ScreenOptions& options) {
  const std::string number = fmt::format("{:+.1f}", 100 * change);
  return ForTable({Kind::kNumber, number}, options.language) + " %";
}

std::string Title(const v1::Forecast& forecast, const ScreenOptions& options) {
  std::string title = Say(options, {"Forecast of ", "Prévision au "}) +
                      ShortDate(forecast.as_of_date(), options.language);
  if (forecast.has_known_at_time()) {
    const std::int64_t micros = forecast.known_at_time().seconds() * 1'000'000;
    title += Say(options, {", as known at ", ", selon ce qui était connu au "}) +
             Time(micros, options.language);
  }
  if (!forecast.filter().empty()) title += ": " + Printable(forecast.filter());
  return Styled(title, Style::kBold, options.colour) + "\n";
}

std::string Today(const v1::Forecast& forecast, const ScreenOptions& options) {
  return fmt::format("{} {} {} {} ({}) · {} {} · {} {}\n",
                     Whole(static_cast<double>(forecast.equipped()), options),
                     Say(options, {"of", "sur"}),
                     Whole(static_cast<double>(forecast.needed()), options),
                     Say(options, {"equipped", "équipées"}),
                     Percent(forecast.equipped(), forecast.needed(), options.language),
                     Say(options, {"in stock", "en stock"}),
                     Whole(static_cast<double>(forecast.in_stock()), options),
                     Say(options, {"on order", "en commande"}),
                     Whole(static_cast<double>(forecast.on_order()), options));
}

// Further targets, one a line.
std::string OtherTargets(const v1::Forecast& forecast, const ScreenOptions& options) {
  std::string text;
  for (int i = 1; i < forecast.targets_size(); ++i) {
    const v1::TargetOutlook& outlook = forecast.targets(i);
    text += fmt::format("{} {} {}{} {}\n", Ratio(outlook.target().ratio(), options.language),
                        Say(options, {"by", "au"}),
                        LongDate(outlook.target().date(), 0, options.language),
                        Say(options, {":", " :"}), Chance(outlook.probability(), options.language));
  }
  return text;
}

// What the same question needs to give the same answer.
std::string Origin(const v1::Forecast& forecast, const ScreenOptions& options) {
  std::string text =
      fmt::format("{} {} · {} {} · {} {} · {} {}", Say(options, {"model", "modèle"}),
                  forecast.model_version(), Whole(forecast.paths(), options),
                  Say(options, {"futures", "futurs"}), Say(options, {"seed", "graine"}),
                  forecast.seed(), Say(options, {"inputs", "entrées"}), forecast.inputs_hash());
  if (!forecast.name().empty()) text += " · " + forecast.name();
  const std::string wrapped = Wrap(text, options.width, "");
  return Styled(wrapped, Style::kDim, options.colour) + "\n";
}

// "orders/2020-0031/lines/1" → "2020-0031/1".
std::string LineMark(std::string_view name) {
  constexpr std::string_view kOrders = "orders/", kLines = "/lines/";
  const std::size_t lines = name.find(kLines);
  if (name.substr(0, kOrders.size()) != kOrders || lines == std::string_view::npos) {
    return Printable(name);
  }
  return Printable(fmt::format("{}/{}", name.substr(kOrders.size(), lines - kOrders.size()),
                               name.substr(lines + kLines.size())));
}

std::string OrDash(bool known, const std::string& text) { return known ? text : "–"; }

}  // namespace

std::string MonthTable(const v1::Forecast& forecast, const ScreenOptions& options) {
  const auto say = [&](Text text) { return Say(options, text); };
  // What is left out first where the terminal is narrow: attrition, need, arrivals.
  std::vector<Column> columns = {
      {say({"Month end", "Fin de mois"})},
      {say({"In need", "Besoin"}), true, false, 3},
      {say({"Equipped 10/50/90 %", "Équipés 10/50/90 %"}), true},
      {say({"Coverage 50 %", "Couverture 50 %"}), true, false, 2},
      {say({"Arrivals 10/50/90 %", "Arrivées 10/50/90 %"}), true, false, 1},
      {say({"Attrition", "Attrition"}), true, false, 4},
      {say({"Waiting", "En attente"}), true},
      {"P(≥ 90 %)", true, false, 3},
      {"P(≥ 95 %)", true, false, 2},
      {"P(100 %)", true},
  };
  std::vector<std::vector<Cell>> rows;
  for (const v1::ForecastMonth& month : forecast.months()) {
    const v1::Quantiles& equipped = month.equipped();
    const v1::Quantiles& arrivals = month.arrivals();
    const std::string coverage =
        ForTable({Kind::kNumber, fmt::format("{:.1f}", 100 * month.coverage().p50())},
                 options.language) +
        " %";
    rows.push_back({{ShortDate(month.end_date(), options.language)},
                    {Whole(month.needed_p50(), options)},
                    {Three(equipped.p10(), equipped.p50(), equipped.p90(), options)},
                    {coverage},
                    {Three(arrivals.p10(), arrivals.p50(), arrivals.p90(), options)},
                    {Whole(month.attrition_p50(), options)},
                    {Whole(month.waiting_p50(), options)},
                    ChanceCell(month.reach_90(), options),
                    ChanceCell(month.reach_95(), options),
                    ChanceCell(month.reach_100(), options)});
  }
  return rows.empty() ? "" : TableOf(std::move(columns), rows, options);
}

std::string LineTable(const v1::Forecast& forecast, const ScreenOptions& options) {
  const auto say = [&](Text text) { return Say(options, text); };
  std::vector<Column> columns = {
      {say({"Line", "Ligne"})},
      {say({"Supplier", "Fournisseur"}), false, true, 2},
      {say({"Open", "Reste"}), true},
      {say({"Promised", "Promis"})},
      {say({"Rev.", "Rév."}), true, false, 4},
      {say({"Expected 10 %", "Attendu 10 %"}), false, false, 3},
      {say({"50 %", "50 %"})},
      {say({"90 %", "90 %"}), false, false, 1},
      {say({"P(late)", "P(retard)"}), true},
      {say({"P(canc.)", "P(annul.)"}), true, false, 5},
      {say({"Expedite", "Accélérer"}), true, false, 1},
      {say({"At risk", "Enjeu"}), true},
  };
  std::vector<std::vector<Cell>> rows;
  for (const v1::ForecastLine& line : forecast.lines()) {
    const v1::DateQuantiles& complete = line.complete();
    rows.push_back(
        {{LineMark(line.name()), rows.empty() ? Style::kBold : Style::kPlain},
         {Printable(line.supplier())},
         {Whole(static_cast<double>(line.open_quantity()), options)},
         {ShortDate(line.promised_date(), options.language)},
         {Whole(line.revisions(), options)},
         {ShortDate(complete.p10(), options.language)},
         {ShortDate(complete.p50(), options.language)},
         {ShortDate(complete.p90(), options.language)},
         {OrDash(line.has_promised_date(), Probability(line.late(), options.language))},
         {Probability(line.cancelled(), options.language)},
         {OrDash(line.has_value_of_expediting(), Points(line.value_of_expediting(), options))},
         {OrDash(line.has_value_at_risk(), Points(line.value_at_risk(), options))}});
  }
  return rows.empty() ? "" : TableOf(std::move(columns), rows, options);
}

std::string WarningLines(const google::protobuf::RepeatedPtrField<v1::ForecastWarning>& warnings,
                         const ScreenOptions& options) {
  std::string text;
  for (const v1::ForecastWarning& warning : warnings) {
    const std::string wrapped =
        Wrap(WarningSentence(warning, options.language), options.width, "  ");
    text += Styled("!", Style::kWarn, options.colour) + wrapped.substr(1) + "\n";
  }
  return text;
}

std::string ForecastScreen(const v1::Forecast& forecast, const ScreenOptions& options) {
  std::string text = Title(forecast, options);
  text += Wrap(Headline(forecast, options.language), options.width, "") + "\n";
  text += OtherTargets(forecast, options);
  const std::string brake = BottleneckSentence(forecast, options.language);
  if (!brake.empty()) text += Wrap(brake, options.width, "") + "\n";
  if (forecast.needed() > 0) {
    text += Today(forecast, options) + "\n";
    text += FanChart(forecast, {.language = options.language,
                                .width = options.width > 0 ? options.width : 100,
                                .colour = options.colour}) +
            "\n";
    text += MonthTable(forecast, options) + "\n";
  }
  const std::string lines = LineTable(forecast, options);
  if (!lines.empty()) {
    const std::string critical = LineMark(forecast.lines(0).name());
    if (forecast.lines(0).value_at_risk() > 0) {
      text += fmt::format("{}{} {}\n", Say(options, {"Critical line", "Ligne critique"}),
                          Say(options, {":", " :"}), critical);
    }
    text += lines + "\n";
  }
  const std::string warnings = WarningLines(forecast.warnings(), options);
  if (!warnings.empty()) text += warnings + "\n";
  return text + Origin(forecast, options);
}

}  // namespace parc::client::render
