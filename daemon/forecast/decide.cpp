#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "daemon/forecast/forecast.h"
#include "daemon/forecast/sweep.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::forecast {
namespace {

absl::Status Wrong(std::string_view field, std::string_view message) {
  return Refuse(absl::StatusCode::kInvalidArgument, "FORECAST_INPUT",
                fmt::format("{}: {}", field, message), field);
}

absl::Status ValidateGoal(const Inputs& inputs, const Goal& goal) {
  if (!(goal.confidence > 0 && goal.confidence < 1))
    return Wrong("goal.confidence", "must be between 0 and 1, both excluded");
  if (goal.target.date <= inputs.as_of) return Wrong("goal.target.date", "is not in the future");
  if (goal.order_on && *goal.order_on < inputs.as_of)
    return Wrong("goal.order_on", "is in the past");
  if (goal.most < 0 || goal.most > 1000000)
    return Wrong("goal.most", "must be between 0 and 1,000,000");
  return absl::OkStatus();
}

// Looks for what one more order does, supplier by supplier, over the same paths.
class Search {
 public:
  Search(const Model& model, const Goal& goal, const Run& run)
      : model_(model),
        goal_(goal),
        run_(run),
        sweep_(model, model.inputs.scenario, goal.target),
        day_(model.facts.DayOf(goal.target.date)) {
    order_on_ = goal.order_on.value_or(model.facts.DateOf(1));
    most_ = goal.most > 0 ? goal.most : 4 * std::max(10, model.now.in_need);
  }

  absl::StatusOr<double> Probability(const Scenario& scenario) {
    PARC_ASSIGN(const double p, sweep_.Probability(scenario, run_));
    ++tried_;
    Tell();
    return p;
  }

  // What happens without any more order; before everything else.
  absl::Status Begin() {
    PARC_ASSIGN(as_is_, Probability(model_.inputs.scenario));
    return absl::OkStatus();
  }
  double as_is() const { return as_is_; }

  // `before` of `suppliers` were tried; how far the search is, is told from there.
  absl::StatusOr<SupplierOption> Try(const std::string& supplier, std::size_t before,
                                     std::size_t suppliers) {
    from_ = static_cast<double>(before) / static_cast<double>(suppliers);
    share_ = 1 / static_cast<double>(suppliers);
    tried_ = 0;
    SupplierOption option;
    option.supplier = supplier;
    PARC_ASSIGN(const double best, With(supplier, most_, order_on_));
    option.attainable = best >= goal_.confidence;
    const double wanted = option.attainable ? goal_.confidence : best;
    PARC_ASSIGN(option.quantity, Smallest(supplier, wanted, best, option.probability));
    const double p = option.probability;
    option.monte_carlo_error = std::sqrt(p * (1 - p) / model_.inputs.paths);
    if (option.attainable && option.quantity > 0) {
      PARC_ASSIGN(option.latest_order, Latest(supplier, option.quantity));
    } else if (!option.attainable) {
      PARC_ASSIGN(option.binding, Binding(supplier, best));
    }
    return option;
  }

 private:
  absl::StatusOr<double> With(std::string_view supplier, int quantity, const CivilDate& ordered) {
    return Probability(Ordering(supplier, quantity, ordered));
  }

  Scenario Ordering(std::string_view supplier, int quantity, const CivilDate& ordered) const {
    Scenario scenario = model_.inputs.scenario;
    if (quantity > 0) {
      AddedOrder order;
      order.quantity = quantity;
      order.ordered = ordered;
      order.supplier = supplier;
      scenario.added.push_back(order);
    }
    return scenario;
  }

  // The smallest quantity in [0, most] with at least `wanted`; `most` has `best`. Its probability
  // is put into `probability`.
  absl::StatusOr<int> Smallest(const std::string& supplier, double wanted, double best,
                               double& probability) {
    probability = as_is_;
    if (as_is_ >= wanted) return 0;
    int low = 0, high = most_;
    probability = best;
    while (high - low > 1) {
      const int middle = low + (high - low) / 2;
      PARC_ASSIGN(const double p, With(supplier, middle, order_on_));
      (p >= wanted ? high : low) = middle;
      if (p >= wanted) probability = p;
    }
    return high;
  }

  // The last day of ordering that keeps the confidence, which order_on does.
  absl::StatusOr<CivilDate> Latest(const std::string& supplier, int quantity) {
    int low = model_.facts.DayOf(order_on_), high = std::max(low + 1, day_ + 1);
    while (high - low > 1) {
      const int middle = low + (high - low) / 2;
      PARC_ASSIGN(const double p, With(supplier, quantity, model_.facts.DateOf(middle)));
      (p >= goal_.confidence ? low : high) = middle;
    }
    return model_.facts.DateOf(low);
  }

  // A supplier takes so many simulations as two bisections have steps, or fewer.
  void Tell() const {
    if (!run_.progress || share_ == 0) return;
    const double steps = 3 + std::log2(1.0 + most_) + std::log2(2.0 + std::max(0, day_));
    run_.progress(from_ + share_ * std::min(0.95, tried_ / steps));
  }

  // What would lift the probability more: hands without limit, or laptops tomorrow.
  absl::StatusOr<BindingCause> Binding(const std::string& supplier, double best) {
    Scenario faster = Ordering(supplier, most_, order_on_);
    faster.capacity.push_back({model_.facts.as_of, goal_.target.date, 1e6});
    PARC_ASSIGN(const double with_hands, Probability(faster));
    Scenario sooner = Ordering(supplier, most_, order_on_);
    sooner.tension = 0.02;
    PARC_ASSIGN(const double with_laptops, Probability(sooner));
    if (std::max(with_hands, with_laptops) <= best + 1e-9) return BindingCause::kQuantity;
    return with_hands > with_laptops ? BindingCause::kPreparation : BindingCause::kLeadTime;
  }

  const Model& model_;
  const Goal& goal_;
  const Run& run_;
  Sweep sweep_;
  int day_;
  CivilDate order_on_;
  int most_;
  double as_is_ = 0;
  int tried_ = 0;                // simulations for the supplier at hand
  double from_ = 0, share_ = 0;  // of the whole search: done before it, and its own
};

std::vector<std::string> SuppliersOf(const Inputs& inputs, const Goal& goal) {
  std::set<std::string> names(goal.suppliers.begin(), goal.suppliers.end());
  if (names.empty())
    for (const OrderLine& line : inputs.lines) names.insert(line.supplier);
  if (names.empty()) names.insert("");  // nobody ever delivered: what the priors say
  return {names.begin(), names.end()};
}

}  // namespace

absl::StatusOr<Decision> Decide(const Inputs& inputs, const Goal& goal, const Run& run) {
  Inputs with_goal = inputs;
  with_goal.targets = {goal.target};
  PARC_TRY(Validate(with_goal));
  PARC_TRY(ValidateGoal(inputs, goal));
  const Model model(with_goal);
  Search search(model, goal, run);
  Decision decision;
  PARC_TRY(search.Begin());
  decision.probability_as_is = search.as_is();
  const std::vector<std::string> suppliers = SuppliersOf(inputs, goal);
  for (const std::string& supplier : suppliers) {
    PARC_ASSIGN(SupplierOption option,
                search.Try(supplier, decision.options.size(), suppliers.size()));
    decision.options.push_back(std::move(option));
    if (run.progress)
      run.progress(static_cast<double>(decision.options.size()) /
                   static_cast<double>(suppliers.size()));
  }
  std::sort(decision.options.begin(), decision.options.end(),
            [](const SupplierOption& a, const SupplierOption& b) {
              // A later latest day is better; an absent one sorts as the earliest.
              return std::tuple(!a.attainable, a.quantity, b.latest_order, a.supplier) <
                     std::tuple(!b.attainable, b.quantity, a.latest_order, b.supplier);
            });
  return decision;
}

}  // namespace parc::forecast
