// parc-collect: what only root can see, written once to standard output, which is a socket of
// systemd's. It takes one word, from its unit; whoever connects can say nothing.

#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include <openssl/rand.h>

#include "agent/collector/netfilter.h"
#include "agent/collector/root_facts.h"
#include "agent/collector/wireguard_device.h"
#include "google/protobuf/stubs/logging.h"

namespace parc::agent {
namespace {

constexpr int kUsage = 64;
constexpr unsigned kPatienceSeconds = 30;

std::int64_t Now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

bool Write(const std::string& bytes) {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t wrote = write(STDOUT_FILENO, rest.data(), rest.size());
    if (wrote < 0 && errno != EINTR) return false;
    if (wrote > 0) rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

World ThisMachine(const Root& root) {
  World world{root, {}, {}, {}, {}};
  world.now = Now();
  return world;
}

v1::Facts Facts(const Root& root) {
  KernelQuestions kernel;
  kernel.firewall_filters = KernelFilters;
  kernel.disk_health = [&root] { return NvmeHealth(root); };
  kernel.newest_handshake = [&root](const std::vector<std::string>& interfaces) {
    return NewestHandshake(root, interfaces);
  };
  return CollectForRoot(ThisMachine(root), kernel);
}

v1::Facts Gateways(const Root& root) {
  // systemd makes it: StateDirectory=
  const char* const state = std::getenv("STATE_DIRECTORY");
  Liveness options;
  // The agent waits for six seconds and a half; a later answer is remembered for its next question.
  options.resolve_within = std::chrono::seconds(2);
  options.answer_within = std::chrono::seconds(2);
  options.now = Now();
  options.random = [](std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
      std::abort();  // a system without randomness can keep no secret either
    }
    return bytes;
  };
  const std::string folder = state == nullptr ? "/var/lib/parc-collect" : state;
  return CollectKeyed(ThisMachine(root), folder + "/gateways", options);
}

int Run(std::string_view what) {
  // Whatever hangs: an end without an answer is one, too.
  alarm(kPatienceSeconds);
  const Root root("/");
  if (what == "facts") return Write(Facts(root).SerializeAsString()) ? 0 : 1;
  if (what == "gateways") return Write(Gateways(root).SerializeAsString()) ? 0 : 1;
  std::cerr << "parc-collect facts|gateways: started by systemd for parc-agent\n";
  return kUsage;
}

}  // namespace
}  // namespace parc::agent

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  google::protobuf::SetLogHandler(nullptr);
  const int code = parc::agent::Run(argc == 2 ? argv[1] : "");
  // A resolver that never answers may still be at work on a thread that nobody waits for.
  _exit(code);
}
