#include "daemon/forecast/fleet_model.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "daemon/forecast/dice.h"

namespace parc::forecast {
namespace {

constexpr double kHalfLifeDays = 270;      // of what the past says about the present
constexpr double kFailuresPerYear = 0.08;  // prior means, each worth little more than one event
constexpr double kArrivalsPerYear = 0.06;
constexpr double kDeparturesPerYear = 0.06;
constexpr double kPriorEvents = 0.7;
constexpr double kRepairDays = 21;
constexpr double kReturnDays = 5;
constexpr int kBinDays = 14;

// The year ahead is not quite the past, whatever the counts say: what a path's rates, its mean time
// of a repair and its pace of hand-outs differ by, as sds of logarithms, besides what few events
// leave open. README.md, "Fleet", tells where they come from.
constexpr double kRateDrift = 0.12;
constexpr double kRepairDrift = 0.35;
constexpr double kPaceDrift = 0.08;
constexpr double kPaceDriftUnstated = 0.12;  // where no nominal capacity is known

constexpr std::uint64_t kRateDice = 0x72617465;

double WeightOfAge(double days) { return std::exp2(-days / kHalfLifeDays); }

double Variance(const std::vector<double>& values, double mean) {
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / static_cast<double>(values.size() - 1);
}

// How much more than Poisson the events of a fortnight vary: people arrive in groups.
double DispersionOf(const std::vector<int>& event_days, int first) {
  const int bins = -first / kBinDays;
  if (bins < 6 || event_days.size() < 4) return 1.5;
  std::vector<double> counts(static_cast<std::size_t>(bins));
  for (const int day : event_days) {
    const int bin = -day / kBinDays;
    if (bin < bins) counts[static_cast<std::size_t>(bin)] += 1;
  }
  double mean = 0;
  for (const double count : counts) mean += count / bins;
  if (mean <= 0) return 1.5;
  return std::clamp(Variance(counts, mean) / mean, 1.0, 15.0);
}

std::vector<AnnouncementLead> MakeLeads() {
  std::vector<AnnouncementLead> leads;
  for (const double share : {0.0, 0.3, 0.6, 0.85, 1.0})
    for (const double days : {7.0, 14.0, 21.0, 30.0, 45.0, 60.0, 90.0, 150.0, 1e6})
      for (const bool exact : {false, true}) leads.push_back({share, days, exact});
  return leads;
}

// Posterior weights of the leads, given the announced events ahead and the long-run rate a day;
// cumulative.
std::vector<double> LeadWeights(const std::vector<int>& ahead, double rate, double dispersion) {
  std::vector<double> logs;
  for (const AnnouncementLead& lead : AnnouncementLeads()) {
    double log_likelihood = 0;
    for (std::size_t day = 1; day < ahead.size(); day += 7) {
      double expected = 1e-3, seen = 0;
      for (std::size_t d = day; d < std::min(day + 7, ahead.size()); ++d) {
        expected += rate * (1 - lead.UnannouncedAt(static_cast<int>(d)));
        seen += ahead[d];
      }
      log_likelihood += (seen * std::log(expected) - expected) / dispersion;
    }
    logs.push_back(log_likelihood);
  }
  const double best = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (double& log : logs) log = sum += std::exp(log - best);
  for (double& log : logs) log /= sum;
  return logs;
}

std::size_t Pick(const std::vector<double>& cumulative, double u) {
  const auto at = std::lower_bound(cumulative.begin(), cumulative.end(), u);
  return static_cast<std::size_t>(std::min(at, cumulative.end() - 1) - cumulative.begin());
}

}  // namespace

double AnnouncementLead::UnannouncedAt(int days_ahead) const {
  if (exact) return days_ahead <= days ? 1 - announced : 1;
  return 1 - announced * std::exp(-days_ahead / days);
}

const std::vector<AnnouncementLead>& AnnouncementLeads() {
  static const std::vector<AnnouncementLead> leads = MakeLeads();
  return leads;
}

double FleetModel::Rate::Draw(Dice& dice) const {
  return dice.Gamma(events / dispersion) / (exposure / dispersion) *
         std::exp(kRateDrift * dice.Normal());
}

FleetModel::FleetModel(const Facts& facts, const Inputs& inputs, const Roster& roster,
                       const DailyCounts& counts, const FleetNow& now)
    : life_ends_(facts, inputs, counts), nominal_(inputs.preparation.capacity_per_day) {
  LearnExits(facts, roster, counts);
  LearnClaimedRepairs(counts, now);
  LearnMovements(facts, roster, counts, now);
  LearnDelays(facts, inputs, roster, counts);
  LearnOldStock(facts, inputs, roster, now);
  pace_ = LearnPace(facts, inputs, counts);
}

// How laptops leave hands, and whether they come back.
void FleetModel::LearnExits(const Facts& facts, const Roster& roster, const DailyCounts& counts) {
  failures_.events = kPriorEvents;
  failures_.exposure = kPriorEvents / (kFailuresPerYear / 365);
  for (std::size_t i = 0; i < counts.size(); ++i)
    failures_.exposure += counts.equipped[i] * WeightOfAge(-(counts.first + static_cast<int>(i)));
  for (std::size_t i = 0; i < roster.holdings.size(); ++i) {
    const Holding& holding = roster.holdings[i];
    if (holding.laptop == nullptr || holding.holder == nullptr) continue;
    const Asset& asset = *holding.laptop;
    const int left = holding.holder->end;
    const bool again =
        i + 1 < roster.holdings.size() && roster.holdings[i + 1].asset == holding.asset;
    const int ended = asset.ended ? facts.DayOf(*asset.ended) : kNoDay;
    if (left <= 0 && holding.from < left && holding.to >= left - 3) {
      const int until = std::min(holding.to, 0);
      return_days_ += std::max(0, until - left);
      const bool lost =
          !again && ended <= std::max(left, until) + 60 && asset.state == AssetState::kLost;
      if (lost)
        kept_ += 1;
      else if (holding.to != kNoDay)
        returned_ += 1;
      continue;
    }
    if (holding.to == kNoDay || holding.to <= facts.since || holding.to > 0) continue;
    if (asset.end_of_life && std::abs(facts.DayOf(*asset.end_of_life) - holding.to) <= 14 &&
        ended <= holding.to + 30)
      continue;  // the end of its life, not a failure
    if (asset.end_of_life && facts.DayOf(*asset.end_of_life) <= holding.to &&
        ended <= holding.to + 30)
      continue;  // the same, late
    failures_.events += WeightOfAge(-holding.to);
    if (again) {
      back_ += 1;
      back_days_ += roster.holdings[i + 1].from - holding.to;
    } else if (ended != kNoDay) {
      gone_ += 1;
    } else if (asset.state == AssetState::kInRepair) {
      back_days_ += -holding.to;
    } else {
      back_ += 1;
      back_days_ += std::min<double>(-holding.to, kRepairDays) / 2;
    }
  }
}

// Where holders keep their claim during a repair, no holding ends and no failure is seen. What is
// away now tells their rate all the same: number away = rate x held x days away (Little 1961).
void FleetModel::LearnClaimedRepairs(const DailyCounts& counts, const FleetNow& now) {
  if (now.claimed_repairs == 0) return;
  double days = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    days += WeightOfAge(-(counts.first + static_cast<int>(i)));
  const double repairs = now.claimed_repairs * days / kRepairDays;
  failures_.events += repairs;
  back_ += repairs;
  back_days_ += repairs * kRepairDays;
}

void FleetModel::LearnMovements(const Facts& facts, const Roster& roster, const DailyCounts& counts,
                                const FleetNow& now) {
  std::vector<int> starts, ends;
  for (const auto& [id, person] : roster.people) {
    if (!person.needs || person.end <= person.start) continue;
    if (person.start > facts.since && person.start <= 0) starts.push_back(person.start);
    if (person.end > facts.since && person.end <= 0) ends.push_back(person.end);
  }
  const double size = std::max(1, now.in_need);
  const auto learn = [&](Rate& rate, std::vector<int>& days, double per_year, bool by_person) {
    std::sort(days.begin(), days.end());  // sums of reals depend on their order
    rate.events = kPriorEvents;
    rate.exposure = kPriorEvents / (per_year / 365 * (by_person ? 1 : size));
    for (const int day : days) rate.events += WeightOfAge(-day);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const double weight = WeightOfAge(-(counts.first + static_cast<int>(i)));
      rate.exposure += weight * (by_person ? counts.in_need[i] : 1);
    }
    rate.dispersion = DispersionOf(days, facts.since);
  };
  learn(arrivals_, starts, kArrivalsPerYear, false);
  learn(departures_, ends, kDeparturesPerYear, true);
  std::vector<int> leaving = now.leavers_equipped;
  for (std::size_t i = 0; i < leaving.size(); ++i) leaving[i] += now.leavers_other[i];
  arrivals_.lead_weights =
      LeadWeights(now.arrivals, arrivals_.events / arrivals_.exposure, arrivals_.dispersion);
  departures_.lead_weights = LeadWeights(leaving, size * departures_.events / departures_.exposure,
                                         departures_.dispersion);
}

// How long laptops lie before they can be handed out. From receipt: on deliveries that found people
// waiting and no other laptop to give. What one laptop waited would say less: older ones go first.
void FleetModel::LearnDelays(const Facts& facts, const Inputs& inputs, const Roster& roster,
                             const DailyCounts& counts) {
  static constexpr int kMostDays = 10;
  std::vector<int> from_receipt, from_leavers;
  std::set<int> deliveries;
  for (const LineFacts& line : facts.lines)
    for (const Units& delivery : line.deliveries) deliveries.insert(delivery.day);
  for (const int day : deliveries) {
    if (day <= counts.first || day > -kMostDays) continue;
    const std::size_t before = static_cast<std::size_t>(day - 1 - counts.first);
    const bool waited = counts.in_need[before] - counts.equipped[before] > 2;
    if (!waited || counts.stock[before] > inputs.preparation.reserve_stock + 1) continue;
    int lag = 0;
    while (lag < kMostDays && counts.handed_out[before + 1 + static_cast<std::size_t>(lag)] == 0)
      ++lag;
    from_receipt.push_back(lag);
  }
  for (std::size_t i = 1; i < roster.holdings.size(); ++i) {
    const Holding& before = roster.holdings[i - 1];
    const bool left = before.holder != nullptr && before.holder->end <= before.to;
    if (left && before.asset == roster.holdings[i].asset)
      from_leavers.push_back(roster.holdings[i].from - before.to);
  }
  const auto quantile = [](std::vector<int>& days, double p, int otherwise) {
    if (days.size() < 6) return otherwise;
    const auto at =
        days.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(days.size()));
    std::nth_element(days.begin(), at, days.end());
    return std::clamp(*at, 0, kMostDays);
  };
  receipt_lag_ = quantile(from_receipt, 0.3, 1);
  turnaround_ = std::min(4, quantile(from_leavers, 0.05, 2));
}

// Whether a laptop in stock is handed out once its planned life is over: those that were, against
// those that lie there while people wait.
void FleetModel::LearnOldStock(const Facts& facts, const Inputs& inputs, const Roster& roster,
                               const FleetNow& now) {
  const bool wait = now.in_need > now.equipped;
  for (const Asset& asset : inputs.assets) {
    if (!asset.end_of_life) continue;
    const int end = facts.DayOf(*asset.end_of_life);
    if (wait && asset.state == AssetState::kInStock && end < -14) old_unused_ += 1;
  }
  for (const Holding& holding : roster.holdings) {
    if (holding.laptop == nullptr || !holding.laptop->end_of_life) continue;
    const bool old = facts.DayOf(*holding.laptop->end_of_life) < holding.from;
    old_used_ += old && holding.from > facts.since ? 1 : 0;
  }
}

FleetDraw FleetModel::Draw(std::uint64_t seed, std::uint64_t index) const {
  Dice dice(seed, kRateDice, index);
  FleetDraw draw;
  draw.failures = failures_.Draw(dice);
  draw.repaired = dice.Beta(2 + back_, 1 + gone_);
  draw.repair_days = (2 * kRepairDays + back_days_) / dice.Gamma(2 + back_);
  draw.repair_days *= std::exp(kRepairDrift * dice.Normal());
  draw.returned = dice.Beta(9 + returned_, 1 + kept_);
  draw.return_days = (2 * kReturnDays + return_days_) / dice.Gamma(2 + returned_);
  draw.arrivals = arrivals_.Draw(dice);
  draw.departures = departures_.Draw(dice);
  draw.arrival_lead = Pick(arrivals_.lead_weights, dice.Uniform());
  draw.departure_lead = Pick(departures_.lead_weights, dice.Uniform());
  draw.arrival_batch = std::max(1, static_cast<int>(arrivals_.dispersion + dice.Uniform() - 0.5));
  draw.departure_batch =
      std::max(1, static_cast<int>(departures_.dispersion + dice.Uniform() - 0.5));
  draw.old_usable = dice.Beta(0.5 + old_used_, 1.5 + old_unused_);
  const double doubt =
      (nominal_ ? kPaceDrift : kPaceDriftUnstated) + 0.6 / std::sqrt(10 + pace_.days);
  draw.hand_outs = has_capacity() ? pace_.mean / nominal() * std::exp(doubt * dice.Normal()) : 1e6;
  return draw;
}

}  // namespace parc::forecast
