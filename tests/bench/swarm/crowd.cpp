#include "tests/bench/swarm/crowd.h"

#include <algorithm>
#include <cmath>

namespace parc::swarm {
namespace {

constexpr double kPerSecond = 1e6;
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kLastAnswers = 10 * kSecond;

}  // namespace

Crowd::Crowd(const Target& target, Agents& agents, const CrowdPlan& plan, Watch watch)
    : Loop(target), agents_(agents), plan_(plan), watch_(std::move(watch)) {
  for (std::uint32_t number = 0; number < plan.agents; ++number) {
    crowd_.push_back({.number = number});
    if (IsCloned(plan.shape, number)) crowd_.push_back({.number = number, .clone = true});
  }
  calls_.resize(plan.connections);
  for (CheckIn& call : calls_) free_.push_back(&call);
}

CrowdResult Crowd::Run() {
  const Usage before = UsageOf(watch_.server), own_before = OwnUsage();
  std::map<std::string, double> metrics_before;
  if (!watch_.metrics.empty())
    metrics_before = ReadMetrics(watch_.metrics).value_or(metrics_before);
  RunUntil(0);  // only looks at the clock
  begin_ = now();
  for (Agent& agent : crowd_) {
    if (!agent.clone) agents_.Live(agent.number, ChangesBefore(plan_.shape, agents_.dice()));
    WakeIn(agent, FirstContact(plan_.shape, agents_.dice()));
  }
  RunUntil(begin_ + static_cast<std::int64_t>(plan_.seconds * kPerSecond));
  result_.seconds = static_cast<double>(now() - begin_) / kPerSecond;
  stopping_ = true;
  RunUntil(now() + kLastAnswers);
  result_.server = UsageOf(watch_.server);
  result_.server.cpu_seconds -= before.cpu_seconds;
  result_.server.written_bytes -= before.written_bytes;
  result_.own_cpu_seconds = OwnUsage().cpu_seconds - own_before.cpu_seconds;
  if (!watch_.metrics.empty()) {
    result_.counters = Growth(metrics_before, ReadMetrics(watch_.metrics).value_or(metrics_before));
  }
  result_.comeback = ComebackOf(plan_.shape, plan_.speed, result_.contacts);
  return std::move(result_);
}

void Crowd::Count(std::vector<std::uint32_t>& series, std::int64_t time) {
  const auto second = static_cast<std::size_t>(std::max<std::int64_t>(time, 0) / kSecond);
  if (series.size() <= second) series.resize(second + 1);
  ++series[second];
}

void Crowd::WakeIn(Agent& agent, std::int64_t wait) {
  agent.due = now() + std::llround(static_cast<double>(wait) / plan_.speed);
  At(agent.due, static_cast<std::uint64_t>(&agent - crowd_.data()));
}

void Crowd::OnTimer(std::uint64_t id) {
  if (stopping_) return;
  Agent& agent = crowd_[id];
  Count(result_.contacts, now() - begin_);
  if (!IsReachable(plan_.shape, std::llround(static_cast<double>(now() - begin_) * plan_.speed))) {
    ++result_.unreachable;
    return Failed(agent, -1);
  }
  Dial(id);
}

void Crowd::Dial(std::uint64_t id) {
  Agent& agent = crowd_[id];
  if (free_.empty()) {
    queue_.push_back(id);
    result_.longest_queue =
        std::max(result_.longest_queue, static_cast<std::int64_t>(queue_.size()));
    return;
  }
  const Link link = LinkOf(plan_.shape, agent.number);
  if (Open(agents_.fleet().Key(agent.number), agent.number, id, link) == nullptr) {
    ++result_.tally.broken["no socket"];
    return Failed(agent, -1);
  }
  agent.call = free_.back();
  free_.pop_back();
}

void Crowd::OnReady(Connection& connection) {
  Agent& agent = crowd_[connection.user];
  result_.tally.handshake.Add(now() - connection.born);
  CheckIn& call = *agent.call;
  call.number = agent.number;
  call.clone = agent.clone;
  call.due = agent.due;
  agents_.Prepare(Work::kMixed, WallSeconds(), call);
  connection.Start(call);
}

void Crowd::OnAnswer(Connection& connection, Call& answered) {
  Agent& agent = crowd_[connection.user];
  const auto& call = static_cast<CheckIn&>(answered);
  const bool taken = call.status == 0;
  const std::int64_t wait = agents_.Take(Work::kMixed, call, now() - call.due, result_.tally);
  Count(result_.answers, now() - begin_);
  Leave(connection);
  if (taken) {
    Succeeded(agent, wait);
  } else {
    Failed(agent, wait);
  }
}

void Crowd::OnClosed(Connection& connection, std::string_view reason) {
  Agent& agent = crowd_[connection.user];
  if (agent.call == nullptr) return Doom(connection);  // it was leaving anyway
  ++result_.tally.broken[std::string(reason)];
  Leave(connection);
  Failed(agent, -1);
}

void Crowd::Leave(Connection& connection) {
  Agent& agent = crowd_[connection.user];
  free_.push_back(std::exchange(agent.call, nullptr));
  Doom(connection);
  if (queue_.empty() || stopping_) return;
  const std::uint64_t next = queue_.front();
  queue_.pop_front();
  Dial(next);
}

void Crowd::Succeeded(Agent& agent, std::int64_t wait) {
  agent.failures = 0;
  WakeIn(agent, wait > 0 ? wait : plan_.shape.interval);
}

void Crowd::Failed(Agent& agent, std::int64_t pushback) {
  agent::Contact contact;
  contact.failures = agent.failures;
  const auto asked = pushback < 0 ? std::nullopt : std::optional<std::int64_t>(pushback / kSecond);
  contact = agent::AfterFailure(contact, 0, asked, "", [this] { return agents_.dice().Share(); });
  agent.failures = contact.failures;
  WakeIn(agent, contact.next * kSecond);
}

}  // namespace parc::swarm
