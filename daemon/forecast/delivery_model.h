#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/forecast/dice.h"
#include "daemon/forecast/facts.h"
#include "daemon/forecast/landmarks.h"
#include "daemon/forecast/matrix.h"
#include "daemon/forecast/tempo.h"

// How long open units still take: log days of progress = covariates + supplier + model + error, a
// normal regression with right-censoring, partial pooling by its priors, and a day counting as so
// much progress as the market's tempo says. README.md, "Delivery".
namespace parc::forecast {

// One draw of everything that is not known about deliveries; paths share draws in turn.
struct DeliveryDraw {
  std::vector<double> coefficients;  // as DeliveryModel lays them out
  double line_sd = 0.5;              // of the error that the lots of a line share
  double lot_sd = 0.3;               // of each lot's own
  double tempo = 0;                  // log tempo of the last days before as_of
  double tempo_sd = 0.3;             // of the tempo in the long run
  double supplier_sd = 0.2;          // of the shock that a supplier's lines share
  // Of cancellations, per line and day: before the line is late, and after.
  std::array<double, 2> cancellation_rate{};
  double cancelled_share = 1;  // of what is open when a line is cancelled
};

// Cumulative shares of lines that come in 1, 2, … lots; the last is 1.
inline constexpr std::size_t kMostLots = 8;
using LotShares = std::array<float, kMostLots>;

class DeliveryModel {
 public:
  // Learns from the past of `facts`.
  explicit DeliveryModel(const Facts& facts);

  // Draw `index` of the posterior.
  DeliveryDraw Draw(std::uint64_t seed, std::uint64_t index) const;

  // The means of log(days of progress left + kShift) for `lines` as they stand at as_of, or from
  // their orders when they are planned, under the draws `index` = 0, 1, …: one row of `means` a
  // draw. A supplier without a past is drawn from its prior.
  void Means(const std::vector<LineFacts>& lines, const std::vector<DeliveryDraw>& draws,
             std::uint64_t seed, std::vector<float>& means) const;

  // For `units` still open: lines of about that size say more about it than others.
  LotShares LotsOf(int units) const;
  // Of the standardised errors of lines.
  const std::array<float, kNormalTable>& error_quantiles() const { return error_quantiles_; }

  // Recent remaining times as a multiple of the long run, and how sure: |log| / its sd.
  struct Regime {
    double multiple = 1;
    double deviations = 0;
  };
  Regime CurrentRegime() const;

  int lines_delivered() const { return data_.lines_delivered; }
  // Past lines of `supplier` with a delivery.
  int LinesOf(std::string_view supplier) const;

 private:
  void SetPrior();
  void AddCovariates(const Observation& row, double scale, SymmetricMatrix& sum) const;
  void SetSeenProducts();
  void Fit();
  // How far the coefficients moved.
  double Step();
  void AddTempoPrior(SymmetricMatrix& precision, std::vector<double>& slope) const;
  void EstimateSpread();
  void EstimateTempo();
  void EstimateShape();

  std::size_t SupplierAt(std::size_t number) const { return kCovariates + number; }
  std::size_t ModelAt(std::size_t number) const;
  std::size_t TempoAt(std::size_t block) const;
  LogTempo Speed() const;  // exp(-log tempo) by block
  double Predict(const Observation& row) const;

  Groups groups_;
  LandmarkData data_;
  std::map<std::string, int, std::less<>> lines_of_supplier_;
  std::size_t size_ = 0;
  std::vector<double> prior_mean_;
  std::vector<double> prior_precision_;  // diagonal, blocks apart
  // Sums of weight x covariate x covariate over seen times, suppliers and models among them; one
  // element.
  std::vector<SymmetricMatrix> seen_products_;
  std::vector<double> mean_;              // of the posterior
  std::vector<Cholesky> posterior_;       // of its precision; one element
  std::vector<std::uint64_t> dice_keys_;  // by coefficient
  double sigma_ = 0.6;                    // total error
  double sigma_weight_ = 0;               // what was learned about it, in lines
  std::array<float, kNormalTable> error_quantiles_{};
  double lot_sd_ = 0.35;
  double lot_weight_ = 0;
  double tempo_sd_ = 0.3;
  double tempo_weight_ = 0;
};

}  // namespace parc::forecast
