#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "agent/app/resident.h"

namespace parc::agent {
namespace {

constexpr int kNotFound = 127;

// What this program understands itself; everything else is the one-shot's.
struct Words {
  bool run = false;
  bool plain = true;  // nothing but `run` and the two options
  std::filesystem::path state = "/var/lib/parc-agent";
  std::vector<std::string> options;
};

Words Read(int argc, char** argv) {
  Words words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (name == "--config" || name == "--state-dir") {
      if (equals == std::string::npos && i + 1 == argc) {
        words.plain = false;
        break;
      }
      const std::string value =
          equals == std::string::npos ? std::string(argv[++i]) : word.substr(equals + 1);
      if (name == "--state-dir") words.state = value;
      words.options.push_back(name);
      words.options.push_back(value);
    } else if (word == "run" && !words.run) {
      words.run = true;
    } else {
      words.plain = false;
    }
  }
  return words;
}

std::filesystem::path ReportProgram() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path("/usr/bin/parc-agent-report")
               : self.parent_path() / "parc-agent-report";
}

int RunProgram(int argc, char** argv) {
  const Words words = Read(argc, argv);
  const std::filesystem::path program = ReportProgram();
  if (words.run && words.plain) return RunResident({program, words.options, words.state});
  execv(program.c_str(), argv);
  std::fprintf(stderr, "parc-agent: %s cannot be started: %s\n", program.c_str(),
               std::strerror(errno));
  return kNotFound;
}

}  // namespace
}  // namespace parc::agent

int main(int argc, char** argv) { return parc::agent::RunProgram(argc, argv); }
