#include "daemon/rpc/worker.h"

#include <pthread.h>

#include "daemon/inventory/reason.h"

namespace parc::rpc {
namespace {

constexpr std::size_t kMaxJobs = 8;

}  // namespace

Worker::Worker() : thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "parc-files");
}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

absl::Status Worker::Submit(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= kMaxJobs) {
      return Refuse(absl::StatusCode::kResourceExhausted, "BUSY",
                    "The daemon is busy with other files; try again later.");
    }
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return absl::OkStatus();
}

void Worker::Run() {
  while (true) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace parc::rpc
