#include "daemon/forecast/sweep.h"

#include <algorithm>
#include <iterator>

#include "absl/status/status.h"
#include "daemon/forecast/delivery_paths.h"
#include "daemon/forecast/fleet_paths.h"
#include "daemon/forecast/simulation.h"

namespace parc::forecast {
namespace {

constexpr std::size_t kMostKept = 1U << 20;  // Lanes: 64 MB, 45,000 paths of a year

// Those of `lines` that `others` has not, or has otherwise. Both are sorted alike.
std::vector<LineFacts> Without(const std::vector<LineFacts>& lines,
                               const std::vector<LineFacts>& others) {
  std::vector<LineFacts> rest;
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(rest), [&](const LineFacts& line) {
    return std::find(others.begin(), others.end(), line) == others.end();
  });
  return rest;
}

void SampleTile(DeliveryPaths& paths, int first, std::vector<Lanes>& delivered) {
  for (int lane = 0; lane < kLanes; ++lane) paths.Sample(first + lane, delivered, lane, nullptr);
}

}  // namespace

Sweep::Sweep(const Model& model, const Scenario& base, const Target& target)
    : model_(model),
      target_(target),
      last_(std::clamp(model.facts.DayOf(target.date), 1, model.facts.horizon)),
      tension_(base.tension),
      lines_(OpenLines(model, base)) {
  const std::size_t days = static_cast<std::size_t>(model.facts.horizon) + 2;
  const std::size_t tiles = static_cast<std::size_t>((model.inputs.paths + kLanes - 1) / kLanes);
  if (tiles * days > kMostKept) return;
  DeliveryPaths paths(model, lines_, tension_);
  std::vector<Lanes> tile(days);
  delivered_.reserve(tiles * days);
  for (int first = 0; first < model.inputs.paths; first += kLanes) {
    std::fill(tile.begin(), tile.end(), Lanes{});
    SampleTile(paths, first, tile);
    delivered_.insert(delivered_.end(), tile.begin(), tile.end());
  }
}

absl::StatusOr<double> Sweep::Probability(const Scenario& scenario, const Run& run) {
  const std::vector<LineFacts> lines = OpenLines(model_, scenario);
  const bool from_base = !delivered_.empty() && scenario.tension == tension_;
  const std::vector<LineFacts> more = from_base ? Without(lines, lines_) : lines;
  const std::vector<LineFacts> fewer =
      from_base ? Without(lines_, lines) : std::vector<LineFacts>{};
  DeliveryPaths brought(model_, more, scenario.tension);
  DeliveryPaths taken(model_, fewer, scenario.tension);
  FleetPaths fleet(model_, scenario);
  const std::size_t days = static_cast<std::size_t>(model_.facts.horizon) + 2;
  std::vector<Lanes> delivered(days);
  std::vector<Lanes> less(fewer.empty() ? 0 : days);
  int reaching = 0;
  for (int first = 0; first < model_.inputs.paths; first += kLanes) {
    if (run.cancelled && run.cancelled()) return absl::CancelledError("the forecast was cancelled");
    if (from_base)
      std::copy_n(delivered_.begin() + first / kLanes * static_cast<std::ptrdiff_t>(days), days,
                  delivered.begin());
    else
      std::fill(delivered.begin(), delivered.end(), Lanes{});
    if (!more.empty()) SampleTile(brought, first, delivered);
    if (!fewer.empty()) {
      std::fill(less.begin(), less.end(), Lanes{});
      SampleTile(taken, first, less);
      for (std::size_t day = 0; day < days; ++day)
        for (int lane = 0; lane < kLanes; ++lane) delivered[day][lane] -= less[day][lane];
    }
    int reached[kLanes];
    std::fill_n(reached, kLanes, kNoDay);
    fleet.Begin(first);
    for (int day = 1; day <= last_; ++day) {
      fleet.Step(day, delivered);
      NoteReached(fleet.equipped(), fleet.in_need(), target_.ratio, day, reached);
    }
    reaching += static_cast<int>(
        std::count_if(reached, reached + std::min(kLanes, model_.inputs.paths - first),
                      [](int day) { return day != kNoDay; }));
  }
  return static_cast<double>(reaching) / model_.inputs.paths;
}

}  // namespace parc::forecast
