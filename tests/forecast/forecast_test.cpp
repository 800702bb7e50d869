#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "daemon/forecast/forecast.h"
#include "daemon/forecast/simulation.h"
#include "daemon/forecast/sweep.h"
#include "daemon/inventory/reason.h"
#include "tests/forecast/small_office.h"

namespace parc::forecast {
namespace {

using testing::AddOpenLine;
using testing::On;
using testing::SmallOffice;

Result Answer(const Inputs& inputs, const Effort& effort = {}) {
  absl::StatusOr<Result> result = Forecast(inputs, effort);
  REQUIRE(result.ok());
  return *std::move(result);
}

double Probability(const Inputs& inputs) { return Answer(inputs).targets.front().probability; }

}  // namespace

TEST_CASE("the same facts have the same answer, in whatever order they are told") {
  Inputs inputs = SmallOffice();
  const Result first = Answer(inputs);
  CHECK(Answer(inputs) == first);
  std::mt19937 shuffle(1);
  std::shuffle(inputs.lines.begin(), inputs.lines.end(), shuffle);
  std::shuffle(inputs.people.begin(), inputs.people.end(), shuffle);
  std::shuffle(inputs.assets.begin(), inputs.assets.end(), shuffle);
  std::shuffle(inputs.assignments.begin(), inputs.assignments.end(), shuffle);
  CHECK(Answer(inputs) == first);
}

TEST_CASE("other facts have another hash and another seed; a scenario has not") {
  Inputs inputs = SmallOffice();
  const std::string hash = InputsHash(inputs);
  const std::uint64_t seed = SeedOf(inputs);
  inputs.scenario.tension = 2;
  CHECK(InputsHash(inputs) == hash);
  inputs.lines.back().promises.push_back({On(-1), On(80)});
  CHECK(InputsHash(inputs) != hash);
  CHECK(SeedOf(inputs) != seed);
}

TEST_CASE("an answer says what it was made of") {
  const Inputs inputs = SmallOffice();
  const Result result = Answer(inputs);
  CHECK(result.equipped_now == 60);
  CHECK(result.in_need_now == 100);
  CHECK(result.on_order_now == 50);
  CHECK(result.inputs_hash == InputsHash(inputs));
  CHECK(result.model_version == kModelVersion);
  CHECK(result.seed == SeedOf(inputs));
  CHECK(result.past.back() == PastDay{testing::kToday, 60, 100});
  CHECK(result.past.front().day == On(-730));
  CHECK(result.days.front().day == On(1));
  CHECK(result.months.front().end == CivilDate{2020, 3, 31});
  CHECK(result.months.back().end == On(365));
}

TEST_CASE("the promised line is what a spreadsheet says") {
  const Result result = Answer(SmallOffice());
  CHECK(result.days[18].as_promised == 60);   // 8 April
  CHECK(result.days[19].as_promised == 90);   // 9 April: 30 are promised
  CHECK(result.days[59].as_promised == 100);  // 19 May: 20 more, for 10 people
}

TEST_CASE("hand-outs wait for hands: nothing on holidays, no more than the capacity") {
  Inputs inputs = SmallOffice();
  for (int i = 0; i < 40; ++i) {
    Asset asset;
    asset.id = "stock-" + std::to_string(i);
    asset.received = On(-3);
    inputs.assets.push_back(asset);
  }
  const Result result = Answer(inputs);
  // 20 March 2020 is a Friday: nobody is handed a laptop before Monday.
  CHECK(result.days[0].equipped[kP95] <= 60);
  CHECK(result.days[1].equipped[kP95] <= 60);
  CHECK(result.days[2].equipped[kP50] > 60);
  CHECK(result.days[2].equipped[kP95] <= 60 + 2 * 5);
  CHECK(result.days[20].equipped[kP50] >= 95);
  inputs.preparation.reserve_stock = 35;
  CHECK(Answer(inputs).days[10].equipped[kP95] <= 65);
}

TEST_CASE("the line table tells when a line comes and what it is worth") {
  Inputs inputs = SmallOffice();
  inputs.targets = {{"most", On(100), 0.85}};
  const Result result = Answer(inputs, {.line_values = 2});
  REQUIRE(result.lines.size() == 2);
  const Line& first = result.lines.front();
  CHECK(first.id == "open-1");  // the critical one: without it the target is out of reach
  CHECK(first.open == 30);
  CHECK(first.promised == On(20));
  REQUIRE(first.value_at_risk.has_value());
  CHECK(*first.value_at_risk > 0.3);
  CHECK(*first.value_of_expediting >= 0);
  REQUIRE(first.complete.p50.has_value());
  CHECK(*first.complete.p50 > On(10));
  CHECK(*first.complete.p50 < On(80));
  CHECK(first.late > 0);
}

TEST_CASE("more never harms: laptops, hands, less tension, fewer failures") {
  Inputs inputs = SmallOffice();
  inputs.targets = {{"most", On(120), 0.97}};
  const double base = Probability(inputs);
  Inputs more = inputs;
  more.scenario.added = {{20, On(1), "Ariane", "", {}}};
  CHECK(Probability(more) >= base);
  Inputs hands = inputs;
  hands.scenario.capacity = {{On(1), On(120), 50}};
  CHECK(Probability(hands) >= base);
  Inputs calm = inputs;
  calm.scenario.tension = 0.5;
  CHECK(Probability(calm) >= base);
  Inputs tense = inputs;
  tense.scenario.tension = 3;
  CHECK(Probability(tense) <= base);
  Inputs lossy = inputs;
  lossy.scenario.attrition_per_year = 0.5;
  CHECK(Probability(lossy) < base);
  Inputs hired = inputs;
  hired.scenario.hires = {{On(10), 30}};
  CHECK(Probability(hired) < base);
}

TEST_CASE("a scenario that changes nothing makes no difference, to the last path") {
  const Inputs inputs = SmallOffice();
  const absl::StatusOr<Comparison> same = WhatIf(inputs, {});
  REQUIRE(same.ok());
  CHECK(same->targets.front().probability.change == 0);
  CHECK(same->targets.front().probability.monte_carlo_error == 0);
  CHECK_FALSE(same->targets.front().probability.real);
  CHECK(same->base.days == same->changed.days);
}

TEST_CASE("a cancelled line shows as a difference beyond the error of the simulation") {
  Inputs inputs = SmallOffice();
  inputs.targets = {{"most", On(200), 0.85}};
  Scenario cancelled;
  cancelled.cancelled_lines = {"open-1"};
  const absl::StatusOr<Comparison> comparison = WhatIf(inputs, cancelled);
  REQUIRE(comparison.ok());
  const Difference& difference = comparison->targets.front().probability;
  CHECK(difference.change < 0);
  CHECK(difference.real);
  CHECK(difference.change == Approx(difference.changed - difference.base));
  CHECK(difference.monte_carlo_error > 0);
  CHECK(difference.monte_carlo_error < 0.1);
}

TEST_CASE("a sweep finds what a whole simulation finds, to the last path") {
  Inputs inputs = SmallOffice();
  inputs.targets = {{"most", On(150), 0.9}};
  inputs.scenario.added = {{5, On(20), "Ariane", "", {}}};
  const Model model(inputs);
  Sweep sweep(model, inputs.scenario, inputs.targets.front());
  const auto both = [&](const Scenario& scenario) {
    const absl::StatusOr<double> quick = sweep.Probability(scenario, {});
    const absl::StatusOr<Outcome> whole =
        Simulate(model, scenario, inputs.targets, Detail::kTargets);
    REQUIRE((quick.ok() && whole.ok()));
    CHECK(*quick == ReachedBy(*whole, 0, 150));
    return *quick;
  };
  const double base = both(inputs.scenario);
  Scenario more = inputs.scenario, fewer = inputs.scenario, sooner = inputs.scenario,
           tense = inputs.scenario;
  more.added.push_back({30, On(1), "Ariane", "", {}});
  fewer.cancelled_lines = {"open-1"};
  sooner.expedited_lines = {"open-2"};
  tense.tension = 2;
  CHECK(both(more) > base);
  CHECK(both(fewer) < base);
  CHECK(both(sooner) >= base);
  CHECK(both(tense) < base);
}

TEST_CASE("the quantity to order is the smallest that is enough, and the date the last") {
  Inputs inputs = SmallOffice();
  inputs.lines.pop_back();
  Goal goal;
  goal.target = {"all", On(250), 0.95};
  goal.confidence = 0.8;
  const absl::StatusOr<Decision> decision = Decide(inputs, goal);
  REQUIRE(decision.ok());
  REQUIRE(decision->options.size() == 1);
  const SupplierOption& option = decision->options.front();
  REQUIRE(option.attainable);
  REQUIRE(option.latest_order.has_value());
  CHECK(option.quantity > 0);
  CHECK(option.probability >= 0.8);
  inputs.targets = {goal.target};
  const auto with = [&](int quantity, const CivilDate& day) {
    inputs.scenario.added = {{quantity, day, "Ariane", "", {}}};
    return Probability(inputs);
  };
  CHECK(with(option.quantity, On(1)) == option.probability);
  CHECK(with(option.quantity - 1, On(1)) < 0.8);
  CHECK(with(option.quantity, *option.latest_order) >= 0.8);
  CHECK(with(option.quantity, AddDays(*option.latest_order, 1)) < 0.8);
}

TEST_CASE("what cannot be attained says the best there is, and what binds") {
  Inputs inputs = SmallOffice();
  Goal goal;
  goal.target = {"all", On(5), 1.0};
  const absl::StatusOr<Decision> soon = Decide(inputs, goal);
  REQUIRE(soon.ok());
  CHECK_FALSE(soon->options.front().attainable);
  CHECK(soon->options.front().binding != BindingCause::kNone);
  inputs.preparation.capacity_per_day = 0.1;
  goal.target.date = On(120);
  const absl::StatusOr<Decision> hands = Decide(inputs, goal);
  REQUIRE(hands.ok());
  CHECK(hands->options.front().binding == BindingCause::kPreparation);
}

TEST_CASE("preparation is named when laptops lie there and hands are missing") {
  Inputs inputs = SmallOffice();
  CHECK(Answer(inputs).bottleneck == Bottleneck::kSupply);
  inputs.preparation.capacity_per_day = 0.1;
  const Result result = Answer(inputs);
  CHECK(result.bottleneck == Bottleneck::kPreparation);
  CHECK(result.bottleneck_share > 0.5);
}

TEST_CASE("a long run says how far it is and stops when it is told to") {
  std::vector<double> shares;
  Run run;
  run.progress = [&](double share) { shares.push_back(share); };
  REQUIRE(Forecast(SmallOffice(), {.line_values = 1}, run).ok());
  REQUIRE_FALSE(shares.empty());
  CHECK(std::is_sorted(shares.begin(), shares.end()));
  CHECK(shares.back() == Approx(1));
  int asked = 0;
  run.cancelled = [&] { return ++asked > 2; };
  CHECK(Forecast(SmallOffice(), {}, run).status().code() == absl::StatusCode::kCancelled);
  asked = 0;
  CHECK(WhatIf(SmallOffice(), {}, run).status().code() == absl::StatusCode::kCancelled);
  asked = 0;
  CHECK(Decide(SmallOffice(), {{"all", On(100), 1.0}, 0.9, {}, {}, 0}, run).status().code() ==
        absl::StatusCode::kCancelled);
  asked = 0;
  CHECK(RunBacktest(SmallOffice(), {}, run).status().code() == absl::StatusCode::kCancelled);
}

TEST_CASE("a search for an order tells how far it is within a supplier, too") {
  std::vector<double> shares;
  Run run;
  run.progress = [&](double share) { shares.push_back(share); };
  Inputs inputs = SmallOffice();
  inputs.lines.pop_back();
  const absl::StatusOr<Decision> decision =
      Decide(inputs, {{"all", On(250), 0.95}, 0.8, {}, {}, 0}, run);
  REQUIRE(decision.ok());
  REQUIRE(decision->options.size() == 1);
  CHECK(shares.size() > 5);
  CHECK(std::is_sorted(shares.begin(), shares.end()));
  CHECK(shares.back() == Approx(1));
}

TEST_CASE("what was known on a day has nothing later in it, and open lines are open again") {
  const Inputs inputs = SmallOffice();
  const Inputs known = KnownOn(inputs, On(-130));
  CHECK(known.as_of == On(-130));
  CHECK(known.lines.size() == 10);
  CHECK(known.lines.back().deliveries.empty());  // ordered 160 days ago, came 106 days ago
  CHECK(Answer(known).on_order_now == 10);
}

TEST_CASE("a backtest needs records, and scores itself against the three habits") {
  Inputs inputs = SmallOffice();
  BacktestOptions options;
  options.paths = 100;
  const absl::StatusOr<Backtest> backtest = RunBacktest(inputs, options);
  REQUIRE(backtest.ok());
  CHECK(backtest->origins.size() == 22);
  REQUIRE(backtest->scores.size() == 4);
  CHECK(backtest->scores.front().method == "parc");
  CHECK(backtest->wis_skill.size() == 3);
  CHECK(backtest->scores.front().coverage_90 >= backtest->scores.front().coverage_50);
  inputs.records_since = On(-100);
  CHECK(ReasonOf(RunBacktest(inputs).status()) == "RECORDS_TOO_SHORT");
}

TEST_CASE("a backtest ends with the records, not with the day on which it is asked for") {
  Inputs inputs = SmallOffice();
  BacktestOptions options;
  options.paths = 50;
  const absl::StatusOr<Backtest> now = RunBacktest(inputs, options);
  REQUIRE(now.ok());
  // Nothing more was written down for two years.
  inputs.as_of = On(730);
  const absl::StatusOr<Backtest> later = RunBacktest(inputs, options);
  REQUIRE(later.ok());
  CHECK(later->origins.back() < On(0));
  CHECK(later->origins == now->origins);
  CHECK(later->scored == now->scored);
}

}  // namespace parc::forecast
