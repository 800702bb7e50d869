#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "agent/net/socket.h"

namespace parc::agent {

// A question that may never be answered, asked beside everything else on a thread of its own. The
// thread is left behind when nobody waits for it any longer, since a resolver, a bus that says
// nothing or a dead file server cannot be told to give up: so `ask` owns all that it touches.
template <typename Answer>
class Beside {
 public:
  // Nobody was asked: there is no answer.
  Beside() = default;

  // `ask` is told to end by `until`; it is waited for a moment longer, so that what it says of a
  // time that is over is heard. Where the system gives no more threads, there is no answer.
  Beside(std::function<Answer(Deadline)> ask, Deadline until) {
    if (!ask) return;
    heard_until_ = Deadline(std::chrono::milliseconds(until.left_ms()) + kMoment);
    held_ = std::make_shared<Held>();
    try {
      std::thread([held = held_, ask = std::move(ask), until] {
        Answer answer = ask(until);
        const std::lock_guard lock(held->mutex);
        held->answer = std::move(answer);
        held->arrived.notify_one();
      }).detach();
    } catch (const std::system_error&) {  // those left behind are as many as may be
      held_.reset();
    }
  }

  // Waits for the answer; nothing when it did not come in time. To be taken once.
  std::optional<Answer> Take() {
    if (held_ == nullptr) return std::nullopt;
    std::unique_lock lock(held_->mutex);
    held_->arrived.wait_for(lock, std::chrono::milliseconds(heard_until_.left_ms()),
                            [&] { return held_->answer.has_value(); });
    return std::exchange(held_->answer, std::nullopt);
  }

  static constexpr std::chrono::milliseconds kMoment{250};

 private:
  struct Held {
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<Answer> answer;
  };

  std::shared_ptr<Held> held_;
  Deadline heard_until_{std::chrono::milliseconds(0)};
};

}  // namespace parc::agent
