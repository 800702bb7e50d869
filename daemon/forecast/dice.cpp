#include "daemon/forecast/dice.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace parc::forecast {
namespace {

// numerator(r) / denominator(r), coefficients from the constant term up.
template <std::size_t N>
double Ratio(double r, const std::array<double, N>& top, const std::array<double, N>& bottom) {
  double numerator = 0, denominator = 0;
  for (std::size_t i = N; i-- > 0;) {
    numerator = numerator * r + top[i];
    denominator = denominator * r + bottom[i];
  }
  return numerator / denominator;
}

constexpr std::array<double, 8> kCentreTop = {3.3871328727963666080e0, 1.3314166789178437745e2,
                                              1.9715909503065514427e3, 1.3731693765509461125e4,
                                              4.5921953931549871457e4, 6.7265770927008700853e4,
                                              3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr std::array<double, 8> kCentreBottom = {1.0,
                                                 4.2313330701600911252e1,
                                                 6.8718700749205790830e2,
                                                 5.3941960214247511077e3,
                                                 2.1213794301586595867e4,
                                                 3.9307895800092710610e4,
                                                 2.8729085735721942674e4,
                                                 5.2264952788528545610e3};
constexpr std::array<double, 8> kTailTop = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                            5.76949722146069140550e0,  3.64784832476320460504e0,
                                            1.27045825245236838258e0,  2.41780725177450611770e-1,
                                            2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr std::array<double, 8> kTailBottom = {1.0,
                                               2.05319162663775882187e0,
                                               1.67638483018380384940e0,
                                               6.89767334985100004550e-1,
                                               1.48103976427480074590e-1,
                                               1.51986665636164571966e-2,
                                               5.47593808499534494600e-4,
                                               1.05075007164441684324e-9};
constexpr std::array<double, 8> kFarTop = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                           1.78482653991729133580e0,  2.96560571828504891230e-1,
                                           2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                           2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr std::array<double, 8> kFarBottom = {1.0,
                                              5.99832206555887937690e-1,
                                              1.36929880922735805310e-1,
                                              1.48753612908506148525e-2,
                                              7.86869131145613259100e-4,
                                              1.84631831751005468180e-5,
                                              1.42151175831644588870e-7,
                                              2.04426310338993978564e-15};

std::array<float, kNormalTable> MakeNormalTable() {
  std::array<float, kNormalTable> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<float>(
        NormalQuantile((static_cast<double>(i) + 0.5) / static_cast<double>(table.size())));
  }
  return table;
}

}  // namespace

std::uint64_t KeyOf(std::string_view text) {
  std::uint64_t key = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const char c : text) key = (key ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return key;
}

double NormalDensity(double x) {
  return std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

double NormalCdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double NormalQuantile(double p) {
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) return q * Ratio(0.180625 - q * q, kCentreTop, kCentreBottom);
  const double r = std::sqrt(-std::log(q < 0 ? p : 1 - p));
  const double x =
      r <= 5 ? Ratio(r - 1.6, kTailTop, kTailBottom) : Ratio(r - 5, kFarTop, kFarBottom);
  return q < 0 ? -x : x;
}

double InverseMills(double x) {
  // Beyond 8 the tail is 1/x - 1/x^3 + …; erfc would lose its digits before it underflows.
  if (x > 8) return x + 1 / x - 2 / (x * x * x);
  return NormalDensity(x) / NormalCdf(-x);
}

const std::array<float, kNormalTable>& NormalTable() {
  static const std::array<float, kNormalTable> table = MakeNormalTable();
  return table;
}

double Dice::Normal() { return NormalQuantile(Uniform()); }

double Dice::Exponential() { return -std::log(Uniform()); }

double Dice::Gamma(double shape) {
  if (shape < 1) {
    const double boost = std::pow(Uniform(), 1 / shape);
    return Gamma(shape + 1) * boost;
  }
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = Normal();
    const double v = std::pow(1 + c * x, 3);
    if (v <= 0) continue;
    if (std::log(Uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

double Dice::Beta(double a, double b) {
  const double x = Gamma(a), y = Gamma(b);
  return x / (x + y);
}

int Dice::Poisson(double mean) {
  const double u = Uniform();
  if (mean > 40) {
    const double z = NormalQuantile(u);
    const double x = mean + std::sqrt(mean) * z + (z * z - 1) / 6;
    return std::max(0, static_cast<int>(std::floor(x + 0.5)));
  }
  double term = std::exp(-mean), sum = term;
  int count = 0;
  while (u > sum && count < 400) {
    ++count;
    term *= mean / count;
    sum += term;
  }
  return count;
}

}  // namespace parc::forecast
