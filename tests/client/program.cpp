#include "tests/client/program.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

namespace parc::client {
namespace {

constexpr int kSeconds = 30;

[[noreturn]] void Become(const std::vector<std::string>& arguments, const Setting& setting) {
  std::map<std::string, std::string> variables = {
      {"PATH", "/usr/bin:/bin"}, {"TZ", "Europe/Paris"}, {"LANG", "C.UTF-8"}};
  // gRPC 1.51 closes down in a thread that the end of the process does not wait for: what it has
  // not freed by then is no leak.
  variables["ASAN_OPTIONS"] = "detect_leaks=0";
  for (const auto& [name, value] : setting.environment) variables[name] = value;
  std::vector<std::string> environment;
  for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
  std::vector<std::string> words = {PARC_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv, envp;
  for (std::string& word : words) argv.push_back(word.data());
  for (std::string& entry : environment) envp.push_back(entry.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::alarm(kSeconds);
  ::execve(PARC_PROGRAM, argv.data(), envp.data());
  ::_exit(126);
}

// Reads both until they end.
void Collect(int out, int err, Outcome& outcome) {
  std::array<pollfd, 2> ends = {pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0}};
  std::array<std::string*, 2> texts = {&outcome.out, &outcome.err};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (::poll(ends.data(), ends.size(), kSeconds * 1000) <= 0) return;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      char buffer[65536];
      const ssize_t got = ::read(ends[i].fd, buffer, sizeof buffer);
      if (got > 0) {
        texts[i]->append(buffer, static_cast<std::size_t>(got));
      } else {
        ends[i].fd = -1;  // its end; a terminal answers EIO
      }
    }
  }
}

int Wait(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// A file without a name that holds `text`, at its start.
int InputOf(const std::string& text) {
  std::FILE* const file = std::tmpfile();
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
  const int fd = ::dup(::fileno(file));
  std::fclose(file);
  ::lseek(fd, 0, SEEK_SET);
  return fd;
}

Outcome RunOnTerminal(const std::vector<std::string>& arguments, const Setting& setting) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(setting.terminal);
  size.ws_row = 50;
  int ours = -1;
  const pid_t child = ::forkpty(&ours, nullptr, nullptr, &size);
  if (child == 0) Become(arguments, setting);
  if (!setting.input.empty() && ::write(ours, setting.input.data(), setting.input.size()) < 0) {
    ::kill(child, SIGKILL);
  }
  Outcome outcome;
  Collect(ours, -1, outcome);
  outcome.exit = Wait(child);
  ::close(ours);
  return outcome;
}

}  // namespace

Outcome RunParc(const std::vector<std::string>& arguments, const Setting& setting) {
  if (setting.terminal > 0) return RunOnTerminal(arguments, setting);
  std::array<int, 2> out{}, err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) return {};
  const int input = InputOf(setting.input);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(input, STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    Become(arguments, setting);
  }
  ::close(input);
  ::close(out[1]);
  ::close(err[1]);
  Outcome outcome;
  Collect(out[0], err[0], outcome);
  outcome.exit = Wait(child);
  ::close(out[0]);
  ::close(err[0]);
  return outcome;
}

Outcome RunParcIntoClosedPipe(const std::vector<std::string>& arguments, const Setting& setting) {
  std::array<int, 2> out{}, err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) return {};
  ::close(out[0]);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    Become(arguments, setting);
  }
  ::close(out[1]);
  ::close(err[1]);
  Outcome outcome;
  Collect(-1, err[0], outcome);
  outcome.exit = Wait(child);
  ::close(err[0]);
  return outcome;
}

}  // namespace parc::client
