#include "daemon/forecast/delivery_model.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "daemon/forecast/dice.h"
#include "daemon/forecast/error_shape.h"
#include "daemon/forecast/lanes.h"
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
    {-0.35, 0.25},  // kFar
    {0.00, 0.20},   // kSilence
    {0.20, 0.50},   // kNoPromise
    {0.05, 0.10},   // kSize
}};

constexpr double kSupplierSd = 0.35;
constexpr double kModelSd = 0.15;

// Scaled inverse chi-square: `weight` observations that had this sd.
struct SpreadBelief {
  double sd;
  double weight;
};
constexpr SpreadBelief kError = {0.50, 4};
constexpr SpreadBelief kLot = {0.35, 4};
constexpr SpreadBelief kTempo = {0.45, 8};
// The records of one organisation seldom hold a whole crisis: its future may wander further.
constexpr double kUnseen = 1.3;
const double kKept = std::exp(-kTempoDays / kTempoMemory);  // of the tempo, by the next block

// Gamma priors of cancellations a day: so many events in so many line-days.
struct RateBelief {
  double events;
  double days;
};
constexpr std::array<RateBelief, 2> kCancellations = {{{0.3, 1500}, {0.4, 800}}};
constexpr std::array<double, kMostLots> kLotsPrior = {2.0, 1.0, 0.5, 0.25, 0.1, 0.05, 0.05, 0.05};
constexpr float kAlikeInSize = 0.7F;  // of log quantities, for the number of lots

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

std::size_t DeliveryModel::TempoAt(std::size_t block) const {
  return ModelAt(groups_.models.size()) + block;
}

int DeliveryModel::LinesOf(std::string_view supplier) const {
  const auto found = lines_of_supplier_.find(supplier);
  return found == lines_of_supplier_.end() ? 0 : found->second;
}

void DeliveryModel::SetPrior() {
  size_ = TempoAt(kTempoBlocks);
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
  for (std::size_t block = 0; block < kTempoBlocks; ++block)
    dice_keys_[TempoAt(block)] = KeyOf(fmt::format("block {}", block));
  mean_ = prior_mean_;
}

LogTempo DeliveryModel::Speed() const {
  LogTempo speed;
  for (std::size_t block = 0; block < kTempoBlocks; ++block)
    speed[block] = std::exp(-mean_[TempoAt(block)]);
  return speed;
}

double DeliveryModel::Predict(const Observation& row) const {
  double sum = mean_[SupplierAt(row.supplier)] + mean_[ModelAt(row.model)];
  const double* const mean = mean_.data();
  for (std::size_t i = 0; i < kCovariates; ++i) sum += row.covariates[i] * mean[i];
  return sum;
}

// The prior of the tempo: a stationary chain of variance tempo_sd_^2.
void DeliveryModel::AddTempoPrior(SymmetricMatrix& precision, std::vector<double>& slope) const {
  const double scale = 1 / (Square(tempo_sd_) * (1 - Square(kKept)));
  for (std::size_t block = 0; block < kTempoBlocks; ++block) {
    const std::size_t at = TempoAt(block);
    const bool inner = block > 0 && block + 1 < kTempoBlocks;
    const double own = scale * (inner ? 1 + Square(kKept) : 1);
    precision.At(at, at) += own;
    slope[at] += own * mean_[at];
    if (block == 0) continue;
    precision.At(at, at - 1) -= scale * kKept;
    slope[at] -= scale * kKept * mean_[at - 1];
    slope[at - 1] -= scale * kKept * mean_[at];
  }
}

// One step of Newton's method on minus the log posterior of the coefficients, with what they say
// about the error. For a seen time t, on the scale y = log(progress + kShift), the log density is
//   -(y - m)^2 / 2 sigma^2 - log sigma - g(t) - y,
// the last two because a day of slow tempo is a small step of y; for a censored one it is the log
// of the upper tail. Curvatures are those at the expected residual, which are never negative.
double DeliveryModel::Step() {
  SymmetricMatrix precision(size_);
  std::vector<double> slope(size_);
  for (std::size_t i = 0; i < TempoAt(0); ++i) {
    precision.At(i, i) += prior_precision_[i];
    slope[i] += prior_precision_[i] * (mean_[i] - prior_mean_[i]);
  }
  for (std::size_t i = 0; i < TempoAt(0); ++i)
    for (std::size_t j = 0; j <= i; ++j)
      precision.Row(i)[j] += seen_products_.front().Row(i)[j] / Square(sigma_);
  AddTempoPrior(precision, slope);
  const LogTempo speed = Speed();
  double squares = Square(kError.sd) * kError.weight, weights = kError.weight;
  double curvature = 2 * kError.weight;  // along log sigma
  for (const Observation& row : data_.observations) {
    const Progress progress = ProgressOf(row.from, row.to, speed);
    const double residual = progress.log_days - Predict(row);
    double pull = residual / Square(sigma_);  // of m - y upwards, m being the mean
    double curve = 1 / Square(sigma_);        // along the slope of m - y
    double spread = 1;                        // among the blocks of tempo
    double expected = Square(residual);
    if (row.censored) {
      const double a = residual / sigma_;
      const double h = InverseMills(a);
      pull = h / sigma_;
      curve *= std::clamp(h * (h - a), 0.0, 1.0);
      spread = pull;
      expected = Square(sigma_) * std::max(0.0, 1 + a * h);
      curvature += row.weight * a * h * (1 + a * (h - a));
      AddCovariates(row, row.weight * curve, precision);
    } else {
      curvature += 2 * row.weight;
    }
    squares += row.weight * expected;
    weights += row.weight;
    const double slope_by_m = -row.weight * pull;
    for (std::size_t i = 0; i < kCovariates; ++i) slope.data()[i] += slope_by_m * row.covariates[i];
    slope[SupplierAt(row.supplier)] += slope_by_m;
    slope[ModelAt(row.model)] += slope_by_m;
    if (!row.censored) slope[TempoAt(progress.newest)] += row.weight;
    const double slope_by_tempo = slope_by_m - (row.censored ? 0 : row.weight);
    const double* const part = progress.part.data();
    for (std::size_t block = progress.newest; block <= progress.oldest; ++block) {
      slope[TempoAt(block)] += slope_by_tempo * part[block];
      double* const cells = precision.Row(TempoAt(block));
      const double scaled = row.weight * curve * part[block];
      const double spreading = row.weight * spread * part[block];
      for (std::size_t i = 0; i < kCovariates; ++i) cells[i] += scaled * row.covariates[i];
      cells[SupplierAt(row.supplier)] += scaled;
      cells[ModelAt(row.model)] += scaled;
      double* const tempo = cells + TempoAt(0);
      for (std::size_t other = progress.newest; other <= block; ++other)
        tempo[other] += (scaled - spreading) * part[other];
      tempo[block] += spreading;
    }
  }
  posterior_.assign(1, Cholesky(std::move(precision)));
  const std::vector<double> move = posterior_.front().Solve(slope);
  double furthest = 0;
  for (std::size_t i = 0; i < size_; ++i) furthest = std::max(furthest, std::abs(move[i]));
  const double shortened = furthest > 0.7 ? 0.7 / furthest : 1;
  for (std::size_t i = 0; i < size_; ++i) mean_[i] -= shortened * move[i];
  // Expectation and maximisation creeps where much is censored: as far as Newton's method would go.
  const double stride = std::clamp(2 * weights / std::max(curvature, 1e-9), 1.0, 3.0);
  sigma_ *= std::pow(squares / weights / Square(sigma_), stride / 2);
  sigma_weight_ = weights;
  return furthest;
}

// Adds `scale` x z z', z being the covariates of `row` with its supplier and its model.
void DeliveryModel::AddCovariates(const Observation& row, double scale,
                                  SymmetricMatrix& sum) const {
  const double* const x = row.covariates.data();
  for (std::size_t i = 0; i < kCovariates; ++i) {
    double* const cells = sum.Row(i);
    for (std::size_t j = 0; j <= i; ++j) cells[j] += scale * x[i] * x[j];
  }
  const std::size_t supplier = SupplierAt(row.supplier), model = ModelAt(row.model);
  for (const std::size_t own : {supplier, model}) {
    double* const cells = sum.Row(own);
    for (std::size_t j = 0; j < kCovariates; ++j) cells[j] += scale * x[j];
    cells[own] += scale;
  }
  sum.At(model, supplier) += scale;
}

// What seen times say about the coefficients besides the tempo is the same at every step, but for
// the error.
void DeliveryModel::SetSeenProducts() {
  seen_products_.assign(1, SymmetricMatrix(TempoAt(0)));
  for (const Observation& row : data_.observations)
    if (!row.censored) AddCovariates(row, row.weight, seen_products_.front());
}

void DeliveryModel::Fit() {
  SetSeenProducts();
  // Steps of a round: the first ones go far, the later ones follow the spreads.
  for (const int steps : {4, 2, 2}) {
    for (int i = 0; i < steps; ++i)
      if (Step() < 0.02) break;
    EstimateTempo();
  }
  EstimateSpread();
  EstimateShape();
}

void DeliveryModel::EstimateShape() {
  const LogTempo speed = Speed();
  ErrorShape shape;
  for (const Observation& row : data_.observations) {
    const double error = ProgressOf(row.from, row.to, speed).log_days - Predict(row);
    shape.Add(error / sigma_, row.censored, row.weight);
  }
  error_quantiles_ = shape.Quantiles();
}

// How far the tempo wanders, by the expected squares of its innovations.
void DeliveryModel::EstimateTempo() {
  std::vector<std::vector<double>> covariance;
  for (std::size_t block = 0; block < kTempoBlocks; ++block) {
    std::vector<double> unit(size_);
    unit[TempoAt(block)] = 1;
    covariance.push_back(posterior_.front().Solve(unit));
  }
  std::array<double, kTempoBlocks> seen{};
  for (const Observation& row : data_.observations)
    for (std::size_t block = 0; block < kTempoBlocks; ++block)
      if (row.to > -kTempoDays * static_cast<int>(block + 1) &&
          row.from < -kTempoDays * static_cast<int>(block))
        seen[block] += row.weight;
  const auto square = [&](std::size_t a, std::size_t b) {
    return mean_[TempoAt(a)] * mean_[TempoAt(b)] + covariance[a][TempoAt(b)];
  };
  double squares = Square(kTempo.sd) * kTempo.weight, weight = kTempo.weight;
  for (std::size_t block = 0; block + 1 < kTempoBlocks; ++block) {
    if (seen[block] < 1 || seen[block + 1] < 1) continue;
    const double innovation = square(block, block) - 2 * kKept * square(block, block + 1) +
                              Square(kKept) * square(block + 1, block + 1);
    squares += innovation / (1 - Square(kKept));
    weight += 1;
  }
  tempo_sd_ = std::clamp(std::sqrt(squares / weight), 0.05, 1.0);
  tempo_weight_ = weight;
}

// How far apart the lots of one line come, given that they come.
void DeliveryModel::EstimateSpread() {
  const LogTempo speed = Speed();
  double squares = Square(kLot.sd) * kLot.weight, weight = kLot.weight;
  std::vector<double> times;
  for (std::size_t i = 0; i < data_.observations.size();) {
    std::size_t end = i;
    double total = 0, sum = 0;
    times.clear();
    for (; end < data_.observations.size() &&
           data_.observations[end].landmark == data_.observations[i].landmark;
         ++end) {
      const Observation& row = data_.observations[end];
      times.push_back(ProgressOf(row.from, row.to, speed).log_days);
      if (row.censored) continue;
      total += row.weight;
      sum += row.weight * times.back();
    }
    if (end - i >= 2 && total > 0) {
      for (std::size_t k = i; k < end; ++k) {
        const Observation& row = data_.observations[k];
        if (!row.censored) squares += row.weight * Square(times[k - i] - sum / total);
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
  draw.tempo = draw.coefficients[TempoAt(0)];
  draw.tempo_sd = kUnseen * DrawSd(dice, tempo_sd_, tempo_weight_);
  draw.supplier_sd = 0.20;
  for (std::size_t i = 0; i < kCancellations.size(); ++i) {
    draw.cancellation_rate[i] = dice.Gamma(kCancellations[i].events + data_.cancellations[i]) /
                                (kCancellations[i].days + data_.open_days[i]);
  }
  draw.cancelled_share = (20 + data_.cancelled_units) /
                         (20 + std::max(data_.cancelled_units, data_.cancellable_units));
  return draw;
}

LotShares DeliveryModel::LotsOf(int units) const {
  std::array<double, kMostLots> counts;
  std::copy(kLotsPrior.begin(), kLotsPrior.end(), counts.begin());
  const float log_units = std::log(static_cast<float>(units));
  for (const LotCount& seen : data_.lots) {
    const float apart = (seen.log_quantity - log_units) / kAlikeInSize;
    counts[static_cast<std::size_t>(std::min<int>(seen.lots, kMostLots) - 1)] +=
        static_cast<double>(Exp(std::max(-80.0F, -0.5F * apart * apart)));
  }
  LotShares shares{};
  double all = 0, sum = 0;
  for (const double count : counts) all += count;
  for (std::size_t i = 0; i < kMostLots; ++i)
    shares[i] = static_cast<float>((sum += counts[i]) / all);
  shares.back() = 1;
  return shares;
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
      double mean = 0;
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
  for (std::size_t block = 3; block < kTempoBlocks; ++block) sum += mean_[TempoAt(block)];
  const double before = sum / static_cast<double>(kTempoBlocks - 3);
  const double change = mean_[TempoAt(0)] - before;
  const double sd = std::sqrt(posterior_.front().InverseDiagonal()[TempoAt(0)]);
  return {std::exp(change), std::abs(change) / sd};
}

}  // namespace parc::forecast
