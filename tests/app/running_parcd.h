#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "grpcpp/channel.h"

namespace parc::app {

// The real parcd, as a process of its own, on ports that the system picks.
class Parcd {
 public:
  struct Options {
    std::vector<std::string> arguments{};              // after --state-dir and the ports
    std::size_t descriptors = 0;                       // RLIMIT_NOFILE; 0: as it is
    int uid = -1;                                      // run as that user; -1: as the test
    std::map<std::string, std::string> environment{};  // besides the test's own
    bool ports = true;                                 // --listen-…=127.0.0.1:0
  };

  // Starts it. Its output goes to files beside `state_dir`.
  Parcd(std::filesystem::path state_dir, const Options& options);
  explicit Parcd(std::filesystem::path state_dir) : Parcd(std::move(state_dir), Options{}) {}
  // Kills it if it still runs.
  ~Parcd();
  Parcd(Parcd&&) = delete;

  // True once it serves; false when it ended before, or after 20 s.
  bool Serves();
  void Signal(int signal) const;
  // Its exit code (128 + signal when a signal ended it); -1 when it still runs after 20 s.
  int Wait();

  pid_t pid() const { return pid_; }
  const std::filesystem::path& state_dir() const { return state_dir_; }
  // "agent", "gateway", "people", "metrics".
  std::uint16_t port(const std::string& name) const;
  std::string standard_output() const;
  std::string standard_error() const;

  // A channel to the people's port with the login token.
  std::shared_ptr<grpc::Channel> People() const;

 private:
  const std::filesystem::path state_dir_;
  pid_t pid_ = -1;
  int exit_ = -1;
};

// Looks again and again until it holds; false after 20 s.
bool Eventually(const std::function<bool()>& condition);

// Runs it to its end.
struct Ended {
  int exit;
  std::string out;
  std::string err;
};
Ended RunParcd(const std::filesystem::path& state_dir, const std::vector<std::string>& arguments);

std::string ReadFile(const std::filesystem::path& path);

}  // namespace parc::app
