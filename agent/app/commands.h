#pragma once

#include <filesystem>
#include <string>

namespace parc::agent {

// What a command of the one-shot was asked.
struct Request {
  std::filesystem::path config = "/etc/parc/agent.toml";
  std::filesystem::path state = "/var/lib/parc-agent";
  std::string code;                 // enrol: the parc:// URL
  std::filesystem::path code_file;  // enrol: a file that holds it; "-" is standard input
  bool replace = false;             // enrol: although the certificate is still valid
  bool wait = false;                // enrol: until a person has approved
  std::string language;             // status: "fr" or "en"; empty: by the locale
};

// Exit codes: 0 done, 1 failed (a sentence is on standard error), 64 usage, 78 configuration.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 64;
inline constexpr int kExitConfig = 78;

int RunReport(const Request& request);  // by the timer: quiet, and polls a pending enrolment
int RunOnce(const Request& request);    // by hand: says what the server concludes
// Asks the package manager which updates wait, when it is time; the reports that follow tell.
int RunUpdates(const Request& request);
int RunEnrol(const Request& request);
int RunRenew(const Request& request);
int RunStatus(const Request& request);
int RunFacts(const Request& request);
int RunCheck(const Request& request);  // 78 and a sentence when the configuration is not understood

}  // namespace parc::agent
