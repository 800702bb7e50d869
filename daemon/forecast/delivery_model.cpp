#include "daemon/forecast/delivery_model.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "daemon/forecast/dice.h"
#include "fmt/format.h"

namespace parc::forecast {
namespace {

struct Belief {
  double mean;
  double sd;
};

// Weakly informative: a promise is believed at 75 %, times 1.15; what is overdue takes a third of
// the time it is late already; the rest may move the answer, and is not expected to.
constexpr std::array<Belief, kCovariates> kPriors = {{
    {4.05, 0.50},   // kIntercept: log(50 x 1.15)
    {0.75, 0.20},   // kPromised
    {0.30, 0.40},   // kOverdue
    {0.50, 0.25},   // kOverdueDays
    {0.00, 0.25},   // kElapsed
    {0.10, 0.25},   // kRevisions
    {0.00, 0.25},   // kFreshRevision
    {-0.15, 0.30},  // kPartly
    {-0.80, 0.40},  // kShipped
    {0.00, 0.20},   // kSilence
    {0.20, 0.50},   // kNoPromise
    {0.05, 0.10},   // kSize
}};

constexpr double kSupplierSd = 0.35;
constexpr double kModelSd = 0.15;
constexpr double kOldestBlockSd = 0.5;

// Scaled inverse chi-square: `weight` observations that had this sd.
struct SpreadBelief {
  double sd;
  double weight;
};
constexpr SpreadBelief kError = {0.50, 4};
constexpr SpreadBelief kLot = {0.35, 4};
constexpr SpreadBelief kDrift = {0.14, 6};

constexpr double kCancellationEvents = 0.5;  // Gamma prior: half an event in 2,000 line-days
constexpr double kCancellationDays = 2000;
constexpr std::array<double, 5> kLotsPrior = {2.0, 1.0, 0.5, 0.25, 0.25};

constexpr std::uint64_t kCoefficientDice = 0x636f6566;
constexpr std::uint64_t kSpreadDice = 0x73707264;

double Square(double x) { return x * x; }

// sd drawn from the posterior of a variance: weight * sd^2 / chi-square(weight).
double DrawSd(Dice& dice, double sd, double weight) {
  return sd * std::sqrt(weight / (2 * dice.Gamma(weight / 2)));
}

}  // namespace

DeliveryModel::DeliveryModel(const Facts& facts)
    : groups_(GroupsOf(facts)), data_(Landmarks(facts, groups_)) {
  for (const LineFacts& line : facts.lines)
    if (!line.deliveries.empty()) lines_of_supplier_[line.supplier] += 1;
  SetPrior();
  Fit();
}

std::size_t DeliveryModel::ModelAt(std::size_t number) const {
  return SupplierAt(groups_.suppliers.size()) + number;
}

std::size_t DeliveryModel::BlockAt(std::size_t block) const {
  return ModelAt(groups_.models.size()) + block;
}

int DeliveryModel::LinesOf(std::string_view supplier) const {
  const auto found = lines_of_supplier_.find(supplier);
  return found == lines_of_supplier_.end() ? 0 : found->second;
}

void DeliveryModel::SetPrior() {
  size_ = BlockAt(kMostBlocks);
  prior_mean_.assign(size_, 0);
  prior_precision_.assign(size_, 0);
  dice_keys_.assign(size_, 0);
  for (std::size_t i = 0; i < kCovariates; ++i) {
    prior_mean_[i] = kPriors[i].mean;
    prior_precision_[i] = 1 / Square(kPriors[i].sd);
    dice_keys_[i] = KeyOf(fmt::format("covariate {}", i));
  }
  for (const auto& [name, number] : groups_.suppliers) {
    prior_precision_[SupplierAt(number)] = 1 / Square(kSupplierSd);
    dice_keys_[SupplierAt(number)] = KeyOf("supplier " + name);
  }
  for (const auto& [name, number] : groups_.models) {
    prior_precision_[ModelAt(number)] = 1 / Square(kModelSd);
    dice_keys_[ModelAt(number)] = KeyOf("model " + name);
  }
  for (std::size_t block = 0; block < kMostBlocks; ++block)
    dice_keys_[BlockAt(block)] = KeyOf(fmt::format("block {}", block));
  mean_ = prior_mean_;
}

double DeliveryModel::Predict(const Observation& row) const {
  double sum =
      mean_[SupplierAt(row.supplier)] + mean_[ModelAt(row.model)] + mean_[BlockAt(row.block)];
  for (std::size_t i = 0; i < kCovariates; ++i) sum += row.covariates[i] * mean_[i];
  return sum;
}

// X'WX / sigma^2 + prior. A censored row tells less than a seen one: by the factor h (h - a), the
// curvature of its log likelihood.
SymmetricMatrix DeliveryModel::Precision(bool with_censoring) const {
  SymmetricMatrix precision(size_);
  for (const Observation& row : data_.observations) {
    double weight = row.weight / Square(sigma_);
    if (with_censoring && row.censored) {
      const double a = (row.log_days - Predict(row)) / sigma_;
      const double h = InverseMills(a);
      weight *= std::clamp(h * (h - a), 0.0, 1.0);
    }
    const std::size_t own[] = {SupplierAt(row.supplier), ModelAt(row.model), BlockAt(row.block)};
    for (std::size_t i = 0; i < kCovariates; ++i) {
      if (row.covariates[i] == 0) continue;
      const double scaled = weight * row.covariates[i];
      for (std::size_t j = 0; j <= i; ++j) precision.At(i, j) += scaled * row.covariates[j];
      for (const std::size_t at : own) precision.At(at, i) += scaled;
    }
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j <= i; ++j) precision.At(own[i], own[j]) += weight;
  }
  for (std::size_t i = 0; i < size_; ++i) precision.At(i, i) += prior_precision_[i];
  const double step = 1 / Square(drift_sd_);
  for (std::size_t block = 0; block + 1 < kMostBlocks; ++block) {
    precision.At(BlockAt(block), BlockAt(block)) += step;
    precision.At(BlockAt(block + 1), BlockAt(block + 1)) += step;
    precision.At(BlockAt(block + 1), BlockAt(block)) -= step;
  }
  const std::size_t oldest = BlockAt(kMostBlocks - 1);
  precision.At(oldest, oldest) += 1 / Square(kOldestBlockSd);
  return precision;
}

// A censored row is replaced by what is to be expected of it (Tobit by EM; Dempster, Laird, Rubin
// 1977, 4.2), the coefficients by the penalised least squares of that.
double DeliveryModel::Iterate(double sigma) {
  std::vector<double> right(size_);
  for (std::size_t i = 0; i < size_; ++i) right[i] = prior_precision_[i] * prior_mean_[i];
  double squares = Square(kError.sd) * kError.weight, weights = kError.weight;
  for (const Observation& row : data_.observations) {
    const double fitted = Predict(row);
    double expected = row.log_days, variance = 0;
    if (row.censored) {
      const double a = (row.log_days - fitted) / sigma_;
      const double h = InverseMills(a);
      expected = fitted + sigma_ * h;
      variance = Square(sigma_) * std::clamp(1 + a * h - h * h, 0.0, 1.0);
    }
    const double scaled = row.weight * expected / Square(sigma);
    for (std::size_t i = 0; i < kCovariates; ++i) right[i] += scaled * row.covariates[i];
    right[SupplierAt(row.supplier)] += scaled;
    right[ModelAt(row.model)] += scaled;
    right[BlockAt(row.block)] += scaled;
    squares += row.weight * (Square(expected - fitted) + variance);
    weights += row.weight;
  }
  std::vector<double> next = posterior_.front().Solve(right);
  double moved = 0;
  for (std::size_t i = 0; i < size_; ++i) moved = std::max(moved, std::abs(next[i] - mean_[i]));
  mean_ = std::move(next);
  sigma_ = std::sqrt(squares / weights);
  sigma_weight_ = weights;
  return moved;
}

void DeliveryModel::Fit() {
  for (int round = 0; round < 5; ++round) {
    const double sigma = sigma_;
    posterior_.assign(1, Cholesky(Precision(false)));
    for (int i = 0; i < 12; ++i)
      if (Iterate(sigma) < 1e-3) break;
    EstimateDrift();
  }
  EstimateSpread();
  posterior_.assign(1, Cholesky(Precision(true)));
}

// How far conditions wander from one block of time to the next.
void DeliveryModel::EstimateDrift() {
  const std::vector<double> variance = posterior_.front().InverseDiagonal();
  double squares = Square(kDrift.sd) * kDrift.weight, weight = kDrift.weight;
  std::vector<double> seen(kMostBlocks, 0);
  for (const Observation& row : data_.observations) seen[row.block] += row.weight;
  for (std::size_t block = 0; block + 1 < kMostBlocks; ++block) {
    if (seen[block] < 1 || seen[block + 1] < 1) continue;
    squares += Square(mean_[BlockAt(block)] - mean_[BlockAt(block + 1)]);
    weight += 1;
  }
  drift_sd_ = std::clamp(std::sqrt(squares / weight), 0.08, 0.6);
  drift_weight_ = weight;
}

// How far apart the lots of one line come, given that they come.
void DeliveryModel::EstimateSpread() {
  double squares = Square(kLot.sd) * kLot.weight, weight = kLot.weight;
  for (std::size_t i = 0; i < data_.observations.size();) {
    std::size_t end = i;
    double total = 0, sum = 0;
    for (; end < data_.observations.size() &&
           data_.observations[end].landmark == data_.observations[i].landmark;
         ++end) {
      if (data_.observations[end].censored) continue;
      total += data_.observations[end].weight;
      sum += data_.observations[end].weight * data_.observations[end].log_days;
    }
    if (end - i >= 2 && total > 0) {
      for (std::size_t k = i; k < end; ++k) {
        if (data_.observations[k].censored) continue;
        squares +=
            data_.observations[k].weight * Square(data_.observations[k].log_days - sum / total);
      }
      weight += total * 0.5;  // one degree of freedom of two lots is the mean
    }
    i = end;
  }
  lot_sd_ = std::min(std::sqrt(squares / weight), 0.9 * sigma_);
  lot_weight_ = weight;
}

DeliveryDraw DeliveryModel::Draw(std::uint64_t seed, std::uint64_t index) const {
  DeliveryDraw draw;
  std::vector<double> normals(size_);
  for (std::size_t i = 0; i < size_; ++i)
    normals[i] = Dice(seed, kCoefficientDice ^ dice_keys_[i], index).Normal();
  draw.coefficients = posterior_.front().SolveTransposed(normals);
  for (std::size_t i = 0; i < size_; ++i) draw.coefficients[i] += mean_[i];
  Dice dice(seed, kSpreadDice, index);
  const double total = DrawSd(dice, sigma_, sigma_weight_);
  draw.lot_sd = std::min(DrawSd(dice, lot_sd_, lot_weight_), 0.95 * total);
  draw.line_sd = std::sqrt(Square(total) - Square(draw.lot_sd));
  const double drift = DrawSd(dice, drift_sd_, drift_weight_);
  draw.common_sd = std::sqrt(Square(0.10) + Square(drift));
  draw.supplier_sd = 0.10;
  draw.cancellation_rate = dice.Gamma(kCancellationEvents + data_.lines_cancelled) /
                           (kCancellationDays + data_.open_line_days);
  draw.cancelled_share = (20 + data_.cancelled_units) /
                         (20 + std::max(data_.cancelled_units, data_.cancellable_units));
  double sum = 0;
  for (std::size_t i = 0; i < draw.lots.size(); ++i) {
    sum += dice.Gamma(kLotsPrior[i] + data_.lots[i]);
    draw.lots[i] = sum;
  }
  for (double& cumulative : draw.lots) cumulative /= sum;
  return draw;
}

void DeliveryModel::Means(const std::vector<LineFacts>& lines,
                          const std::vector<DeliveryDraw>& draws, std::uint64_t seed,
                          std::vector<float>& means) const {
  means.resize(lines.size() * draws.size());
  for (std::size_t at = 0; at < lines.size(); ++at) {
    const LineFacts& line = lines[at];
    const int day = std::max(0, line.ordered);
    const Covariates x = CovariatesOf(line, StateOn(line, day), day);
    const auto supplier = groups_.suppliers.find(line.supplier);
    const auto model = groups_.models.find(line.model);
    const std::uint64_t unseen = KeyOf("supplier " + line.supplier);
    for (std::size_t index = 0; index < draws.size(); ++index) {
      const std::vector<double>& coefficients = draws[index].coefficients;
      double mean = coefficients[BlockAt(0)];
      for (std::size_t i = 0; i < kCovariates; ++i) mean += x[i] * coefficients[i];
      mean += supplier != groups_.suppliers.end()
                  ? coefficients[SupplierAt(supplier->second)]
                  : kSupplierSd * Dice(seed, unseen, index).Normal();
      if (model != groups_.models.end()) mean += coefficients[ModelAt(model->second)];
      means[index * lines.size() + at] = static_cast<float>(mean);
    }
  }
}

DeliveryModel::Regime DeliveryModel::CurrentRegime() const {
  double sum = 0;
  for (std::size_t block = 2; block < kMostBlocks; ++block) sum += mean_[BlockAt(block)];
  const double before = sum / static_cast<double>(kMostBlocks - 2);
  const double change = mean_[BlockAt(0)] - before;
  const double sd = std::sqrt(posterior_.front().InverseDiagonal()[BlockAt(0)]);
  return {std::exp(change), std::abs(change) / sd};
}

}  // namespace parc::forecast
