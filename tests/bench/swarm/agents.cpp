#include "tests/bench/swarm/agents.h"

#include <algorithm>

#include "fmt/format.h"

namespace parc::swarm {
namespace {

constexpr std::int64_t kMicros = 1'000'000;

bool IsKnown(const Standing& standing) { return standing.digest != Digest{}; }

std::uint64_t SumOf(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [reason, count] : counts) sum += count;
  return sum;
}

}  // namespace

std::uint64_t Tally::refusals() const { return SumOf(refused); }

void Tally::Merge(const Tally& other) {
  latency.Merge(other.latency);
  handshake.Merge(other.handshake);
  ok += other.ok;
  stale += other.stale;
  send_complete += other.send_complete;
  held_back += other.held_back;
  for (const auto& [reason, count] : other.refused) refused[reason] += count;
  for (const auto& [reason, count] : other.broken) broken[reason] += count;
}

Agents::Agents(Fleet& fleet, std::uint64_t seed, std::uint32_t changed_percent)
    : fleet_(fleet), dice_(seed), changed_percent_(changed_percent) {}

Standing& Agents::StandingOf(const CheckIn& call) {
  if (!call.clone) return fleet_.At(call.number);
  const auto [found, is_new] = clones_.try_emplace(call.number);
  // A copied disk: what the first one knew, and boots of its own.
  if (is_new) {
    found->second = fleet_.At(call.number);
    found->second.condition.boots = static_cast<std::uint8_t>(found->second.condition.boots + 128);
  }
  return found->second;
}

void Agents::Live(std::uint32_t number, int times) {
  Condition& condition = conditions_.try_emplace(number, fleet_.At(number).condition).first->second;
  for (int i = 0; i < times; ++i) lived_[number] |= swarm::Live(condition, dice_);
}

void Agents::Prepare(Work work, std::int64_t now, CheckIn& call) {
  Standing& standing = StandingOf(call);
  ReportWriter::Report report;
  report.number = call.number;
  report.condition = standing.condition;
  report.sent = now;
  report.problems = standing.problems;
  bool complete = !IsKnown(standing);
  if (work == Work::kChanged || work == Work::kNothing) {
    ChangeAll(report.condition, dice_);
    complete = true;
  } else if (work == Work::kMixed && dice_.Below(100) < changed_percent_) {
    report.sections = swarm::Live(report.condition, dice_);
  }
  if (const auto lived = lived_.find(call.number); lived != lived_.end() && !call.clone) {
    report.condition = conditions_[call.number];
    report.sections |= lived->second;
    conditions_.erase(call.number);
    lived_.erase(lived);
  }
  report.sequence = std::max(standing.sent, kFirstSequence) + 1;
  if (!IsNothing(work)) standing.sent = report.sequence;
  if (!complete) report.base = &standing.digest;
  Digest digest;
  call.SetMessage(writer_.Write(report, digest));
  call.path =
      IsNothing(work) ? "/parc.bench.v1.Yardstick/Nothing" : "/parc.v1.AgentService/CheckIn";
  call.sequence = report.sequence;
  call.digest = digest;
  call.condition = report.condition;
}

std::int64_t Agents::Take(Work work, const CheckIn& call, std::int64_t late, Tally& tally) {
  if (call.status != 0) {
    const std::string reason =
        call.reason.empty() ? fmt::format("STATUS_{}", call.status) : call.reason;
    ++tally.refused[reason];
    return call.pushback_millis < 0 ? -1 : call.pushback_millis * 1000;
  }
  ++tally.ok;
  tally.latency.Add(late);
  if (IsNothing(work)) return -1;
  const std::string_view message = call.Message();
  if (!response_.ParseFromArray(message.data(), static_cast<int>(message.size()))) return -1;
  Standing& standing = StandingOf(call);
  if (response_.stale()) {
    ++tally.stale;
    // Another machine reports under this key: the agent's own counter is behind.
    standing.sent += 1u << 16;
  } else if (response_.send_complete()) {
    ++tally.send_complete;
    standing.digest = {};
  } else {
    standing.acknowledged = call.sequence;
    standing.digest = call.digest;
    standing.condition = call.condition;
    standing.problems = {};
    if (const std::string& problems = response_.problems_digest();
        problems.size() == standing.problems.size())
      std::copy(problems.begin(), problems.end(), standing.problems.begin());
  }
  if (!response_.has_next_contact()) return -1;
  return response_.next_contact().seconds() * kMicros + response_.next_contact().nanos() / 1000;
}

}  // namespace parc::swarm
