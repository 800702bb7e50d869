#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// How `parcd backup` and `parcd check` ask the daemon that runs: a Unix socket in the state
// directory (0600), one line there, one line back.
namespace parc::app {

class ControlServer {
 public:
  // Answers one command ("backup", "/srv/parc.db") with a sentence. Runs on the server's thread
  // ("parc-control"), and may block.
  using Command = std::function<absl::StatusOr<std::string>(const std::string& verb,
                                                            const std::string& argument)>;

  // UNAVAILABLE LISTEN_FAILED. Whoever starts it holds the database's lock, so a socket that is
  // there was left by a crash, and is replaced.
  static absl::StatusOr<std::unique_ptr<ControlServer>> Start(
      const std::filesystem::path& state_dir, Command command);
  ~ControlServer();
  ControlServer(ControlServer&&) = delete;

 private:
  ControlServer(std::filesystem::path state_dir, int listener, int stop, Command command);
  void Run();
  void Answer(int fd);

  const std::filesystem::path state_dir_;
  const int listener_;
  const int stop_;  // an eventfd
  const Command command_;
  std::thread thread_;
};

// The daemon's sentence, or its error. UNAVAILABLE NOT_RUNNING when no daemon listens there.
absl::StatusOr<std::string> AskDaemon(const std::filesystem::path& state_dir,
                                      const std::string& verb, const std::string& argument);

}  // namespace parc::app
