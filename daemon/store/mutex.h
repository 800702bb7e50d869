#pragma once

#include <condition_variable>
#include <mutex>

// std::mutex with Clang's thread-safety annotations. absl::Mutex has them too, but lies in a
// library that is not instrumented, and would drown ThreadSanitizer in false reports just where it
// must judge.

#if defined(__clang__)
#define PARC_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define PARC_THREAD_ANNOTATION(x)
#endif
#define PARC_CAPABILITY PARC_THREAD_ANNOTATION(capability("mutex"))
#define PARC_SCOPED_CAPABILITY PARC_THREAD_ANNOTATION(scoped_lockable)
#define PARC_GUARDED_BY(x) PARC_THREAD_ANNOTATION(guarded_by(x))
#define PARC_REQUIRES(x) PARC_THREAD_ANNOTATION(requires_capability(x))

namespace parc::store {

class PARC_CAPABILITY Mutex {
 public:
  void lock() PARC_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() PARC_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class PARC_SCOPED_CAPABILITY Lock {
 public:
  explicit Lock(Mutex& mutex) PARC_THREAD_ANNOTATION(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~Lock() PARC_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  Lock(Lock&&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace parc::store
