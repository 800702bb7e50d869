#include "daemon/app/control.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::app {

namespace fs = std::filesystem;

namespace {

constexpr char kSocketName[] = "control.sock";
constexpr std::size_t kMaxLine = 8192;
constexpr timeval kCommandPatience{.tv_sec = 5, .tv_usec = 0};
constexpr timeval kAnswerPatience{.tv_sec = 3600, .tv_usec = 0};  // a backup takes what it takes

absl::Status SocketFailed(std::string_view doing, const fs::path& state_dir) {
  return Refuse(
      absl::StatusCode::kUnavailable, "LISTEN_FAILED",
      fmt::format("{} {}/{}: {}", doing, state_dir.string(), kSocketName, std::strerror(errno)));
}

// Binds or connects by way of the directory's descriptor: the address has room for 107 characters
// only, and the path may be longer.
int Reach(const fs::path& state_dir, int fd, int (*call)(int, const sockaddr*, socklen_t)) {
  const int directory = open(state_dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return -1;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/{}", directory, kSocketName);
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int result = call(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int reason = errno;
  close(directory);
  errno = reason;
  return result;
}

std::string ReadLine(int fd) {
  std::string line;
  char c = 0;
  while (line.size() < kMaxLine && recv(fd, &c, 1, 0) == 1 && c != '\n') line += c;
  return line;
}

void WriteLine(int fd, std::string line) {
  for (char& c : line) {
    if (c == '\n') c = ' ';
  }
  line += '\n';
  (void)send(fd, line.data(), line.size(), MSG_NOSIGNAL);
}

// The first word, and the rest.
std::pair<std::string, std::string> CutWord(const std::string& line) {
  const std::size_t blank = line.find(' ');
  if (blank == std::string::npos) return {line, ""};
  return {line.substr(0, blank), line.substr(blank + 1)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<ControlServer>> ControlServer::Start(const fs::path& state_dir,
                                                                    Command command) {
  unlink((state_dir / kSocketName).c_str());
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return SocketFailed("listening on", state_dir);
  // The process's umask keeps the socket to its owner.
  if (Reach(state_dir, listener, bind) != 0 || listen(listener, 4) != 0) {
    const absl::Status failed = SocketFailed("listening on", state_dir);
    close(listener);
    return failed;
  }
  const int stop = eventfd(0, EFD_CLOEXEC);
  return std::unique_ptr<ControlServer>(
      new ControlServer(state_dir, listener, stop, std::move(command)));
}

ControlServer::ControlServer(fs::path state_dir, int listener, int stop, Command command)
    : state_dir_(std::move(state_dir)),
      listener_(listener),
      stop_(stop),
      command_(std::move(command)),
      thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "parc-control");
}

ControlServer::~ControlServer() {
  const std::uint64_t one = 1;
  (void)!write(stop_, &one, sizeof one);
  thread_.join();
  unlink((state_dir_ / kSocketName).c_str());
  close(listener_);
  close(stop_);
}

void ControlServer::Run() {
  while (true) {
    pollfd waiting[] = {{listener_, POLLIN, 0}, {stop_, POLLIN, 0}};
    if (poll(waiting, 2, -1) < 0 && errno != EINTR) return;
    if (waiting[1].revents != 0) return;
    if (waiting[0].revents == 0) continue;
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) {
      poll(nullptr, 0, 50);  // no descriptor left, say
      continue;
    }
    Answer(fd);
    close(fd);
  }
}

void ControlServer::Answer(int fd) {
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kCommandPatience, sizeof kCommandPatience);
  const auto [verb, argument] = CutWord(ReadLine(fd));
  if (verb.empty()) return;
  const absl::StatusOr<std::string> answer = command_(verb, argument);
  WriteLine(fd, answer.ok() ? "ok " + *answer
                            : fmt::format("error {} {}", ReasonOf(answer.status()),
                                          std::string(answer.status().message())));
}

absl::StatusOr<std::string> AskDaemon(const fs::path& state_dir, const std::string& verb,
                                      const std::string& argument) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return SocketFailed("asking the daemon at", state_dir);
  const absl::Cleanup close_it = [fd] { close(fd); };
  if (Reach(state_dir, fd, connect) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) {
      return Refuse(absl::StatusCode::kUnavailable, "NOT_RUNNING",
                    fmt::format("no daemon runs in {}", state_dir.string()));
    }
    return SocketFailed("asking the daemon at", state_dir);
  }
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kAnswerPatience, sizeof kAnswerPatience);
  WriteLine(fd, argument.empty() ? verb : verb + ' ' + argument);
  const auto [outcome, rest] = CutWord(ReadLine(fd));
  if (outcome == "ok") return rest;
  if (outcome != "error") {
    return Refuse(absl::StatusCode::kUnavailable, "NOT_RUNNING",
                  "the daemon ended before it answered");
  }
  const auto [reason, message] = CutWord(rest);
  return Refuse(absl::StatusCode::kUnavailable, reason, message);
}

}  // namespace parc::app
