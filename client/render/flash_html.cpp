#include "client/render/fan_svg.h"
#include "client/render/flash_report.h"
#include "client/render/flash_words.h"
#include "client/render/forecast_words.h"
#include "fmt/format.h"

namespace parc::client::render {
namespace {

// What one page has room for.
constexpr std::size_t kPageTrendRows = 7, kLateRows = 5, kCauseRows = 4, kAlertRows = 4;

// Millimetres of an A4 page. The page box is fixed and what would not fit is cut by row counts, so
// that it is one page whatever the figures.
constexpr std::string_view kPageStyle =
    "@page{size:A4;margin:11mm 13mm}"
    "*{box-sizing:border-box}"
    "body{font:9.5pt/1.32 'Liberation Sans',Arial,Helvetica,sans-serif;color:#1a1a1a;margin:0 auto;"
    "max-width:184mm}"
    "h1{font-size:17pt;margin:0;color:#003f66}"
    "h2{font-size:10.5pt;margin:0 0 1mm;color:#003f66;border-bottom:.3mm solid #9db8ca}"
    "p{margin:0 0 1mm}.sub{color:#555;margin-bottom:2.5mm}"
    ".lead{font-size:11.5pt;font-weight:bold;margin:2mm 0}"
    ".row{display:flex;gap:5mm;margin-top:3mm}.row>*{flex:1;min-width:0}"
    ".kpi{border:.3mm solid #9db8ca;border-radius:1.5mm;padding:1.5mm 3mm}"
    ".kpi b{display:block;font-size:20pt;line-height:1.15}"
    "table{border-collapse:collapse;width:100%;font-size:8.6pt}"
    "th{text-align:left;font-weight:bold;border-bottom:.2mm solid #999;padding:.35mm 1mm}"
    "td{padding:.35mm 1mm;border-bottom:.1mm solid #ddd}"
    "td+td,th+th{text-align:right}.text td:nth-child(2),.text th:nth-child(2){text-align:left}"
    "ul{margin:0;padding-left:4mm}svg{width:100%;height:auto;display:block}"
    "footer{margin-top:2.5mm;color:#666;font-size:7pt}"
    "@media screen{body{padding:8mm}}"
    "@media print{section,table,svg{break-inside:avoid}}";

class Page {
 public:
  Page(const v1::FlashReport& report, Language language)
      : report_(report), language_(language), words_(report, language) {}

  std::string Draw() const {
    const bool french = language_ == Language::kFrench;
    std::string html = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n"
        "<style>{}</style>\n</head>\n<body>\n<main>\n",
        french ? "fr" : "en", XmlText(words_.Title()), kPageStyle);
    html += fmt::format("<h1>{}</h1>\n<p class=\"sub\">{}</p>\n", XmlText(words_.Title()),
                        XmlText(words_.Subtitle()));
    html += Figures() + Outlook();
    html += "<div class=\"row\">\n" +
            Section({"Coverage over the months", "Couverture au fil des mois"},
                    Table(words_.Trend(kPageTrendRows))) +
            Section({"Alerts", "Alertes"}, Alerts()) + "</div>\n";
    html += Orders();
    html += "<div class=\"row\">\n" +
            Section({"Stock by state", "Stock par état"}, Table(words_.Stock())) +
            Section({"Readiness of assigned laptops", "Aptitude des portables attribués"},
                    Table(words_.Readiness())) +
            Section({"Readiness problems by cause", "Problèmes d'aptitude par cause"}, Causes()) +
            "</div>\n";
    if (report_.has_forecast()) {
      html += fmt::format("<footer>{}</footer>\n", XmlText(words_.Origin()));
    }
    return html + "</main>\n</body>\n</html>\n";
  }

 private:
  std::string Say(Text text) const { return words_.Say(text); }

  std::string Section(Text title, const std::string& content) const {
    return fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", XmlText(Say(title)), content);
  }

  std::string Figure(Text name, std::int64_t part, const std::string& sentence) const {
    return fmt::format("<div class=\"kpi\">{}<b>{}</b>{}</div>\n", XmlText(Say(name)),
                       Percent(part, report_.status().total().needed(), language_),
                       XmlText(sentence));
  }
  std::string Figures() const {
    const v1::Coverage& total = report_.status().total();
    return "<div class=\"row\">\n" +
           Figure({"Coverage", "Couverture"}, total.equipped(), words_.Coverage()) +
           Figure({"Ready coverage", "Couverture apte"}, total.ready(), words_.ReadyCoverage()) +
           "</div>\n";
  }

  std::string Outlook() const {
    if (!report_.has_forecast()) return "";
    const v1::Forecast& forecast = report_.forecast();
    std::string html =
        fmt::format("<p class=\"lead\">{}</p>\n", XmlText(Headline(forecast, language_)));
    const std::string brake = BottleneckSentence(forecast, language_);
    if (!brake.empty()) html += fmt::format("<p>{}</p>\n", XmlText(brake));
    if (forecast.needed() == 0) return html;
    return html +
           FanSvg(
               forecast,
               {.language = language_, .width = 920, .height = 280, .table = false, .id = "fan"});
  }

  std::string Table(const FlashTable& table, std::string_view kind = "") const {
    std::string html = kind.empty() ? "<table>\n" : fmt::format("<table class=\"{}\">\n", kind);
    html += "<tr>";
    for (const std::string& header : table.headers) {
      html += fmt::format("<th scope=\"col\">{}</th>", XmlText(header));
    }
    html += "</tr>\n";
    for (const std::vector<std::string>& row : table.rows) {
      html += "<tr>";
      for (const std::string& cell : row) html += fmt::format("<td>{}</td>", XmlText(cell));
      html += "</tr>\n";
    }
    html += "</table>\n";
    if (table.more > 0) html += fmt::format("<p>{}</p>\n", XmlText(words_.MoreRows(table.more)));
    return html;
  }

  std::string Alerts() const {
    const std::vector<std::string> alerts = words_.Alerts(kAlertRows);
    if (alerts.empty()) return fmt::format("<p>{}</p>\n", XmlText(Say({"None.", "Aucune."})));
    std::string html = "<ul>\n";
    for (const std::string& alert : alerts) html += fmt::format("<li>{}</li>\n", XmlText(alert));
    return html + "</ul>\n";
  }

  std::string Orders() const {
    if (!report_.has_forecast()) return "";  // who may not see procurement
    const FlashTable late = words_.Late(kLateRows);
    const std::string content =
        late.rows.empty()
            ? fmt::format("<p>{}</p>\n", XmlText(Say({"No order is later than promised.",
                                                      "Aucune commande n'est en retard."})))
            : Table(late, "text");
    return "<div class=\"row\">\n" + Section({"Late orders", "Commandes en retard"}, content) +
           "</div>\n";
  }

  std::string Causes() const {
    const FlashTable causes = words_.Causes(kCauseRows);
    return causes.rows.empty() ? fmt::format("<p>{}</p>\n", XmlText(words_.NoCauses()))
                               : Table(causes);
  }

  const v1::FlashReport& report_;
  const Language language_;
  const FlashWords words_;
};

}  // namespace

std::string FlashHtml(const v1::FlashReport& report, Language language) {
  return Page(report, language).Draw();
}

}  // namespace parc::client::render
