#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <thread>

namespace parc::app {

// The daemon's loop on its thread ("parc-loop"): accepts every connection, and serves HTTP.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(Loop&&) = delete;

  boost::asio::io_context& context() { return context_; }

  // Runs `job` on the loop's thread and waits for it. Not from that thread, and not after Stop.
  void Run(const std::function<void()>& job);
  // Ends the thread. What was posted and did not run yet does not run any more.
  void Stop();

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace parc::app
