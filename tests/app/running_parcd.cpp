#include "tests/app/running_parcd.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "client/lib/channel.h"

namespace parc::app {

namespace fs = std::filesystem;

namespace {

constexpr auto kPatience = std::chrono::seconds(20);
constexpr auto kPoll = std::chrono::milliseconds(10);

fs::path Beside(const fs::path& state_dir, const char* suffix) {
  return state_dir.string() + suffix;
}

// In the child, between fork and exec: system calls only.
[[noreturn]] void Become(const std::vector<char*>& arguments, const std::vector<char*>& environment,
                         const Parcd::Options& options, int out, int err) {
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (options.descriptors > 0) {
    const rlimit limit{.rlim_cur = options.descriptors, .rlim_max = options.descriptors};
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  if (options.uid >= 0 && setuid(static_cast<uid_t>(options.uid)) != 0) _exit(125);
  execve(PARCD_PATH, arguments.data(), environment.data());
  _exit(126);
}

}  // namespace

bool Eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kPoll);
  }
  return true;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Parcd::Parcd(fs::path state_dir, const Options& options) : state_dir_(std::move(state_dir)) {
  std::vector<std::string> arguments = {PARCD_PATH, "--state-dir=" + state_dir_.string()};
  if (options.ports) {
    for (const char* listener : {"agent", "gateway", "people", "metrics"}) {
      arguments.push_back(std::string("--listen-") + listener + "=127.0.0.1:0");
    }
  }
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> raw;
  for (std::string& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) variables.emplace_back(*entry);
  for (const auto& [name, value] : options.environment) variables.push_back(name + "=" + value);
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  const int out = open(Beside(state_dir_, ".out").c_str(), flags, 0600);
  const int err = open(Beside(state_dir_, ".err").c_str(), flags, 0600);
  pid_ = fork();
  if (pid_ == 0) Become(raw, environment, options, out, err);
  close(out);
  close(err);
}

Parcd::~Parcd() {
  if (exit_ >= 0) return;
  Signal(SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Parcd::Serves() {
  return Eventually([this] {
           if (standard_error().find("daemon.serving") != std::string::npos) return true;
           int status = 0;
           if (exit_ < 0 && waitpid(pid_, &status, WNOHANG) == pid_) {
             exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
           }
           return exit_ >= 0;
         }) &&
         exit_ < 0;
}

void Parcd::Signal(int signal) const { kill(pid_, signal); }

int Parcd::Wait() {
  int status = 0;
  if (exit_ < 0 && Eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; })) {
    exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return exit_;
}

std::uint16_t Parcd::port(const std::string& name) const {
  std::istringstream lines(ReadFile(state_dir_ / "ports.toml"));
  std::string key;
  std::string equals;
  std::uint16_t number = 0;
  while (lines >> key >> equals >> number) {
    if (key == name) return number;
  }
  return 0;
}

std::string Parcd::standard_output() const { return ReadFile(Beside(state_dir_, ".out")); }
std::string Parcd::standard_error() const { return ReadFile(Beside(state_dir_, ".err")); }

std::shared_ptr<grpc::Channel> Parcd::People() const {
  client::ChannelOptions options;
  options.target = "localhost:" + std::to_string(port("people"));
  options.root_pem = ReadFile(state_dir_ / "ca" / "root.pem");
  options.bearer_token = ReadFile(state_dir_ / "login.token");
  while (!options.bearer_token.empty() && options.bearer_token.back() == '\n') {
    options.bearer_token.pop_back();
  }
  return client::MakeChannel(options);
}

Ended RunParcd(const fs::path& state_dir, const std::vector<std::string>& arguments) {
  Parcd::Options options;
  options.arguments = arguments;
  options.ports = false;
  Parcd parcd(state_dir, options);
  const int exit = parcd.Wait();
  return {exit, parcd.standard_output(), parcd.standard_error()};
}

}  // namespace parc::app
