#include "tests/bench/swarm/loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace parc::swarm {

using std::chrono::duration_cast;
using std::chrono::microseconds;

std::int64_t WallSeconds() {
  return duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Loop::Loop(const Target& target) : target_(target), epoll_(epoll_create1(EPOLL_CLOEXEC)) { Wake(); }

Loop::~Loop() {
  connections_.clear();
  close(epoll_);
}

void Loop::Wake() {
  now_ = duration_cast<microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Connection* Loop::Open(const KeySlot& key, std::uint32_t source, std::uint64_t user,
                       const Link& link) {
  auto opened = Connection::Open(target_, key, source, epoll_, *this);
  if (!opened.ok()) return nullptr;
  Connection* connection = opened->get();
  connection->user = user;
  connection->born = now_;
  connection->SetLink(link);
  connections_.emplace(connection, *std::move(opened));
  return connection;
}

void Loop::Doom(Connection& connection) { doomed_.push_back(&connection); }

void Loop::Bury() {
  for (const Connection* connection : doomed_) connections_.erase(connection);
  doomed_.clear();
}

void Loop::At(std::int64_t when, std::uint64_t id) { timers_.push({when, id, nullptr}); }

void Loop::OnLater(Connection& connection, std::int64_t when) {
  timers_.push({when, 0, &connection});
}

void Loop::RunTimers() {
  while (!timers_.empty() && timers_.top().when <= now_) {
    const Timer timer = timers_.top();
    timers_.pop();
    if (timer.connection == nullptr) {
      OnTimer(timer.id);
    } else if (connections_.contains(timer.connection)) {
      timer.connection->Go(now_);
    }
  }
}

void Loop::RunUntil(std::int64_t when) {
  std::array<epoll_event, 256> events;
  Bury();
  for (Wake(); now_ < when && !Done(); Wake()) {
    const std::int64_t next = timers_.empty() ? when : std::min(when, timers_.top().when);
    const auto millis =
        static_cast<int>(std::clamp<std::int64_t>((next - now_ + 999) / 1000, 0, 100));
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), millis);
    Wake();
    for (int i = 0; i < count; ++i)
      static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr)->Go(now_);
    Bury();
    RunTimers();
    Bury();
  }
}

}  // namespace parc::swarm
