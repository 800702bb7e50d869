#include "daemon/rpc/worker.h"

#include <pthread.h>
#include <sys/resource.h>

#include "daemon/inventory/reason.h"

namespace parc::rpc {
namespace {

constexpr std::size_t kMaxJobs = 8;

}  // namespace

Worker::Worker(const Kind& kind) : kind_(kind), thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), kind_.thread);
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
      return Refuse(absl::StatusCode::kResourceExhausted, "BUSY", kind_.busy);
    }
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return absl::OkStatus();
}

void Worker::Run() {
  // Linux keeps niceness by thread; id 0 is the caller.
  if (kind_.nice != 0) ::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) + kind_.nice);
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
