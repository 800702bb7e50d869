#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/fault/simulation_core.h"

namespace parc::simulation {

struct Plan {
  std::uint64_t seed = 1;
  int laptops = 3;
  std::int64_t duration = std::int64_t{90} * 60 * 1'000'000;  // microseconds of simulated time
  Defect defect = Defect::kNone;
  // Compare what is stored with the ledger after each so many commits.
  int check_every = 1;
};

struct Outcome {
  std::string broken;  // "I3: …"; empty when everything held
  // What happened, so that a test can tell that something did.
  int check_ins = 0;  // acknowledged
  int enrolments = 0;
  int renewals = 0;
  int revocations = 0;
  int changes = 0;
  int deaths = 0;
  int clock_steps = 0;
  int commits = 0;
};

// A fleet with its network, its people and its daemon, in one thread and by one seed: the network
// loses, repeats, delays and reorders; the daemon dies and comes back; its clock is set. When the
// time is over everything works again, and every laptop that is not gone must come to rest with
// its newest report stored.
class Simulator {
 public:
  Simulator();
  ~Simulator();
  Simulator(Simulator&&) = delete;

  // The same for the same plan, whatever ran before.
  Outcome Run(const Plan& plan);

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

}  // namespace parc::simulation
