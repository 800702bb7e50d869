#include "daemon/rpc/deadlines.h"

#include <pthread.h>

namespace parc::rpc {

Deadlines::Deadlines() : thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "parc-deadline");
}

Deadlines::~Deadlines() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Deadlines::Add(Clock::time_point when, const std::shared_ptr<Owner>& owner) {
  bool earlier = false;
  {
    const std::lock_guard lock(mutex_);
    owner->key_ = {when, ++last_number_};
    // Nearly always the latest of all: calls of one method have the same time.
    waiting_.emplace_hint(waiting_.end(), owner->key_, owner);
    earlier = when < sleeps_until_;
    if (earlier) sleeps_until_ = when;
  }
  if (earlier) wake_.notify_one();
}

void Deadlines::Remove(const Owner& owner) {
  const std::lock_guard lock(mutex_);
  waiting_.erase(owner.key_);
}

void Deadlines::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!waiting_.empty() && waiting_.begin()->first.when <= Clock::now()) {
      const std::weak_ptr<Owner> owner = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      lock.unlock();
      if (const std::shared_ptr<Owner> alive = owner.lock()) alive->TimeIsOver();
      lock.lock();
      continue;
    }
    // That the first one is removed is no reason to wake up before its time.
    sleeps_until_ = waiting_.empty() ? Clock::time_point::max() : waiting_.begin()->first.when;
    if (waiting_.empty()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, Clock::time_point(sleeps_until_));
    }
  }
}

}  // namespace parc::rpc
