#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/schedule/schedule.h"
#include "tests/bench/swarm/agents.h"
#include "tests/bench/swarm/loop.h"
#include "tests/bench/swarm/pool.h"
#include "tests/bench/swarm/scenario.h"

namespace parc::swarm {

struct CrowdPlan {
  Shape shape;
  std::uint32_t agents = 0;  // the first of the fleet; each has a certificate
  double seconds = 60;
  // Scenario seconds in one second of the clock: waits are shortened, calls are not.
  double speed = 1;
  std::uint32_t connections = 1000;  // at once; whoever finds none waits for one
};

struct CrowdResult {
  Tally tally;
  double seconds = 0;
  Usage server;  // as in Slice
  double own_cpu_seconds = 0;
  std::map<std::string, double> counters;
  std::vector<std::uint32_t> contacts, answers;  // in each second of the clock
  std::uint64_t unreachable = 0;                 // contacts during the outage
  std::optional<Comeback> comeback;              // from it
  std::int64_t longest_queue = 0;                // of agents that waited for one of `connections`
};

// Agents as they are: each wakes when it is told to, makes a connection of its own, reports, and
// closes it. After a failure it waits as the agent's own schedule says (agent/schedule).
class Crowd final : public Loop {
 public:
  Crowd(const Target& target, Agents& agents, const CrowdPlan& plan, Watch watch);
  CrowdResult Run();

 private:
  struct Agent {
    std::uint32_t number = 0;
    bool clone = false;
    int failures = 0;
    std::int64_t due = 0;
    CheckIn* call = nullptr;
  };

  void OnReady(Connection& connection) override;
  void OnAnswer(Connection& connection, Call& call) override;
  void OnClosed(Connection& connection, std::string_view reason) override;
  void OnTimer(std::uint64_t id) override;
  bool Done() const override { return stopping_ && open() == 0; }

  void Dial(std::uint64_t id);
  void Leave(Connection& connection);
  void Succeeded(Agent& agent, std::int64_t wait);
  void Failed(Agent& agent, std::int64_t pushback);
  void WakeIn(Agent& agent, std::int64_t wait);  // microseconds of the scenario
  static void Count(std::vector<std::uint32_t>& series, std::int64_t time);

  Agents& agents_;
  const CrowdPlan plan_;
  const Watch watch_;
  std::int64_t begin_ = 0;
  bool stopping_ = false;
  std::vector<Agent> crowd_;
  std::deque<std::uint64_t> queue_;
  std::deque<CheckIn> calls_;
  std::vector<CheckIn*> free_;
  CrowdResult result_;
};

}  // namespace parc::swarm
