#include "tests/bench/swarm/pool.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "fmt/format.h"

namespace parc::swarm {
namespace {

constexpr double kMicrosPerSecond = 1e6;
constexpr std::int64_t kPatience = 30'000'000;  // for connections, and for the last answers
constexpr std::uint32_t kHandshakesAtOnce = 64;
constexpr std::uint64_t kArrival = 1;

}  // namespace

Pool::Pool(const Target& target, Agents& agents, const PoolPlan& plan, Watch watch)
    : Loop(target),
      agents_(agents),
      plan_(plan),
      watch_(std::move(watch)),
      busy_(agents.fleet().size()) {
  calls_.resize(std::size_t{plan.connections} * plan.depth);
  for (CheckIn& call : calls_) free_.push_back(&call);
}

absl::Status Pool::Connect() {
  while (opened_ < std::min(plan_.connections, kHandshakesAtOnce) && broken_.empty()) OpenNext();
  RunUntil(now() + kPatience);
  if (ready_ == plan_.connections) return absl::OkStatus();
  return absl::UnavailableError(fmt::format("{} of {} connections: {}", ready_, plan_.connections,
                                            broken_.empty() ? "the server is too slow" : broken_));
}

void Pool::OpenNext() {
  if (opened_ == plan_.connections) return;
  const std::uint32_t number = opened_++;
  const Fleet& fleet = agents_.fleet();
  Connection* opened = Open(fleet.Key(number % fleet.certified()), number, number);
  if (opened == nullptr) {
    broken_ = "no socket";
  } else {
    connections_.push_back(opened);
  }
}

void Pool::OnReady(Connection& connection) {
  tally_.handshake.Add(now() - connection.born);
  ++ready_;
  OpenNext();
}

bool Pool::Done() const {
  if (!begun_) return ready_ == plan_.connections || !broken_.empty();
  return !measuring_ && in_flight_ == 0;
}

std::uint64_t Pool::CountSyncs() {
  if (!plan_.any_device || connections_.empty()) return 0;
  begun_ = true;
  in_flight_ = 1;
  asking_.SetMessage("");
  asking_.path = "/parc.bench.v1.Yardstick/Syncs";
  connections_.front()->Start(asking_);
  connections_.front()->Go(now());
  RunUntil(now() + kPatience);
  std::uint64_t count = 0;
  const std::string_view digits = asking_.Message();
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return count;
}

Slice Pool::Run(const SlicePlan& plan) {
  slice_ = plan;
  const std::uint64_t syncs = CountSyncs();
  const Usage before = UsageOf(watch_.server), own_before = OwnUsage();
  std::map<std::string, double> metrics_before;
  if (!watch_.metrics.empty())
    metrics_before = ReadMetrics(watch_.metrics).value_or(metrics_before);
  RunUntil(0);  // only looks at the clock
  const std::int64_t begin = now();
  end_ = begin + static_cast<std::int64_t>(plan.seconds * kMicrosPerSecond);
  begun_ = measuring_ = true;
  idle_.clear();
  next_device_ = 0;
  for (std::uint32_t i = 0; i < plan_.depth; ++i)
    idle_.insert(idle_.end(), connections_.begin(), connections_.end());
  if (plan.rate > 0) {
    next_arrival_ = begin;
    At(begin, kArrival);
  } else {
    const std::vector<Connection*> all = std::exchange(idle_, {});
    for (Connection* connection : all) {
      if (Begin(*connection, now())) connection->Go(now());
    }
  }
  RunUntil(end_);
  measuring_ = false;
  RunUntil(now() + kPatience);
  Slice slice;
  slice.work = plan.work;
  slice.seconds = static_cast<double>(now() - begin) / kMicrosPerSecond;
  slice.tally = std::exchange(tally_, {});
  slice.server = UsageOf(watch_.server);
  slice.server.cpu_seconds -= before.cpu_seconds;
  slice.server.written_bytes -= before.written_bytes;
  slice.syncs = CountSyncs() - syncs;
  slice.own_cpu_seconds = OwnUsage().cpu_seconds - own_before.cpu_seconds;
  if (!watch_.metrics.empty()) {
    slice.counters = Growth(metrics_before, ReadMetrics(watch_.metrics).value_or(metrics_before));
  }
  return slice;
}

std::uint32_t Pool::PickDevice(const Connection& connection) {
  Fleet& fleet = agents_.fleet();
  if (slice_.each_once) return next_device_++;
  if (!plan_.any_device) return static_cast<std::uint32_t>(connection.user % fleet.certified());
  std::uint32_t number = agents_.dice().Below(fleet.size());
  while (busy_[number]) number = agents_.dice().Below(fleet.size());
  return number;
}

bool Pool::Begin(Connection& connection, std::int64_t due) {
  if (!measuring_ || free_.empty() || connection.leaving()) return false;
  if (slice_.each_once && next_device_ >= agents_.fleet().size()) {
    measuring_ = false;
    return false;
  }
  CheckIn& call = *free_.back();
  free_.pop_back();
  call.number = PickDevice(connection);
  call.device = plan_.any_device ? agents_.fleet().DeviceId(call.number) : std::string_view();
  call.due = due;
  busy_[call.number] = true;
  ++in_flight_;
  agents_.Prepare(slice_.work, WallSeconds(), call);
  connection.Start(call);
  return true;
}

void Pool::Finish(CheckIn& call) {
  busy_[call.number] = false;
  --in_flight_;
  free_.push_back(&call);
}

void Pool::OnAnswer(Connection& connection, Call& answered) {
  auto& call = static_cast<CheckIn&>(answered);
  if (&call == &asking_) {
    in_flight_ = 0;
    return;
  }
  agents_.Take(slice_.work, call, now() - call.due, tally_);
  Finish(call);
  if (slice_.rate > 0) {
    idle_.push_back(&connection);
  } else {
    Begin(connection, now());
  }
}

void Pool::OnClosed(Connection& connection, std::string_view reason) {
  ++tally_.broken[std::string(reason)];
  if (!begun_) broken_ = reason;
  in_flight_ -= std::min(in_flight_, connection.calls());
  std::erase(connections_, &connection);
  std::erase(idle_, &connection);
  Doom(connection);
}

void Pool::OnTimer(std::uint64_t) {
  while (measuring_ && next_arrival_ <= now()) {
    Arrive();
    const double gap = -std::log(1 - agents_.dice().Share()) / slice_.rate;
    next_arrival_ += std::max<std::int64_t>(1, std::llround(gap * kMicrosPerSecond));
  }
  if (measuring_) At(next_arrival_, kArrival);
}

// A call is due; the connection is one that has waited longest or just any: all are alike.
void Pool::Arrive() {
  if (idle_.empty()) {
    ++tally_.held_back;
    return;
  }
  const std::size_t pick = agents_.dice().Below(static_cast<std::uint32_t>(idle_.size()));
  std::swap(idle_[pick], idle_.back());
  Connection* connection = idle_.back();
  idle_.pop_back();
  if (Begin(*connection, next_arrival_)) connection->Go(now());
}

}  // namespace parc::swarm
