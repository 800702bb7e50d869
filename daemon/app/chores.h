#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace parc::app {

// What the daemon does again and again, one after the other on one thread, where it may block.
class Chores {
 public:
  struct Chore {
    std::chrono::milliseconds interval;  // from one end to the next start; also before the first
    std::function<void()> run;
  };

  Chores(const char* thread_name, std::vector<Chore> chores);
  ~Chores();
  Chores(Chores&&) = delete;

  // Returns when the chore that runs has ended.
  void Stop();

 private:
  void Run();

  std::vector<Chore> chores_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace parc::app
