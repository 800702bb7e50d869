#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <thread>

namespace parc::testing {

// A loop that runs on a thread of its own until its owner goes away.
class LoopThread {
 public:
  LoopThread() : thread_([this] { loop_.run(); }) {}
  ~LoopThread() {
    if (thread_.joinable()) Stop();
  }
  LoopThread(LoopThread&&) = delete;

  boost::asio::io_context& loop() { return loop_; }

  // Runs `job` on the loop's thread, and waits for it.
  void Run(const std::function<void()>& job) {
    std::promise<void> done;
    boost::asio::post(loop_, [&] {
      job();
      done.set_value();
    });
    done.get_future().get();
  }

  void Stop() {
    loop_.stop();
    thread_.join();
  }

 private:
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      loop_.get_executor()};
  std::thread thread_;
};

}  // namespace parc::testing
