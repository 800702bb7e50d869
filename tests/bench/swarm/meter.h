#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "tests/bench/swarm/histogram.h"

// What is read beside the load: the server's own CPU and writes, its counters, the disk.
namespace parc::swarm {

// What a process has used since it started.
struct Usage {
  double cpu_seconds = 0;
  std::int64_t written_bytes = 0;  // handed to the block layer (/proc/PID/io, write_bytes)
  std::int64_t resident_bytes = 0;
  std::int64_t peak_bytes = 0;  // VmHWM
};

// Of `pid`; zeros for 0, and where /proc does not tell.
Usage UsageOf(pid_t pid);
// Of this process.
Usage OwnUsage();

// One page of Prometheus text from `host:port`, waiting two seconds at most: series ("name" or
// "name{labels}") → value.
absl::StatusOr<std::map<std::string, double>> ReadMetrics(const std::string& endpoint);

// By what the counters ("…_total…") of a page grew, those that did.
std::map<std::string, double> Growth(const std::map<std::string, double>& before,
                                     const std::map<std::string, double>& after);

// Appends 4 KiB to a file of its own and syncs it, fifty times a second, on a thread of its own:
// what the disk alone takes in the seconds in which the server was measured.
class DiskProbe {
 public:
  static absl::StatusOr<std::unique_ptr<DiskProbe>> Start(const std::filesystem::path& directory);
  ~DiskProbe();
  DiskProbe(DiskProbe&&) = delete;

  // Ends the thread. Durations of append + fdatasync.
  const Histogram& Stop();

 private:
  DiskProbe(int fd, std::filesystem::path file) : fd_(fd), file_(std::move(file)) {}
  void Run(const std::stop_token& stop);

  const int fd_;
  const std::filesystem::path file_;
  Histogram times_;  // the thread's until Stop
  std::jthread thread_;
};

}  // namespace parc::swarm
