#include "client/render/fan_chart.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "client/render/fan.h"
#include "client/render/forecast_words.h"
#include "client/render/style.h"
#include "client/render/value.h"
#include "client/render/width.h"
#include "fmt/format.h"

namespace parc::client::render {
namespace {

constexpr int kNarrowest = 40;

struct Point {
  std::string_view sign = " ";
  Style style = Style::kPlain;
};

// Density is the band: the surer, the darker.
constexpr Point kBand50{"▓"};
constexpr Point kBand80{"▒"};
constexpr Point kBand90{"░", Style::kDim};
constexpr Point kMedian{"█", Style::kBold};
constexpr Point kActual{"●", Style::kBold};
constexpr Point kPromised{"╌", Style::kWarn};
constexpr Point kTarget{"┄", Style::kGood};
constexpr Point kToday{"│", Style::kDim};

class Plot {
 public:
  Plot(const Fan& fan, const ChartOptions& options)
      : fan_(fan), options_(options), scale_(ScaleOf(fan)) {
    gutter_ = WidthOf(Count(static_cast<std::int64_t>(scale_.top), options.language)) + 2;
    columns_ = std::max(options.width, kNarrowest) - gutter_;
    rows_ = std::max(options.height, 6);
    cells_.assign(static_cast<std::size_t>(rows_),
                  std::vector<Point>(static_cast<std::size_t>(columns_)));
  }

  std::string Draw() {
    // What comes later is drawn over what came before.
    DrawTarget();
    DrawBands();
    DrawToday();
    if (fan_.promises) DrawPromises();
    DrawMedian();
    DrawPast();
    std::string text;
    for (int row = 0; row < rows_; ++row) text += Line(row);
    return text + Axis() + Legend();
  }

 private:
  double DayAt(int column) const {
    return fan_.first_day() + (column + 0.5) / columns_ * (fan_.last_day() - fan_.first_day());
  }
  int ColumnOf(double day) const {
    const double span = std::max(1, fan_.last_day() - fan_.first_day());
    const int column = static_cast<int>((day - fan_.first_day()) / span * columns_);
    return std::clamp(column, 0, columns_ - 1);
  }
  // Row 0 is the top. A value belongs to the row whose middle is nearest.
  int RowOf(double people) const {
    const double from_top = (scale_.top - people) / (scale_.top - scale_.bottom) * (rows_ - 1);
    return std::clamp(static_cast<int>(std::lround(from_top)), 0, rows_ - 1);
  }
  double PeopleAt(int row) const {
    return scale_.top - (scale_.top - scale_.bottom) * row / (rows_ - 1);
  }
  void Put(int row, int column, Point mark) {
    cells_[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] = mark;
  }
  int TodayColumn() const { return ColumnOf(fan_.today); }

  void DrawTarget() {
    if (fan_.target_day == 0) return;
    for (int column = 0; column < columns_; ++column) Put(RowOf(fan_.target), column, kTarget);
  }

  void DrawBands() {
    const double half = (scale_.top - scale_.bottom) / (rows_ - 1) / 2;
    for (int column = TodayColumn() + 1; column < columns_; ++column) {
      const FanPoint fan = At(fan_, DayAt(column));
      for (int row = 0; row < rows_; ++row) {
        const double people = PeopleAt(row);
        const auto within = [&](double low, double high) {
          return people >= low - half && people <= high + half && high - low >= half;
        };
        if (within(fan.p25, fan.p75)) {
          Put(row, column, kBand50);
        } else if (within(fan.p10, fan.p90)) {
          Put(row, column, kBand80);
        } else if (within(fan.p05, fan.p95)) {
          Put(row, column, kBand90);
        }
      }
    }
  }

  void DrawToday() {
    for (int row = 0; row < rows_; ++row) Put(row, TodayColumn(), kToday);
  }

  void DrawPromises() {
    for (int column = TodayColumn() + 1; column < columns_; ++column) {
      Put(RowOf(At(fan_, DayAt(column)).promised), column, kPromised);
    }
  }

  void DrawMedian() {
    for (int column = TodayColumn() + 1; column < columns_; ++column) {
      Put(RowOf(At(fan_, DayAt(column)).p50), column, kMedian);
    }
  }

  // The last actual of each column; between two reports the figure stays as it was.
  void DrawPast() {
    std::size_t next = 0;
    double equipped = fan_.future.front().p50;
    for (int column = 0; column <= TodayColumn() && !fan_.past.empty(); ++column) {
      while (next < fan_.past.size() && ColumnOf(fan_.past[next].day) <= column) {
        equipped = fan_.past[next++].equipped;
      }
      if (next > 0) Put(RowOf(equipped), column, kActual);
    }
  }

  // A row is labelled when a step of the scale is nearest to it.
  std::string LabelOf(int row) const {
    const double height = (scale_.top - scale_.bottom) / (rows_ - 1);
    const double step = std::round(PeopleAt(row) / scale_.step) * scale_.step;
    if (RowOf(step) != row || std::abs(PeopleAt(row) - step) > height / 2) return "";
    return Count(std::llround(step), options_.language);
  }

  std::string Line(int row) const {
    const std::string label = LabelOf(row);
    std::string line = PadLeft(label, gutter_ - 2) + (label.empty() ? " │" : " ┤");
    const std::vector<Point>& cells = cells_[static_cast<std::size_t>(row)];
    for (std::size_t i = 0; i < cells.size();) {  // one escape for a run of one style
      std::size_t end = i;
      std::string run;
      while (end < cells.size() && cells[end].style == cells[i].style) run += cells[end++].sign;
      line += Styled(run, cells[i].style, options_.colour);
      i = end;
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line + "\n";
  }

  std::string Axis() const {
    const std::vector<int> months =
        MonthStarts(fan_.first_day(), fan_.last_day(), std::max(1, columns_ / 6));
    std::string rule;
    std::string marks(static_cast<std::size_t>(gutter_), ' ');
    int drawn = 0;
    for (const int month : months) {
      const int column = ColumnOf(month);
      for (; drawn < column; ++drawn) rule += "─";
      rule += "┴";
      ++drawn;
      const google::type::Date date = DateOf(month);
      std::string mark = MonthMark(date, options_.language);
      if (month == months.front() || date.month() == 1) {
        const std::string with_year = fmt::format("{} {}", mark, date.year());
        const bool fits = column + WidthOf(with_year) <= columns_;
        if (fits) mark = with_year;
      }
      const int at = gutter_ + column;
      const bool free = WidthOf(marks) <= at && (WidthOf(marks) < at || at == gutter_);
      if (free && column + WidthOf(mark) <= columns_) marks = PadRight(marks, at) + mark;
    }
    for (; drawn < columns_; ++drawn) rule += "─";
    return PadLeft("", gutter_ - 2) + " └" + rule + "\n" + marks + "\n";
  }

  // Entries side by side, in as many lines as they need.
  std::string Legend() const {
    std::string text;
    int used = options_.width;  // the first entry begins a line
    const auto add = [&](Point mark, const std::string& name) {
      const int width = WidthOf(mark.sign) + 1 + WidthOf(name);
      const bool fits = used + 3 + width <= options_.width;
      if (!fits) text += (text.empty() ? "" : "\n") + PadLeft("", gutter_);
      used = (fits ? used + 3 : gutter_) + width;
      text += (fits ? " · " : "") + Styled(mark.sign, mark.style, options_.colour) + " " + name;
    };
    const auto say = [&](Text name) { return std::string(name.In(options_.language)); };
    if (!fan_.past.empty()) add(kActual, say({"equipped", "équipés"}));
    add(kMedian, say({"median", "médiane"}));
    add({"▓▒░"}, "50, 80, 90 %");
    if (fan_.target_day != 0) {
      add(kTarget, say({"target ", "cible "}) + Ratio(fan_.ratio, options_.language));
    }
    if (fan_.promises) add(kPromised, say({"as promised", "selon les promesses"}));
    add(kToday, ShortDate(DateOf(fan_.today), options_.language));
    return text + "\n";
  }

  const Fan& fan_;
  const ChartOptions options_;
  const Scale scale_;
  int gutter_ = 0;
  int columns_ = 0;
  int rows_ = 0;
  std::vector<std::vector<Point>> cells_;
};

}  // namespace

std::string FanChart(const v1::Forecast& forecast, const ChartOptions& options) {
  if (forecast.needed() == 0 || forecast.days().empty()) return "";
  const Fan fan = FanOf(forecast);
  return Plot(fan, options).Draw();
}

}  // namespace parc::client::render
