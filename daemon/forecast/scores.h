#pragma once

#include "daemon/forecast/result.h"

// Proper scores and calibration of a forecast of counts.
namespace parc::forecast {

// The weighted interval score over kLevels: the median and the 50, 80 and 90 % intervals (Bracher,
// Ray, Gneiting & Reich 2021, eq. 1 and 2):
//   WIS = (|y - m| / 2 + sum_k alpha_k / 2 x IS_k) / (K + 1 / 2),  K = 3, alpha = 0.5, 0.2, 0.1,
//   IS_k = (u - l) + 2 / alpha x ((l - y)+ + (y - u)+).
// In the unit of `truth`; for a point forecast (all quantiles equal) it is the absolute error.
double WeightedIntervalScore(const Quantiles& quantiles, double truth);

// All levels at `value`.
Quantiles PointForecast(double value);

// Whether `truth` lies in the central interval between two levels, ends included.
bool Inside(const Quantiles& quantiles, Level low, Level high, double truth);

}  // namespace parc::forecast
