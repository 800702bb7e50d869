#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "parc/v1/agent.pb.h"
#include "tests/bench/swarm/connection.h"
#include "tests/bench/swarm/dice.h"
#include "tests/bench/swarm/fleet.h"
#include "tests/bench/swarm/histogram.h"
#include "tests/bench/swarm/report.h"

namespace parc::swarm {

// What the calls of a run are.
enum class Work {
  kMixed,         // one report in ten has a section that changed, the others nothing new
  kChanged,       // complete facts, most sections changed
  kUnchanged,     // the digest that the server holds, no facts
  kNothing,       // parcd-bench's no-op, with the bytes of kChanged
  kNothingSmall,  // the same with the bytes of kUnchanged
};
inline bool IsNothing(Work work) { return work >= Work::kNothing; }

// One report on its way.
struct CheckIn : Call {
  std::uint32_t number = 0;
  bool clone = false;
  std::uint64_t sequence = 0;
  Digest digest{};
  Condition condition;
};

// How the calls of a run ended.
struct Tally {
  Histogram latency;  // of calls that were answered OK, from when they were due
  std::uint64_t ok = 0;
  std::uint64_t stale = 0;                       // of those: a newer report was there already
  std::uint64_t send_complete = 0;               // of those: complete facts are asked for
  std::map<std::string, std::uint64_t> refused;  // calls, by reason
  std::map<std::string, std::uint64_t> broken;   // connections, by reason
  Histogram handshake;                           // from connect() until HTTP/2 may begin
  std::uint64_t held_back = 0;                   // due, but no connection had room

  std::uint64_t refusals() const;
  void Merge(const Tally& other);
};

// The laptops themselves: what each would report next, and what it learns from the answer.
class Agents {
 public:
  // `fleet` outlives this. `changed_percent`: for Work::kMixed.
  Agents(Fleet& fleet, std::uint64_t seed, std::uint32_t changed_percent);

  // Makes `call` the next one of laptop `call.number` (or of its clone). `now`: UTC seconds.
  void Prepare(Work work, std::int64_t now, CheckIn& call);
  // Has `number` live through `times` small changes that it has not reported yet.
  void Live(std::uint32_t number, int times);

  // Counts the answer and writes the ledger. Returns for how long the server wants to hear nothing,
  // in microseconds; -1 when it does not say. `late`: since when the call was due, in microseconds.
  std::int64_t Take(Work work, const CheckIn& call, std::int64_t late, Tally& tally);

  Fleet& fleet() { return fleet_; }
  Dice& dice() { return dice_; }

 private:
  Standing& StandingOf(const CheckIn& call);

  Fleet& fleet_;
  Dice dice_;
  const std::uint32_t changed_percent_;
  ReportWriter writer_;
  std::map<std::uint32_t, Standing> clones_;
  std::map<std::uint32_t, unsigned> lived_;  // sections that changed and were not reported
  std::map<std::uint32_t, Condition> conditions_;
  v1::CheckInResponse response_;
};

}  // namespace parc::swarm
