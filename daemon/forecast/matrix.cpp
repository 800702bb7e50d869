#include "daemon/forecast/matrix.h"

#include <cassert>
#include <cmath>
#include <utility>

namespace parc::forecast {

Cholesky::Cholesky(SymmetricMatrix matrix) : lower_(std::move(matrix)) {
  const std::size_t n = lower_.size();
  for (std::size_t i = 0; i < n; ++i) {
    double* const row = lower_.Row(i);
    for (std::size_t j = 0; j < i; ++j) {
      const double* const above = lower_.Row(j);
      double sum = row[j];
      for (std::size_t k = 0; k < j; ++k) sum -= row[k] * above[k];
      row[j] = sum / above[j];
    }
    double pivot = row[i];
    for (std::size_t k = 0; k < i; ++k) pivot -= row[k] * row[k];
    assert(pivot > 0);
    row[i] = std::sqrt(pivot);
  }
}

std::vector<double> Cholesky::Solve(std::span<const double> b) const {
  std::vector<double> solution(b.begin(), b.end());
  double* const y = solution.data();
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double* const row = lower_.Row(i);
    double sum = y[i];
    for (std::size_t k = 0; k < i; ++k) sum -= row[k] * y[k];
    y[i] = sum / row[i];
  }
  return SolveTransposed(solution);
}

std::vector<double> Cholesky::SolveTransposed(std::span<const double> b) const {
  std::vector<double> solution(b.begin(), b.end());
  double* const x = solution.data();
  for (std::size_t i = b.size(); i-- > 0;) {
    const double* const row = lower_.Row(i);
    x[i] /= row[i];
    for (std::size_t k = 0; k < i; ++k) x[k] -= row[k] * x[i];
  }
  return solution;
}

std::vector<double> Cholesky::InverseDiagonal() const {
  const std::size_t n = lower_.size();
  std::vector<double> diagonal(n);
  std::vector<double> unit(n);
  for (std::size_t i = 0; i < n; ++i) {
    unit.assign(n, 0);
    unit[i] = 1;
    diagonal[i] = Solve(unit)[i];
  }
  return diagonal;
}

}  // namespace parc::forecast
