#include "tests/bench/swarm/meter.h"

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <fstream>
#include <sstream>

#include "fmt/format.h"

namespace parc::swarm {
namespace {

using std::chrono::steady_clock;

// The number behind `key` in a file of /proc; 0 when there is none.
std::int64_t NumberIn(const std::string& file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(key)) return std::strtoll(line.c_str() + key.size(), nullptr, 10);
  }
  return 0;
}

absl::StatusOr<int> ConnectTo(const std::string& endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  if (colon == std::string::npos) return absl::InvalidArgumentError(endpoint + ": not host:port");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(endpoint.substr(0, colon).c_str(), endpoint.c_str() + colon + 1, &hints,
                  &found) != 0) {
    return absl::NotFoundError(endpoint);
  }
  const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  const bool connected = connect(fd, found->ai_addr, found->ai_addrlen) == 0;
  const int error = errno;
  freeaddrinfo(found);
  if (connected) return fd;
  close(fd);
  return absl::ErrnoToStatus(error, endpoint);
}

}  // namespace

Usage UsageOf(pid_t pid) {
  Usage usage;
  if (pid == 0) return usage;
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &used) == 0) {
    usage.cpu_seconds = static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
  }
  const std::string directory = fmt::format("/proc/{}/", pid);
  usage.written_bytes = NumberIn(directory + "io", "write_bytes:");
  usage.resident_bytes = NumberIn(directory + "status", "VmRSS:") * 1024;
  usage.peak_bytes = NumberIn(directory + "status", "VmHWM:") * 1024;
  return usage;
}

Usage OwnUsage() { return UsageOf(getpid()); }

absl::StatusOr<std::map<std::string, double>> ReadMetrics(const std::string& endpoint) {
  const absl::StatusOr<int> fd = ConnectTo(endpoint);
  if (!fd.ok()) return fd.status();
  const std::string request =
      fmt::format("GET /metrics HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", endpoint);
  std::string page;
  char buffer[8192];
  ssize_t count = send(*fd, request.data(), request.size(), MSG_NOSIGNAL);
  while (count > 0 && (count = recv(*fd, buffer, sizeof(buffer), 0)) > 0) {
    page.append(buffer, static_cast<std::size_t>(count));
  }
  close(*fd);
  if (!page.starts_with("HTTP/1.1 200")) return absl::UnavailableError(endpoint + ": no metrics");
  std::map<std::string, double> values;
  std::istringstream lines(page.substr(page.find("\r\n\r\n") + 4));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t blank = line.rfind(' ');
    if (line.empty() || line[0] == '#' || blank == std::string::npos) continue;
    values[line.substr(0, blank)] = std::strtod(line.c_str() + blank, nullptr);
  }
  return values;
}

std::map<std::string, double> Growth(const std::map<std::string, double>& before,
                                     const std::map<std::string, double>& after) {
  std::map<std::string, double> growth;
  for (const auto& [series, value] : after) {
    const auto found = before.find(series);
    const double grown = value - (found == before.end() ? 0 : found->second);
    if (grown != 0 && series.find("_total") != std::string::npos) growth[series] = grown;
  }
  return growth;
}

absl::StatusOr<std::unique_ptr<DiskProbe>> DiskProbe::Start(
    const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / fmt::format("parc-swarm-probe.{}", getpid());
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, file.string());
  std::unique_ptr<DiskProbe> probe(new DiskProbe(fd, file));
  probe->thread_ = std::jthread([probe = probe.get()](std::stop_token stop) { probe->Run(stop); });
  return probe;
}

void DiskProbe::Run(const std::stop_token& stop) {
  const std::string block(4096, 'x');
  while (!stop.stop_requested()) {
    const auto begin = steady_clock::now();
    if (write(fd_, block.data(), block.size()) < 0 || fdatasync(fd_) != 0) return;
    const auto took = steady_clock::now() - begin;
    times_.Add(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
    std::this_thread::sleep_until(begin + std::chrono::milliseconds(20));
  }
}

const Histogram& DiskProbe::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  return times_;
}

DiskProbe::~DiskProbe() {
  Stop();
  close(fd_);
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

}  // namespace parc::swarm
