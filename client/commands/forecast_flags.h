#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/flags.h"
#include "client/options.h"
#include "client/session.h"
#include "parc/v1/forecasts.pb.h"

// Options that say what a forecast is asked about.
namespace parc::client {

// FILTER, --target, --by, --horizon, --paths, --seed, --as-of and --known-at.
struct QuestionFlags {
  std::vector<std::string> filter_words;
  std::string target;
  std::string by;
  int horizon = 0;
  int paths = 0;
  std::string seed;
  MomentFlags moment;

  void Declare(Options& options);
  absl::Status Fill(Session& session, v1::ForecastQuestion& question) const;
};

// What if: --add, --cancel, --expedite, --capacity, --attrition, --tension, --hire, --leave.
struct ScenarioFlags {
  std::vector<std::string> add, cancel, expedite, capacity, hire, leave;
  std::string attrition;
  std::string tension;

  void Declare(Options& options);
  bool any() const;
  absl::Status Fill(const Session& session, v1::Scenario& scenario) const;
};

// An expectation: `p(100%,2020-12-31)>=0.9`.
struct Assertion {
  std::string text;
  v1::ForecastTarget target;
  std::string comparison;  // ">=", ">", "<=", "<"
  double probability = 0;

  bool Holds(double actual) const;
};
// INVALID_ARGUMENT BAD_ASSERTION.
absl::StatusOr<Assertion> ParseAssertion(std::string_view text, std::int64_t now_micros);

// "100%", "97,5 %" or "0.975" → a share above 0, at most 1. INVALID_ARGUMENT BAD_PERCENT.
absl::StatusOr<double> ParseShare(std::string_view text);

}  // namespace parc::client
