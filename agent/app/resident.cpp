#include "agent/app/resident.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <ctime>
#include <fstream>
#include <random>

#include "agent/app/log.h"
#include "agent/schedule/schedule.h"
#include "fmt/format.h"

extern char** environ;

namespace parc::agent {
namespace {

namespace asio = boost::asio;

// Goes on while the laptop sleeps: a contact that came due with the lid closed is made soon after
// it was opened.
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
  static time_point now() {
    timespec time{};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
};

// The reactor sleeps by a clock that stands still in suspend: look at ours every minute.
struct LookEveryMinute {
  static BootClock::duration to_wait_duration(BootClock::duration wait) {
    return std::min<BootClock::duration>(wait, std::chrono::minutes(1));
  }
  static BootClock::duration to_wait_duration(BootClock::time_point until) {
    return to_wait_duration(until - BootClock::now());
  }
};

using Timer = asio::basic_waitable_timer<BootClock, LookEveryMinute>;

constexpr int kConfigError = 78;
constexpr std::chrono::seconds kUnenrolledPause{15};
// Whatever a report writes down, the next one does not follow on its heels.
constexpr std::chrono::seconds kShortestPause{5};
constexpr std::chrono::minutes kReportPatience{4};
constexpr std::chrono::seconds kStopPatience{10};

std::int64_t NowSeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class Resident {
 public:
  explicit Resident(const ResidentOptions& options) : options_(options) {}

  int Run() {
    AwaitSignal();
    // An enrolled laptop finds out with its first report whether its configuration is understood.
    if (HasSomethingToDo()) {
      Plan(true);
    } else {
      Start("check");
    }
    io_.run();
    return code_;
  }

 private:
  bool HasSomethingToDo() const {
    std::error_code error;
    return std::filesystem::exists(options_.state / "identity" / "current", error) ||
           std::filesystem::exists(options_.state / "identity" / "pending", error);
  }

  Contact ReadContact() const {
    std::ifstream file(options_.state / "contact");
    std::string text(4096, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return ParseContact(text);
  }

  double Roll() { return std::uniform_real_distribution<double>(0, 1)(device_); }

  // Waits until the next contact, or looks again later when this laptop is not enrolled.
  void Plan(bool fresh) {
    if (stopping_) return;
    std::chrono::seconds wait = kUnenrolledPause;
    const bool enrolled = HasSomethingToDo();
    if (enrolled) {
      const Contact contact = ReadContact();
      wait = std::chrono::seconds(WaitFor(contact, NowSeconds(), fresh, [this] { return Roll(); }));
      if (!fresh) wait = std::max(wait, kShortestPause);
    }
    timer_.expires_after(wait);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error || stopping_) return;
      // Somebody may have reported by hand, or enrolled, in the meantime.
      const bool due = HasSomethingToDo() &&
                       WaitFor(ReadContact(), NowSeconds(), false, [] { return 0.0; }) <= 0;
      due ? Start() : Plan(false);
    });
  }

  void Start(const char* verb = "report") {
    if (child_ > 0) return;
    std::vector<std::string> words = {options_.report_program.string()};
    words.insert(words.end(), options_.arguments.begin(), options_.arguments.end());
    words.emplace_back(verb);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    // The child starts with no signal blocked or ignored that we changed.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    const int error =
        posix_spawn(&child_, arguments[0], nullptr, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) {
      child_ = 0;
      Log(LogLevel::kError,
          fmt::format("report.not_started program={} errno={}", arguments[0], error));
      Fallback();
      return;
    }
    patience_.expires_after(kReportPatience);
    patience_.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled && child_ > 0) kill(child_, SIGKILL);
    });
  }

  void AwaitSignal() {
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
      if (error) return;
      if (number == SIGCHLD) {
        Reap();
      } else if (number == SIGHUP) {
        if (HasSomethingToDo()) {
          timer_.cancel();
          Start();
        }
      } else {
        Stop();
      }
      if (!stopping_ || child_ > 0) AwaitSignal();
    });
  }

  void Reap() {
    int state = 0;
    for (pid_t pid = waitpid(-1, &state, WNOHANG); pid > 0; pid = waitpid(-1, &state, WNOHANG)) {
      if (pid != child_) continue;
      child_ = 0;
      patience_.cancel();
      TakeEnd(state);
    }
  }

  void TakeEnd(int state) {
    if (stopping_) {
      io_.stop();
      return;
    }
    if (WIFEXITED(state) && WEXITSTATUS(state) == kConfigError) {
      code_ = kConfigError;
      io_.stop();
      return;
    }
    // A report writes down when the next one is due; one that died did not.
    if (!HasSomethingToDo() || ReadContact().next > NowSeconds()) {
      Plan(false);
    } else {
      if (WIFSIGNALED(state)) {
        Log(LogLevel::kError, fmt::format("report.died signal={}", WTERMSIG(state)));
      }
      Fallback();
    }
  }

  // No better word on when to try again: a few minutes, spread.
  void Fallback() {
    constexpr double kLeast = 30;
    constexpr double kMost = 300;
    const auto wait = static_cast<std::int64_t>(kLeast + Roll() * (kMost - kLeast));
    const bool fresh = HasSomethingToDo() && ReadContact().next == 0 && !retried_fresh_;
    retried_fresh_ = fresh;
    timer_.expires_after(std::chrono::seconds(fresh ? 1 : wait));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error && !stopping_) HasSomethingToDo() ? Start() : Plan(false);
    });
  }

  void Stop() {
    stopping_ = true;
    timer_.cancel();
    if (child_ <= 0) {
      io_.stop();
      return;
    }
    kill(child_, SIGTERM);
    patience_.expires_after(kStopPatience);
    patience_.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      if (child_ > 0) kill(child_, SIGKILL);
      io_.stop();
    });
  }

  const ResidentOptions& options_;
  asio::io_context io_{1};
  Timer timer_{io_};
  Timer patience_{io_};
  asio::signal_set signals_{io_, SIGCHLD, SIGTERM, SIGINT};
  std::random_device device_;
  pid_t child_ = 0;
  bool stopping_ = false;
  bool retried_fresh_ = false;
  int code_ = 0;

 public:
  void HearHangup() { signals_.add(SIGHUP); }
};

}  // namespace

int RunResident(const ResidentOptions& options) {
  Resident resident(options);
  resident.HearHangup();
  return resident.Run();
}

}  // namespace parc::agent
