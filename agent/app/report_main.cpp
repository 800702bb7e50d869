#include <csignal>
#include <functional>
#include <iostream>

#include "CLI/CLI.hpp"
#include "agent/app/commands.h"
#include "agent/version.h"
#include "google/protobuf/stubs/logging.h"

namespace parc::agent {
namespace {

int RunElsewhere(const Request&) {
  std::cerr << "parc-agent-report ends when it has reported; `parc-agent run` stays\n";
  return kExitUsage;
}

int RunProgram(int argc, char** argv) {
  Request request;
  std::function<int(const Request&)> command;
  CLI::App app("Parc's agent: tells the server what this laptop is. It changes nothing on it.",
               "parc-agent");
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--config", request.config, "Configuration file")->capture_default_str();
  app.add_option("--state-dir", request.state, "State directory")->capture_default_str();
  const auto add = [&](const char* name, const char* help, int (*run)(const Request&)) {
    CLI::App* verb = app.add_subcommand(name, help);
    verb->callback([&command, run] { command = run; });
    return verb;
  };
  add("run", "Stay, and report when it is time (the service)", RunElsewhere);
  add("once", "Report now", RunOnce);
  CLI::App* enrol = add("enrol", "Enrol this laptop with a code from the support", RunEnrol);
  auto* code =
      enrol->add_option("code", request.code, "The parc:// code; - reads it from standard input");
  enrol->add_option("--code-file", request.code_file, "File that holds the code")->excludes(code);
  enrol->add_flag("--replace", request.replace, "Also when it is enrolled already");
  enrol->add_flag("--wait", request.wait, "Wait until a technician has approved");
  add("renew", "Ask for a new certificate now", RunRenew);
  add("status", "Tell how this laptop stands", RunStatus)
      ->add_option("--lang", request.language, "fr or en")
      ->check(CLI::IsMember({"fr", "en"}));
  add("facts", "Print the facts that are reported, as JSON", RunFacts);
  add("check", "Tell whether the configuration is understood", RunCheck);
  add("updates", "Ask the package manager for the next reports, when it is time", RunUpdates);
  add("report", "Report if there is anything to report (for the service)", RunReport);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  if (request.code == "-") {
    request.code.clear();
    request.code_file = "-";
  }
  if (*enrol && request.code.empty() && request.code_file.empty()) {
    std::cerr << "parc-agent: enrol needs a code; `-` reads it from standard input\n";
    return kExitUsage;
  }
  return command(request);
}

}  // namespace
}  // namespace parc::agent

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  // A stranger's bytes are refused with a sentence of ours; protobuf's own complaint says no more.
  google::protobuf::SetLogHandler(nullptr);
  const int code = parc::agent::RunProgram(argc, argv);
  std::cout.flush();
  // A resolver that never answers may still be at work on a thread that nobody waits for.
  _exit(code);
}
