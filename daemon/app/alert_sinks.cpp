#include "daemon/app/alert_sinks.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "daemon/inventory/civil_date.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string JsonText(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20) {
      quoted += fmt::format("\\u{:04x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

// Base64 in lines as mail has them.
std::string InLines(std::string_view text) {
  constexpr std::size_t kLine = 76;
  const std::string encoded = absl::Base64Escape(absl::string_view(text.data(), text.size()));
  std::string lines;
  for (std::size_t at = 0; at < encoded.size(); at += kLine)
    lines += encoded.substr(at, kLine) + "\n";
  return lines;
}

// Text of a header: encoded words of RFC 2047, none longer than its 75 characters, none within a
// character.
std::string InHeader(std::string_view text) {
  constexpr std::size_t kMost = 45;
  std::string words;
  while (!text.empty()) {
    std::size_t size = std::min(kMost, text.size());
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    words += fmt::format("{}=?UTF-8?B?{}?=", words.empty() ? "" : "\n ",
                         absl::Base64Escape(absl::string_view(text.data(), size)));
    text.remove_prefix(size);
  }
  return words;
}

bool IsOver(const fleet::ToldAlert& told) { return told.alert.resolved.has_value(); }

std::string Sentence(const fleet::ToldAlert& told, bool in_french) {
  const std::string& message = in_french ? told.message_fr : told.message_en;
  if (!IsOver(told)) return message;
  return (in_french ? "terminé : " : "over: ") + message;
}

// Waits for a child that has until `end`; kills it then.
absl::Status WaitFor(pid_t child, steady_clock::time_point end) {
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR) return absl::UnavailableError(std::strerror(errno));
    if (steady_clock::now() >= end) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return absl::UnavailableError("sendmail did not end in time");
    }
    poll(nullptr, 0, 20);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return absl::UnavailableError(
      WIFEXITED(status) ? fmt::format("sendmail ended with {}", WEXITSTATUS(status))
                        : fmt::format("sendmail was ended by signal {}", WTERMSIG(status)));
}

// Writes `text` into the pipe `fd` until `end`.
absl::Status Feed(int fd, std::string_view text, steady_clock::time_point end) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) return absl::UnavailableError(std::strerror(errno));
    const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now()).count();
    if (left <= 0) return absl::UnavailableError("sendmail does not read");
    pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
    poll(&ready, 1, static_cast<int>(left));
  }
  return absl::OkStatus();
}

}  // namespace

std::string AlertJson(const fleet::ToldAlert& told) {
  const posture::Alert& alert = told.alert;
  return fmt::format(
      "{{\"id\":{},\"kind\":{},\"state\":{},\"subject\":{},\"count\":{},\"raised_time\":{},"
      "\"resolved_time\":{},\"message_en\":{},\"message_fr\":{}}}",
      alert.id, JsonText(posture::ToString(alert.kind)),
      IsOver(told) ? "\"resolved\"" : "\"raised\"", JsonText(alert.subject), alert.count,
      JsonText(inventory::ToIsoTime(alert.raised)),
      alert.resolved.has_value() ? JsonText(inventory::ToIsoTime(*alert.resolved)) : "null",
      JsonText(told.message_en), JsonText(told.message_fr));
}

std::string AlertMail(const fleet::ToldAlert& told, const AlertSinkOptions& options) {
  const std::string sentence = Sentence(told, options.in_french);
  const std::string advice =
      options.in_french ? "parc alerts donne les alertes ; parc readiness --by check, les causes."
                        : "parc alerts lists the alerts; parc readiness --by check the causes.";
  return fmt::format(
      "From: {}\nTo: {}\nSubject: {}\nAuto-Submitted: auto-generated\n"
      "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
      "Content-Transfer-Encoding: base64\n\n{}",
      options.mail_from, fmt::join(options.mail_to, ", "), InHeader("[Parc] " + sentence),
      InLines(sentence + "\n\n" + advice + "\n"));
}

AlertSinks::AlertSinks(AlertSinkOptions options, std::function<std::int64_t()> now,
                       std::shared_ptr<spdlog::logger> log)
    : options_(std::move(options)), now_(std::move(now)), log_(std::move(log)) {
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "parc-alerts");
}

AlertSinks::~AlertSinks() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  thread_.join();
}

void AlertSinks::Tell(const fleet::ToldAlert& told) {
  const posture::Alert& alert = told.alert;
  const std::string sentence = Sentence(told, options_.in_french);
  if (IsOver(told)) {
    log_->info("alert.resolved id={} kind={} subject=\"{}\" message=\"{}\"", alert.id,
               posture::ToString(alert.kind), alert.subject, sentence);
  } else {
    log_->warn("alert.raised id={} kind={} subject=\"{}\" count={} message=\"{}\"", alert.id,
               posture::ToString(alert.kind), alert.subject, alert.count, sentence);
  }
  if (options_.webhook.has_value()) Queue({told, false, 0, steady_clock::now()});
  if (!options_.mail_to.empty()) Queue({told, true, 0, steady_clock::now()});
}

void AlertSinks::Queue(Delivery delivery) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMostWaiting) {
    log_->warn("alert.given_up id={} cause=\"too many wait\"", waiting_.front().told.alert.id);
    waiting_.pop_front();
  }
  waiting_.push_back(std::move(delivery));
  wake_.notify_all();
}

void AlertSinks::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto next =
        std::min_element(waiting_.begin(), waiting_.end(),
                         [](const Delivery& a, const Delivery& b) { return a.due < b.due; });
    if (next == waiting_.end()) {
      wake_.wait(lock);
      continue;
    }
    if (next->due > steady_clock::now()) {
      wake_.wait_until(lock, next->due);
      continue;
    }
    Delivery delivery = std::move(*next);
    waiting_.erase(next);
    lock.unlock();
    const absl::Status delivered = Deliver(delivery);
    const char* const sink = delivery.by_mail ? "mail" : "webhook";
    if (delivered.ok()) {
      log_->debug("alert.delivered id={} sink={}", delivery.told.alert.id, sink);
    } else if (++delivery.tries >= options_.tries || absl::IsInvalidArgument(delivered)) {
      log_->warn("alert.given_up id={} sink={} tries={} cause=\"{}\"", delivery.told.alert.id, sink,
                 delivery.tries, std::string(delivered.message()));
    } else {
      const int doubled = std::min(delivery.tries - 1, 20);
      const milliseconds pause =
          std::min(options_.longest_pause, options_.first_pause * (std::int64_t{1} << doubled));
      log_->info("alert.put_off id={} sink={} tries={} millis={} cause=\"{}\"",
                 delivery.told.alert.id, sink, delivery.tries, pause.count(),
                 std::string(delivered.message()));
      delivery.due = steady_clock::now() + pause;
      Queue(std::move(delivery));
    }
    lock.lock();
  }
}

absl::Status AlertSinks::Deliver(const Delivery& delivery) {
  if (delivery.by_mail) return Mail(delivery.told);
  const std::string id =
      fmt::format("{}-{}", delivery.told.alert.id, IsOver(delivery.told) ? "resolved" : "raised");
  return gateway::PostWebhook(*options_.webhook, AlertJson(delivery.told), id, now_() / 1'000'000,
                              options_.timeout);
}

absl::Status AlertSinks::Mail(const fleet::ToldAlert& told) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::UnavailableError(std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const absl::Cleanup free_actions = [&] { posix_spawn_file_actions_destroy(&actions); };
  posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
  std::string program = options_.sendmail, headers = "-t", dots = "-i";
  char* const arguments[] = {program.data(), headers.data(), dots.data(), nullptr};
  char* const environment[] = {nullptr};
  pid_t child = 0;
  const int error = posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environment);
  close(ends[0]);
  if (error != 0) {
    close(ends[1]);
    return absl::UnavailableError(fmt::format("{}: {}", program, std::strerror(error)));
  }
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  const auto end = steady_clock::now() + options_.timeout;
  const absl::Status fed = Feed(ends[1], AlertMail(told, options_), end);
  close(ends[1]);
  const absl::Status ended = WaitFor(child, end);
  return fed.ok() ? ended : fed;
}

}  // namespace parc::app
