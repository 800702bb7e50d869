#include "daemon/app/chores.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace parc::app {

using std::chrono::steady_clock;

Chores::Chores(const char* thread_name, std::vector<Chore> chores)
    : chores_(std::move(chores)), thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), thread_name);
}

Chores::~Chores() { Stop(); }

void Chores::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Chores::Run() {
  std::vector<steady_clock::time_point> due;
  for (const Chore& chore : chores_) due.push_back(steady_clock::now() + chore.interval);
  while (!due.empty()) {
    const auto next = std::min_element(due.begin(), due.end());
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_until(lock, *next, [this] { return stopping_; })) return;
    }
    const auto& chore = chores_[static_cast<std::size_t>(next - due.begin())];
    chore.run();
    *next = steady_clock::now() + chore.interval;
  }
}

}  // namespace parc::app
