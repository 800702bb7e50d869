#include "client/render/fan_svg.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "client/render/fan.h"
#include "client/render/forecast_words.h"
#include "client/render/value.h"
#include "client/render/width.h"
#include "fmt/format.h"

namespace parc::client::render {
namespace {

// Of the palette of Okabe and Ito, which people with colour blindness tell apart: blue for what may
// be, vermilion for what was promised; black for what was, and for the target.
constexpr std::string_view kStyle =
    "text{font:12px sans-serif;fill:#222}"
    ".title{font-size:15px;font-weight:bold}"
    ".small{font-size:11px}"
    ".grid{stroke:#ddd;stroke-width:1}"
    ".axis{stroke:#222;stroke-width:1}"
    ".b90{fill:#cfe3f1}.b80{fill:#8fbfe0}.b50{fill:#3f8fc4}"
    ".median{fill:none;stroke:#003f66;stroke-width:2.5}"
    ".past{fill:none;stroke:#000;stroke-width:2}"
    ".target{stroke:#000;stroke-width:1.2;stroke-dasharray:8 3 2 3}"
    ".promised{fill:none;stroke:#b34700;stroke-width:1.8;stroke-dasharray:5 4}"
    ".today{stroke:#555;stroke-width:1;stroke-dasharray:2 2}";

constexpr double kLeft = 62, kRight = 16, kTop = 40, kBottom = 64;
constexpr double kTableRow = 17;
constexpr std::size_t kTableRows = 14;  // months; later ones are not drawn either

class Drawing {
 public:
  Drawing(const v1::Forecast& forecast, const SvgOptions& options)
      : forecast_(forecast), options_(options), fan_(FanOf(forecast)), scale_(ScaleOf(fan_)) {}

  std::string Draw() const {
    const std::string table = options_.table ? Table() : "";
    const double height = options_.height + (options_.table ? TableHeight() : 0);
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1:.0f}\" width=\"{0}\" "
        "height=\"{1:.0f}\" role=\"img\" aria-labelledby=\"{2}-title {2}-desc\">\n",
        options_.width, height, options_.id);
    svg += fmt::format("<title id=\"{}-title\">{}</title>\n", options_.id, XmlText(Title()));
    svg += fmt::format("<desc id=\"{}-desc\">{}</desc>\n", options_.id, XmlText(Description()));
    svg += fmt::format("<style>{}</style>\n", kStyle);
    svg += fmt::format("<rect width=\"{}\" height=\"{:.0f}\" fill=\"#fff\"/>\n", options_.width,
                       height);
    svg += TextAt(kLeft, 22, "title", "start", Title());
    svg += Grid() + Bands() + Lines() + Legend() + table;
    return svg + "</svg>\n";
  }

 private:
  std::string Say(Text text) const { return std::string(text.In(options_.language)); }
  double Right() const { return options_.width - kRight; }
  double Floor() const { return options_.height - kBottom; }
  double X(double day) const {
    const double span = std::max(1, fan_.last_day() - fan_.first_day());
    return kLeft + (day - fan_.first_day()) / span * (Right() - kLeft);
  }
  double Y(double people) const {
    const double share = (people - scale_.bottom) / (scale_.top - scale_.bottom);
    return Floor() - share * (Floor() - kTop);
  }

  std::string Title() const {
    const std::string day = LongDate(forecast_.as_of_date(), 0, options_.language);
    return options_.language == Language::kFrench
               ? fmt::format("Personnes équipées : prévision au {}", day)
               : fmt::format("People equipped: forecast of {}", day);
  }

  std::string Description() const {
    std::string text = Headline(forecast_, options_.language);
    text +=
        Say({" The bands hold 50, 80 and 90 % of the simulated futures, the darkest 50 %.",
             " Les bandes contiennent 50, 80 et 90 % des futurs simulés, la plus foncée 50 %."});
    return text;
  }

  static std::string TextAt(double x, double y, std::string_view kind, std::string_view anchor,
                            std::string_view text) {
    return fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\" text-anchor=\"{}\">{}</text>\n", x, y, kind,
        anchor, XmlText(text));
  }
  static std::string LineFrom(double x1, double y1, double x2, double y2, std::string_view kind) {
    return fmt::format(
        "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n", x1, y1,
        x2, y2, kind);
  }

  std::string Grid() const {
    std::string svg;
    for (double people = scale_.bottom; people <= scale_.top + 1e-9; people += scale_.step) {
      svg += LineFrom(kLeft, Y(people), Right(), Y(people), "grid");
      svg += TextAt(kLeft - 8, Y(people) + 4, "small", "end",
                    Count(std::llround(people), options_.language));
    }
    const int most = std::max(2, static_cast<int>((Right() - kLeft) / 52));
    bool first = true;
    for (const int month : MonthStarts(fan_.first_day(), fan_.last_day(), most)) {
      const google::type::Date date = DateOf(month);
      svg += LineFrom(X(month), Floor(), X(month), Floor() + 5, "axis");
      svg += TextAt(X(month), Floor() + 18, "small", "middle", MonthMark(date, options_.language));
      if (first || date.month() == 1) {
        svg += TextAt(X(month), Floor() + 31, "small", "middle", fmt::format("{}", date.year()));
      }
      first = false;
    }
    return svg + LineFrom(kLeft, Floor(), Right(), Floor(), "axis");
  }

  std::string Band(std::string_view kind, double FanPoint::*low, double FanPoint::*high) const {
    std::string points;
    for (const FanPoint& point : fan_.future) {
      points += fmt::format("{:.1f},{:.1f} ", X(point.day), Y(point.*high));
    }
    for (auto point = fan_.future.rbegin(); point != fan_.future.rend(); ++point) {
      points += fmt::format("{:.1f},{:.1f} ", X(point->day), Y((*point).*low));
    }
    points.pop_back();
    return fmt::format("<polygon class=\"{}\" points=\"{}\"/>\n", kind, points);
  }
  std::string Bands() const {
    return Band("b90", &FanPoint::p05, &FanPoint::p95) +
           Band("b80", &FanPoint::p10, &FanPoint::p90) +
           Band("b50", &FanPoint::p25, &FanPoint::p75);
  }

  std::string Curve(std::string_view kind, double FanPoint::*value) const {
    std::string points;
    for (const FanPoint& point : fan_.future) {
      points += fmt::format("{:.1f},{:.1f} ", X(point.day), Y(point.*value));
    }
    points.pop_back();
    return fmt::format("<polyline class=\"{}\" points=\"{}\"/>\n", kind, points);
  }

  std::string Lines() const {
    std::string svg = LineFrom(X(fan_.today), kTop, X(fan_.today), Floor(), "today");
    if (fan_.target_day != 0) {
      svg += LineFrom(kLeft, Y(fan_.target), Right(), Y(fan_.target), "target");
      svg += LineFrom(X(fan_.target_day), kTop, X(fan_.target_day), Floor(), "target");
    }
    if (fan_.promises) svg += Curve("promised", &FanPoint::promised);
    svg += Curve("median", &FanPoint::p50);
    if (fan_.past.empty()) return svg;
    std::string points;
    for (const FanActual& day : fan_.past) {
      points += fmt::format("{:.1f},{:.1f} ", X(day.day), Y(day.equipped));
    }
    points.pop_back();
    return svg + fmt::format("<polyline class=\"past\" points=\"{}\"/>\n", points);
  }

  std::string Legend() const {
    std::string svg;
    double x = kLeft;
    const double y = options_.height - 12;
    const auto name = [&](const std::string& text) {
      svg += TextAt(x, y, "small", "start", text);
      x += 18 + 6.2 * WidthOf(text);
    };
    const auto line = [&](std::string_view kind, Text text) {
      svg += LineFrom(x, y - 4, x + 24, y - 4, kind);
      x += 30;
      name(Say(text));
    };
    const auto band = [&](std::string_view kind, const std::string& text) {
      svg +=
          fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"18\" height=\"11\" class=\"{}\"/>\n",
                      x, y - 10, kind);
      x += 24;
      name(text);
    };
    if (!fan_.past.empty()) line("past", {"equipped", "équipés"});
    line("median", {"median", "médiane"});
    band("b50", "50 %");
    band("b80", "80 %");
    band("b90", "90 %");
    if (fan_.target_day != 0) line("target", {"target", "cible"});
    if (fan_.promises) line("promised", {"as promised", "selon les promesses"});
    const std::string as_of = ShortDate(forecast_.as_of_date(), options_.language);
    line("today", {as_of, as_of});
    return svg;
  }

  std::size_t Rows() const {
    return std::min(static_cast<std::size_t>(forecast_.months_size()), kTableRows);
  }
  double TableHeight() const { return 26 + kTableRow * static_cast<double>(Rows() + 1); }

  std::string TableRow(double y, const std::vector<std::string>& cells,
                       std::string_view role) const {
    std::string svg = "<g role=\"row\">\n";
    const double first = 170, step = (Right() - kLeft - first) / 7;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const double x = i == 0 ? kLeft : kLeft + first + step * static_cast<double>(i - 1) + step;
      svg += fmt::format(
          "<text role=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" class=\"small\" "
          "text-anchor=\"{}\">{}</text>\n",
          role, x, y, i == 0 ? "start" : "end", XmlText(cells[i]));
    }
    return svg + "</g>\n";
  }

  std::string Table() const {
    double y = options_.height + 18;
    std::string svg = "<g role=\"table\">\n";
    svg += TableRow(y,
                    {Say({"Equipped at the end of", "Équipés à la fin de"}), "5 %", "10 %", "25 %",
                     "50 %", "75 %", "90 %", "95 %"},
                    "columnheader");
    svg += LineFrom(kLeft, y + 5, Right(), y + 5, "axis");
    for (std::size_t i = 0; i < Rows(); ++i) {
      const v1::ForecastMonth& month = forecast_.months(static_cast<int>(i));
      const v1::Quantiles& q = month.equipped();
      std::vector<std::string> cells = {MonthName(month.end_date(), options_.language)};
      for (const double value : {q.p05(), q.p10(), q.p25(), q.p50(), q.p75(), q.p90(), q.p95()}) {
        cells.push_back(Count(std::llround(value), options_.language));
      }
      y += kTableRow;
      svg += TableRow(y + 3, cells, "cell");
    }
    return svg + "</g>\n";
  }

  const v1::Forecast& forecast_;
  const SvgOptions& options_;
  const Fan fan_;
  const Scale scale_;
};

}  // namespace

std::string XmlText(std::string_view text) {
  std::string escaped;
  for (const char c : Printable(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string FanSvg(const v1::Forecast& forecast, const SvgOptions& options) {
  return Drawing(forecast, options).Draw();
}

}  // namespace parc::client::render
