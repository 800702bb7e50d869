#include "client/render/fan_chart.h"
#include "client/render/flash_report.h"
#include "client/render/flash_words.h"
#include "client/render/forecast_words.h"
#include "fmt/format.h"

namespace parc::client::render {
namespace {

constexpr std::size_t kMany = 50;  // a page that is no page need not be short
constexpr std::size_t kTrendRows = 13, kOutlookRows = 12;

// `text` where a sign would mean something: names come from imports.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>#|").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string TableOf(const FlashTable& table, const FlashWords& words) {
  std::string text = "|";
  for (const std::string& header : table.headers) text += fmt::format(" {} |", Escaped(header));
  text += "\n|";
  for (std::size_t i = 0; i < table.headers.size(); ++i) text += i == 0 ? " :--- |" : " ---: |";
  text += "\n";
  for (const std::vector<std::string>& row : table.rows) {
    text += "|";
    for (const std::string& cell : row) text += fmt::format(" {} |", Escaped(cell));
    text += "\n";
  }
  if (table.more > 0) text += "\n" + words.MoreRows(table.more) + "\n";
  return text;
}

}  // namespace

std::string FlashMarkdown(const v1::FlashReport& report, Language language) {
  const FlashWords words(report, language);
  std::string text =
      fmt::format("# {}\n\n{}\n\n", Escaped(words.Title()), Escaped(words.Subtitle()));
  const auto section = [&](Text title) { text += fmt::format("\n## {}\n\n", words.Say(title)); };
  text += fmt::format("- **{}**\n- **{}**\n", words.Coverage(), words.ReadyCoverage());
  if (report.has_forecast()) {
    const v1::Forecast& forecast = report.forecast();
    section({"Forecast", "Prévision"});
    text += fmt::format("**{}**\n\n", Headline(forecast, language));
    const std::string brake = BottleneckSentence(forecast, language);
    if (!brake.empty()) text += brake + "\n\n";
    const std::string chart = FanChart(forecast, {.language = language, .width = 78});
    if (!chart.empty()) {
      text += fmt::format("```text\n{}```\n\n", chart);
      text += TableOf(words.Outlook(kOutlookRows), words);
    }
  }
  section({"Coverage over the months", "Couverture au fil des mois"});
  text += TableOf(words.Trend(kTrendRows), words);
  if (report.has_forecast()) {
    section({"Late orders", "Commandes en retard"});
    const FlashTable late = words.Late(kMany);
    text += late.rows.empty() ? words.Say({"No order is later than promised.\n",
                                           "Aucune commande n'est en retard.\n"})
                              : TableOf(late, words);
  }
  section({"Stock by state", "Stock par état"});
  text += TableOf(words.Stock(), words);
  section({"Readiness of assigned laptops", "Aptitude des portables attribués"});
  text += TableOf(words.Readiness(), words);
  section({"Readiness problems by cause", "Problèmes d'aptitude par cause"});
  const FlashTable causes = words.Causes(kMany);
  text += causes.rows.empty() ? words.NoCauses() + "\n" : TableOf(causes, words);
  section({"Alerts", "Alertes"});
  const std::vector<std::string> alerts = words.Alerts(kMany);
  if (alerts.empty()) text += words.Say({"None.\n", "Aucune.\n"});
  for (const std::string& alert : alerts) text += fmt::format("- {}\n", Escaped(alert));
  if (report.has_forecast()) text += fmt::format("\n{}\n", Escaped(words.Origin()));
  return text;
}

}  // namespace parc::client::render
