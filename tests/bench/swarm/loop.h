#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/swarm/connection.h"

namespace parc::swarm {

// Connections and timers of one thread.
class Loop : public Connection::Owner {
 public:
  explicit Loop(const Target& target);
  ~Loop() override;
  Loop(Loop&&) = delete;

  // Steady microseconds, as of the last time that the loop woke.
  std::int64_t now() const { return now_; }

 protected:
  // Opens a connection; null when the system has no room for it. `user` is what Connection::user
  // will be.
  Connection* Open(const KeySlot& key, std::uint32_t source, std::uint64_t user,
                   const Link& link = {});
  // Closes it before the loop waits the next time.
  void Doom(Connection& connection);
  std::size_t open() const { return connections_.size(); }
  // OnTimer(id) at `when`.
  void At(std::int64_t when, std::uint64_t id);
  // Serves what comes until `when`, or until Done().
  void RunUntil(std::int64_t when);

  virtual void OnTimer(std::uint64_t id) = 0;
  virtual bool Done() const = 0;

  void OnLater(Connection& connection, std::int64_t when) override;

 private:
  struct Timer {
    std::int64_t when;
    std::uint64_t id;
    Connection* connection;  // null: the owner's
    bool operator>(const Timer& other) const { return when > other.when; }
  };
  void RunTimers();
  void Bury();
  void Wake();

  const Target& target_;
  const int epoll_;
  std::int64_t now_ = 0;
  // A connection that is gone may still have timers: they find nothing here.
  std::unordered_map<const Connection*, std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> doomed_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
};

// UTC seconds: the agents' own clock.
std::int64_t WallSeconds();

}  // namespace parc::swarm
