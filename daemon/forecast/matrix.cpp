#include "daemon/forecast/matrix.h"

#include <cassert>
#include <cmath>
#include <utility>

namespace parc::forecast {

Cholesky::Cholesky(SymmetricMatrix matrix) : lower_(std::move(matrix)) {
  const std::size_t n = lower_.size();
  for (std::size_t j = 0; j < n; ++j) {
    double pivot = lower_.At(j, j);
    for (std::size_t k = 0; k < j; ++k) pivot -= lower_.At(j, k) * lower_.At(j, k);
    assert(pivot > 0);
    lower_.At(j, j) = std::sqrt(pivot);
    for (std::size_t i = j + 1; i < n; ++i) {
      double sum = lower_.At(i, j);
      for (std::size_t k = 0; k < j; ++k) sum -= lower_.At(i, k) * lower_.At(j, k);
      lower_.At(i, j) = sum / lower_.At(j, j);
    }
  }
}

std::vector<double> Cholesky::Solve(std::span<const double> b) const {
  const std::size_t n = lower_.size();
  std::vector<double> y(b.begin(), b.end());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) y[i] -= lower_.At(i, k) * y[k];
    y[i] /= lower_.At(i, i);
  }
  return SolveTransposed(y);
}

std::vector<double> Cholesky::SolveTransposed(std::span<const double> b) const {
  const std::size_t n = lower_.size();
  std::vector<double> x(b.begin(), b.end());
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) x[i] -= lower_.At(k, i) * x[k];
    x[i] /= lower_.At(i, i);
  }
  return x;
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
