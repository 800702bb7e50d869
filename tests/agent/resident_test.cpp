#include "agent/app/resident.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include "tests/agent/agent_support.h"

namespace parc::agent {
namespace {

using std::chrono::milliseconds;

bool Eventually(const std::function<bool()>& happened) {
  for (int i = 0; i < 500; ++i) {
    if (happened()) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

// A resident in a process of its own, with a shell script as its report program.
class Service {
 public:
  Service(Tree& tree, const std::string& script) {
    tree.File("report", "#!/bin/sh\nstate=\"$2\"\n" + script, 0755);
    const ResidentOptions options{
        tree.path() / "report", {"--state-dir", tree.path().string()}, tree.path()};
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) _exit(RunResident(options));
    std::this_thread::sleep_for(milliseconds(200));  // until it listens to signals
  }
  ~Service() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  void Signal(int number) const { kill(pid_, number); }

  // The exit code; -1 when it does not end.
  int Wait() {
    int state = 0;
    if (!Eventually([&] { return waitpid(pid_, &state, WNOHANG) == pid_; })) return -1;
    pid_ = 0;
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
  }

 private:
  pid_t pid_ = 0;
};

}  // namespace

TEST_CASE("the service reports when it is told to, and stops when it is told to") {
  Tree tree;
  tree.File("identity/current", "1\n");
  Service service(
      tree,
      "echo \"$@\" >> \"$state/calls\"\necho next=$(($(date +%s) + 3600)) > \"$state/contact\"\n");
  service.Signal(SIGHUP);
  REQUIRE(Eventually([&] { return !ReadFile(tree.path() / "calls").empty(); }));
  CHECK(ReadFile(tree.path() / "calls") == "--state-dir " + tree.path().string() + " report\n");
  service.Signal(SIGTERM);
  CHECK(service.Wait() == 0);
}

TEST_CASE("a laptop that is not enrolled starts no report") {
  Tree tree;
  Service service(tree, "echo $3 >> \"$state/calls\"\n");
  service.Signal(SIGHUP);
  std::this_thread::sleep_for(milliseconds(200));
  CHECK(ReadFile(tree.path() / "calls") == "check\n");  // its configuration, once
  service.Signal(SIGTERM);
  CHECK(service.Wait() == 0);
}

TEST_CASE("a configuration that is not understood ends the service with 78") {
  Tree tree;
  tree.File("identity/current", "1\n");
  Service service(tree, "exit 78\n");
  service.Signal(SIGHUP);
  CHECK(service.Wait() == 78);
}

TEST_CASE("so does one of a laptop that is not enrolled yet") {
  Tree tree;
  Service service(tree, "exit 78\n");
  CHECK(service.Wait() == 78);
}

TEST_CASE("a report at work is asked to stop with the service") {
  Tree tree;
  tree.File("identity/current", "1\n");
  Service service(tree, "touch \"$state/calls\"\nexec sleep 60\n");
  service.Signal(SIGHUP);
  REQUIRE(Eventually([&] { return std::filesystem::exists(tree.path() / "calls"); }));
  service.Signal(SIGTERM);
  CHECK(service.Wait() == 0);
}

}  // namespace parc::agent
