#include "client/render/fan.h"

#include <algorithm>
#include <cmath>

#include "client/render/forecast_words.h"

namespace parc::client::render {
namespace {

constexpr int kRoomAfter = 28;  // days shown after the last thing to see

FanPoint PointOf(const v1::ForecastDay& day) {
  const v1::Quantiles& q = day.equipped();
  return {DayNumber(day.date()),     q.p05(), q.p10(), q.p25(), q.p50(), q.p75(), q.p90(), q.p95(),
          day.equipped_as_promised()};
}

bool SameFan(const FanPoint& a, const FanPoint& b) {
  const auto near = [](double x, double y) { return std::abs(x - y) < 1; };
  return near(a.p05, b.p05) && near(a.p25, b.p25) && near(a.p50, b.p50) && near(a.p75, b.p75) &&
         near(a.p95, b.p95);
}

// The last day worth showing: the fan moves no more after it.
int LastMove(const std::vector<FanPoint>& future) {
  for (std::size_t i = future.size(); i-- > 1;) {
    if (!SameFan(future[i - 1], future.back())) return future[i].day;
  }
  return future.front().day;
}

double NeededOn(const v1::Forecast& forecast, int day) {
  double needed = static_cast<double>(forecast.needed());
  for (const v1::ForecastDay& row : forecast.days()) {
    if (DayNumber(row.date()) > day) break;
    needed = row.needed_p50();
  }
  return needed;
}

}  // namespace

Fan FanOf(const v1::Forecast& forecast, int past_days) {
  Fan fan;
  fan.today = DayNumber(forecast.as_of_date());
  fan.needed = static_cast<double>(forecast.needed());
  if (!forecast.targets().empty()) {
    const v1::ForecastTarget& target = forecast.targets(0).target();
    fan.target_day = DayNumber(target.date());
    fan.ratio = target.ratio();
    fan.target = std::ceil(fan.ratio * NeededOn(forecast, fan.target_day) - 1e-9);
  }
  for (const v1::ForecastPastDay& day : forecast.past()) {
    const int number = DayNumber(day.date());
    if (number < fan.today - past_days || number > fan.today) continue;
    fan.past.push_back({number, static_cast<double>(day.equipped())});
  }
  const double now = static_cast<double>(forecast.equipped());
  fan.future.push_back({fan.today, now, now, now, now, now, now, now, now});
  for (const v1::ForecastDay& day : forecast.days()) fan.future.push_back(PointOf(day));
  const int last = std::max(LastMove(fan.future), fan.target_day) + kRoomAfter;
  while (fan.future.size() > 2 && fan.future[fan.future.size() - 2].day >= last) {
    fan.future.pop_back();
  }
  fan.promises = std::any_of(fan.future.begin(), fan.future.end(), [&](const FanPoint& point) {
    return std::abs(point.promised - now) >= 1;
  });
  return fan;
}

FanPoint At(const Fan& fan, double day) {
  const auto after = std::lower_bound(fan.future.begin(), fan.future.end(), day,
                                      [](const FanPoint& p, double d) { return p.day < d; });
  if (after == fan.future.begin()) return fan.future.front();
  if (after == fan.future.end()) return fan.future.back();
  const FanPoint& b = *after;
  const FanPoint& a = *(after - 1);
  const double t = (day - a.day) / (b.day - a.day);
  const auto mix = [t](double x, double y) { return x + t * (y - x); };
  return {static_cast<int>(day), mix(a.p05, b.p05), mix(a.p10, b.p10),
          mix(a.p25, b.p25),     mix(a.p50, b.p50), mix(a.p75, b.p75),
          mix(a.p90, b.p90),     mix(a.p95, b.p95), mix(a.promised, b.promised)};
}

Scale ScaleOf(const Fan& fan) {
  double low = fan.future.front().p50;
  double high = std::max(low, fan.target);
  for (const FanActual& day : fan.past) {
    low = std::min(low, day.equipped);
    high = std::max(high, day.equipped);
  }
  for (const FanPoint& point : fan.future) {
    low = std::min({low, point.p05, point.promised});
    high = std::max({high, point.p95, point.promised});
  }
  const double span = std::max(high - low, 4.0);
  const double rough = span / 5;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  Scale scale;
  for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0}) {
    scale.step = std::max(1.0, factor * power);
    if (scale.step >= rough && scale.step == std::floor(scale.step)) break;
  }
  scale.bottom = std::max(0.0, std::floor(low / scale.step) * scale.step);
  scale.top = std::max(std::ceil(high / scale.step) * scale.step, scale.bottom + scale.step);
  return scale;
}

std::vector<int> MonthStarts(int first, int last, int most) {
  std::vector<int> starts;
  google::type::Date month = DateOf(first);
  month.set_day(1);
  while (DayNumber(month) <= last) {
    if (DayNumber(month) >= first) starts.push_back(DayNumber(month));
    if (month.month() == 12) {
      month.set_month(1);
      month.set_year(month.year() + 1);
    } else {
      month.set_month(month.month() + 1);
    }
  }
  const auto every = static_cast<std::size_t>(
      (static_cast<int>(starts.size()) + std::max(1, most) - 1) / std::max(1, most));
  std::vector<int> kept;
  for (std::size_t i = 0; i < starts.size(); i += std::max<std::size_t>(1, every)) {
    kept.push_back(starts[i]);
  }
  return kept;
}

}  // namespace parc::client::render
