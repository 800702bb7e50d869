#include "client/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "client/exit.h"

namespace parc::client {
namespace {

constexpr std::size_t kBufferBytes = 64 << 10;

// 0 when `fd` is no terminal.
int TerminalColumns(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

bool WriteAll(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t written = ::write(fd, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) std::_Exit(static_cast<int>(Exit::kPipe));
    if (written < 0) return false;
    data.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Terminal::Terminal(Wishes wishes)
    : wishes_(wishes),
      in_is_terminal_(::isatty(STDIN_FILENO) == 1),
      out_is_terminal_(::isatty(STDOUT_FILENO) == 1),
      err_is_terminal_(::isatty(STDERR_FILENO) == 1) {
  std::signal(SIGPIPE, SIG_IGN);  // write() tells; see WriteAll
}

Terminal::~Terminal() { Flush(); }

int Terminal::width() const {
  if (!out_is_terminal_) return wishes_.columns;
  const int columns = TerminalColumns(STDOUT_FILENO);
  return columns > 0 ? columns : 80;
}

void Terminal::Write(std::string_view data) {
  Progress("");
  pending_ += data;
  if (pending_.size() >= kBufferBytes) Flush();
}

void Terminal::Flush() {
  if (!WriteAll(STDOUT_FILENO, pending_)) intact_ = false;
  pending_.clear();
}

void Terminal::Tell(std::string_view line) {
  Flush();
  Progress("");
  WriteAll(STDERR_FILENO, std::string(line) + "\n");
}

std::optional<bool> Terminal::Confirm(std::string_view question) {
  if (!in_is_terminal_ || !err_is_terminal_) return std::nullopt;
  Flush();
  WriteAll(STDERR_FILENO, std::string(question) + " ");
  std::string answer;
  if (!std::getline(std::cin, answer)) return false;
  return answer == "y" || answer == "Y" || answer == "yes" || answer == "o" || answer == "O" ||
         answer == "oui";
}

void Terminal::Progress(std::string_view line) {
  if (!err_is_terminal_ || (line.empty() && !progress_shown_)) return;
  WriteAll(STDERR_FILENO, "\r\x1b[K" + std::string(line));
  progress_shown_ = !line.empty();
}

}  // namespace parc::client
