#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "tests/bench/swarm/agents.h"
#include "tests/bench/swarm/loop.h"
#include "tests/bench/swarm/meter.h"

namespace parc::swarm {

// A load over connections that stay open: as fast as answers come (closed loop), or so many a
// second (open loop).
struct PoolPlan {
  std::uint32_t connections = 256;
  std::uint32_t depth = 1;  // calls at once on one connection
  // The certificates of the pool speak for every device of the fleet, in random order. Needs
  // parcd-bench.
  bool any_device = false;
};

struct SlicePlan {
  Work work = Work::kMixed;
  double seconds = 10;
  // Calls a second, at random moments (Poisson); 0: the next one as soon as one was answered.
  double rate = 0;
  bool each_once = false;  // every device of the fleet once, then the slice ends
};

// One stretch of load, from its first call to the last answer.
struct Slice {
  Work work = Work::kMixed;
  double seconds = 0;
  Tally tally;
  Usage server;  // what the server used meanwhile; resident_bytes and peak_bytes are as of the end
  // Calls of fsync and fdatasync by the server; known with PoolPlan::any_device only.
  std::uint64_t syncs = 0;
  double own_cpu_seconds = 0;
  std::map<std::string, double> counters;  // of its metrics, what they grew by
};

// Reads what the server has used so far: its process, and its metrics.
struct Watch {
  pid_t server = 0;
  std::string metrics;  // endpoint; empty: not read
};

class Pool final : public Loop {
 public:
  Pool(const Target& target, Agents& agents, const PoolPlan& plan, Watch watch);

  // Opens the connections. UNAVAILABLE with the reason when one is refused.
  absl::Status Connect();
  Slice Run(const SlicePlan& plan);

 private:
  void OnReady(Connection& connection) override;
  void OnAnswer(Connection& connection, Call& call) override;
  void OnClosed(Connection& connection, std::string_view reason) override;
  void OnTimer(std::uint64_t id) override;
  bool Done() const override;

  void OpenNext();
  // What the yardstick counts; 0 without one.
  std::uint64_t CountSyncs();
  // Begins a call that was due at `due`. False when there is nothing to do any more.
  bool Begin(Connection& connection, std::int64_t due);
  std::uint32_t PickDevice(const Connection& connection);
  void Arrive();
  void Finish(CheckIn& call);

  Agents& agents_;
  const PoolPlan plan_;
  const Watch watch_;
  std::uint32_t opened_ = 0, ready_ = 0;
  std::string broken_;  // why Connect failed

  SlicePlan slice_;
  Tally tally_;
  bool measuring_ = false, begun_ = false;
  CheckIn asking_;  // CountSyncs
  std::int64_t end_ = 0, next_arrival_ = 0;
  std::size_t in_flight_ = 0;
  std::uint32_t next_device_ = 0;
  std::vector<bool> busy_;  // by device
  std::vector<Connection*> connections_;
  std::vector<Connection*> idle_;  // may appear as often as it has room
  std::deque<CheckIn> calls_;
  std::vector<CheckIn*> free_;
};

}  // namespace parc::swarm
