#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "daemon/fleet/alerts.h"
#include "daemon/gateway/webhook.h"
#include "spdlog/logger.h"

namespace parc::app {

struct AlertSinkOptions {
  std::optional<gateway::WebhookTarget> webhook;
  std::vector<std::string> mail_to;  // empty: no mail
  std::string mail_from;
  std::string sendmail;    // the program; run without a shell, as `sendmail -t -i`
  bool in_french = false;  // mail and log
  std::chrono::milliseconds timeout{10'000};     // of each step of a delivery
  std::chrono::milliseconds first_pause{1'000};  // after a delivery that failed; doubled each time
  std::chrono::milliseconds longest_pause{300'000};
  int tries = 10;
};

// {"id":7,"kind":"READY_DROP","state":"raised",…}: what a webhook gets.
std::string AlertJson(const fleet::ToldAlert& told);

// What `sendmail -t` reads.
std::string AlertMail(const fleet::ToldAlert& told, const AlertSinkOptions& options);

// Tells alerts: to the log at once, by webhook and by mail on a thread of its own ("parc-alerts"),
// one after the other, each tried again until it arrives or is given up. The process ignores
// SIGPIPE.
class AlertSinks {
 public:
  static constexpr std::size_t kMostWaiting = 100;

  AlertSinks(AlertSinkOptions options, std::function<std::int64_t()> now,
             std::shared_ptr<spdlog::logger> log);
  // Ends the delivery under way at its next step, and gives up what waits.
  ~AlertSinks();
  AlertSinks(AlertSinks&&) = delete;

  // Never blocks. The oldest that waits is given up when there are too many.
  void Tell(const fleet::ToldAlert& told);

 private:
  struct Delivery {
    fleet::ToldAlert told;
    bool by_mail = false;
    int tries = 0;
    std::chrono::steady_clock::time_point due;
  };

  void Run();
  absl::Status Deliver(const Delivery& delivery);
  absl::Status Mail(const fleet::ToldAlert& told);
  void Queue(Delivery delivery);

  const AlertSinkOptions options_;
  const std::function<std::int64_t()> now_;
  const std::shared_ptr<spdlog::logger> log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Delivery> waiting_;  // guarded by mutex_
  bool stopping_ = false;         // guarded by mutex_
  std::thread thread_;
};

}  // namespace parc::app
