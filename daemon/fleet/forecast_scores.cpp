#include <algorithm>
#include <limits>
#include <unordered_map>

#include "daemon/fleet/forecasts.h"
#include "daemon/forecast/scores.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::ToDays;

namespace {

constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();

// [from, to) in days since 1970.
struct Span {
  std::int64_t from = 0;
  std::int64_t to = kNoEnd;
};

// A count that rises at the beginning of spans and falls at their ends.
class Tally {
 public:
  Tally(std::int64_t first, std::int64_t last)
      : first_(first), steps_(static_cast<std::size_t>(last - first + 2)) {}

  void Add(Span span) {
    const std::int64_t end = first_ + static_cast<std::int64_t>(steps_.size()) - 1;
    const std::int64_t from = std::clamp(span.from, first_, end);
    const std::int64_t to = std::clamp(span.to, first_, end);
    if (from >= to) return;
    ++steps_[static_cast<std::size_t>(from - first_)];
    --steps_[static_cast<std::size_t>(to - first_)];
  }
  std::vector<int> Counts() const {
    std::vector<int> counts;
    int count = 0;
    for (std::size_t i = 0; i + 1 < steps_.size(); ++i) counts.push_back(count += steps_[i]);
    return counts;
  }

 private:
  const std::int64_t first_;
  std::vector<int> steps_;
};

// Adds the union of `spans` to `tally`: somebody with two laptops is equipped once.
void AddUnion(std::vector<Span>& spans, Tally& tally) {
  std::ranges::sort(spans, {}, &Span::from);
  Span open{.from = 0, .to = 0};
  for (const Span& span : spans) {
    if (span.from > open.to) {
      tally.Add(open);
      open = span;
    } else {
      open.to = std::max(open.to, span.to);
    }
  }
  tally.Add(open);
}

std::unordered_map<std::string_view, std::vector<Span>> Holdings(const forecast::Inputs& inputs) {
  std::unordered_map<std::string_view, std::vector<Span>> held;
  for (const forecast::Assignment& row : inputs.assignments) {
    held[row.person].push_back({ToDays(row.from), row.to.has_value() ? ToDays(*row.to) : kNoEnd});
  }
  return held;
}

}  // namespace

std::vector<DayCount> CountDays(const forecast::Inputs& inputs, const CivilDate& first) {
  const std::int64_t begin = ToDays(first), end = ToDays(inputs.as_of);
  if (end < begin) return {};
  Tally in_need(begin, end), equipped(begin, end);
  auto held = Holdings(inputs);
  for (const forecast::Person& person : inputs.people) {
    if (!person.needs_laptop) continue;
    const Span need{person.start.has_value() ? ToDays(*person.start) : begin,
                    person.end.has_value() ? ToDays(*person.end) : kNoEnd};
    in_need.Add(need);
    const auto found = held.find(person.id);
    if (found == held.end()) continue;
    for (Span& span : found->second) {
      span.from = std::max(span.from, need.from);
      span.to = std::max(span.from, std::min(span.to, need.to));
    }
    AddUnion(found->second, equipped);
  }
  const std::vector<int> needs = in_need.Counts(), haves = equipped.Counts();
  std::vector<DayCount> days;
  for (std::size_t i = 0; i < needs.size(); ++i) days.push_back({haves[i], needs[i]});
  return days;
}

PastForecast Score(const forecast::Inputs& inputs, forecast::KeptForecast made) {
  using forecast::kP05, forecast::kP10, forecast::kP25, forecast::kP75, forecast::kP90,
      forecast::kP95;
  PastForecast past{.made = std::move(made)};
  const CivilDate first = inventory::AddDays(past.made.as_of, 1);
  const std::vector<DayCount> days = CountDays(inputs, first);
  const auto index = [&](const CivilDate& day) { return ToDays(day) - ToDays(first); };
  const auto over = static_cast<std::int64_t>(days.size());
  for (const forecast::KeptForecast::Day& day : past.made.days) {
    past.equipped.emplace_back();
    if (index(day.day) < 0 || index(day.day) >= over) continue;
    const DayCount& count = days[static_cast<std::size_t>(index(day.day))];
    past.equipped.back() = count.equipped;
    ++past.scored;
    past.wis +=
        forecast::WeightedIntervalScore(day.equipped, count.equipped) / std::max(1, count.in_need);
    const auto inside = [&](forecast::Level low, forecast::Level high) {
      return forecast::Inside(day.equipped, low, high, count.equipped) ? 1.0 : 0.0;
    };
    past.inside_50 += inside(kP25, kP75);
    past.inside_80 += inside(kP10, kP90);
    past.inside_90 += inside(kP05, kP95);
  }
  for (double* sum : {&past.wis, &past.inside_50, &past.inside_80, &past.inside_90}) {
    if (past.scored > 0) *sum /= past.scored;
  }
  const std::int64_t due = index(past.made.target_date);
  for (std::int64_t i = 0; i < over && i <= due && !past.reached_on.has_value(); ++i) {
    const DayCount& count = days[static_cast<std::size_t>(i)];
    const bool enough = count.equipped >= past.made.target_ratio * count.in_need - 1e-9;
    if (enough) past.reached_on = inventory::AddDays(first, i);
  }
  if (past.reached_on.has_value() || due < over) past.reached = past.reached_on.has_value();
  return past;
}

}  // namespace parc::fleet
