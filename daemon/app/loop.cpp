#include "daemon/app/loop.h"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <future>

namespace parc::app {

Loop::Loop() : work_(context_.get_executor()), thread_([this] { context_.run(); }) {
  pthread_setname_np(thread_.native_handle(), "parc-loop");
}

Loop::~Loop() { Stop(); }

void Loop::Run(const std::function<void()>& job) {
  std::promise<void> done;
  boost::asio::post(context_, [&] {
    job();
    done.set_value();
  });
  done.get_future().get();
}

void Loop::Stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace parc::app
