#include "tests/fault/simulation.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <string>

#include "fmt/format.h"

namespace parc::simulation {
namespace {

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string Told(const Outcome& outcome) {
  return fmt::format(
      "{} check-ins, {} enrolments, {} renewals, {} revocations, {} moves, {} deaths, {} steps of "
      "the clock, {} commits",
      outcome.check_ins, outcome.enrolments, outcome.renewals, outcome.revocations, outcome.changes,
      outcome.deaths, outcome.clock_steps, outcome.commits);
}

void Add(Outcome& sum, const Outcome& one) {
  sum.check_ins += one.check_ins;
  sum.enrolments += one.enrolments;
  sum.renewals += one.renewals;
  sum.revocations += one.revocations;
  sum.changes += one.changes;
  sum.deaths += one.deaths;
  sum.clock_steps += one.clock_steps;
  sum.commits += one.commits;
}

// The first finding among `seeds` runs with `defect`; empty when there is none.
std::string FirstFinding(Simulator& simulator, Defect defect, std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Outcome outcome = simulator.Run({.seed = seed, .defect = defect});
    if (!outcome.broken.empty()) return outcome.broken;
  }
  return {};
}

}  // namespace

// PARC_SEED=n runs that seed alone; PARC_SIMULATION_SEEDS=n runs so many of them.
TEST_CASE("whatever is lost, repeated, delayed, or dies, what was promised holds") {
  const std::uint64_t only = FromEnvironment("PARC_SEED", 0);
  const std::uint64_t first = only != 0 ? only : 1;
  const std::uint64_t count = only != 0 ? 1 : FromEnvironment("PARC_SIMULATION_SEEDS", 50);
  Simulator simulator;
  Outcome sum;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Outcome outcome = simulator.Run({.seed = seed});
    INFO("replay with PARC_SEED=" << seed << " (" << Told(outcome) << ")");
    REQUIRE(outcome.broken.empty());
    Add(sum, outcome);
  }
  std::cout << count << " seeds: " << Told(sum) << "\n";
  CHECK(sum.check_ins > 4 * static_cast<int>(count));
  if (only != 0) return;
  CHECK(sum.renewals > 0);
  CHECK(sum.revocations > 0);
  CHECK(sum.changes > 0);
  CHECK(sum.deaths > 0);
  CHECK(sum.clock_steps > 0);
}

TEST_CASE("a fleet of thousands keeps what was promised, too") {
  Simulator simulator;
  const auto laptops = static_cast<int>(FromEnvironment("PARC_SIMULATION_FLEET", 200));
  const Outcome outcome =
      simulator.Run({.seed = 1, .laptops = laptops, .check_every = laptops / 4});
  std::cout << laptops << " laptops: " << Told(outcome) << "\n";
  CHECK(outcome.broken.empty());
  CHECK(outcome.check_ins > laptops * 3);
}

TEST_CASE("the same seed brings the same run") {
  Simulator simulator;
  const Outcome once = simulator.Run({.seed = 7});
  simulator.Run({.seed = 8});
  CHECK(Told(simulator.Run({.seed = 7})) == Told(once));
  CHECK(Told(Simulator().Run({.seed = 7})) == Told(once));
}

TEST_CASE("a daemon that breaks a promise is caught, whichever it is") {
  const auto [defect, invariants] = GENERATE(table<Defect, std::string>({
      {Defect::kAnswersBeforeCommit, "I1"},
      {Defect::kTakesOldKeys, "I2"},
      {Defect::kForgetsTokenUses, "I3"},
      {Defect::kForgetsRevocations, "I1 I4"},
      {Defect::kForgetsRequestIds, "I5"},
      {Defect::kForgetsOrder, "I6"},
  }));
  Simulator simulator;
  const std::string found = FirstFinding(simulator, defect, 200);
  INFO("expected " << invariants << ", found: " << found);
  REQUIRE(found.size() > 2);
  CHECK(invariants.find(found.substr(0, 2)) != std::string::npos);
}

}  // namespace parc::simulation
