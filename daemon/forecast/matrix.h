#pragma once

#include <cstddef>
#include <span>
#include <vector>

// The little linear algebra that a penalised regression needs: dense, symmetric, some hundred rows.
namespace parc::forecast {

class SymmetricMatrix {
 public:
  explicit SymmetricMatrix(std::size_t size) : size_(size), cells_(size * size, 0.0) {}

  std::size_t size() const { return size_; }
  // Lower triangle: row >= column.
  double& At(std::size_t row, std::size_t column) { return cells_[row * size_ + column]; }
  double At(std::size_t row, std::size_t column) const { return cells_[row * size_ + column]; }
  // The row's first cell, for inner loops.
  double* Row(std::size_t row) { return cells_.data() + row * size_; }
  const double* Row(std::size_t row) const { return cells_.data() + row * size_; }

 private:
  std::size_t size_;
  std::vector<double> cells_;
};

// L with L L' = A, for A symmetric positive definite (which a matrix with a proper prior is).
class Cholesky {
 public:
  explicit Cholesky(SymmetricMatrix matrix);

  // x with A x = b.
  std::vector<double> Solve(std::span<const double> b) const;
  // x with L' x = b: for b standard normal, x is normal with covariance A^-1.
  std::vector<double> SolveTransposed(std::span<const double> b) const;
  // The diagonal of A^-1.
  std::vector<double> InverseDiagonal() const;

 private:
  SymmetricMatrix lower_;
};

}  // namespace parc::forecast
