#include "daemon/app/program.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <system_error>

#include "absl/synchronization/mutex.h"
#include "daemon/app/command_line.h"
#include "daemon/app/config.h"
#include "daemon/app/exit_codes.h"
#include "daemon/app/forecast_worlds.h"
#include "daemon/app/maintenance.h"
#include "daemon/app/serve.h"
#include "daemon/inventory/reason.h"
#include "fmt/format.h"

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace parc::app {
namespace {

constexpr char kDefaultConfig[] = "/etc/parc/parcd.toml";

std::map<std::string, std::string> Environment() {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) all[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return all;
}

ConfigSources SourcesOf(const Invocation& invocation) {
  ConfigSources sources;
  sources.file = invocation.config_file;
  std::error_code error;
  if (!sources.file && std::filesystem::exists(kDefaultConfig, error)) {
    sources.file = kDefaultConfig;
  }
  sources.flags = invocation.flags;
  sources.environment = Environment();
  sources.is_root = geteuid() == 0;
  return sources;
}

int Report(const absl::Status& status) {
  if (!status.ok()) fmt::print(stderr, "parcd: {}\n", std::string(status.message()));
  return ExitCodeOf(status);
}

int Run(const Invocation& invocation) {
  // Needs no configuration: it touches nothing of the daemon's.
  if (invocation.verb == Verb::kForecast)
    return Report(ForecastWorlds(invocation.worlds, invocation.output_dir));
  const absl::StatusOr<LoadedConfig> loaded = LoadConfig(SourcesOf(invocation));
  if (!loaded.ok()) return Report(loaded.status());
  const Config& config = loaded->config;
  switch (invocation.verb) {
    case Verb::kServe:
      return Serve(config);
    case Verb::kCheck:
      return Report(CheckDatabase(config));
    case Verb::kBackup:
      return Report(BackUp(config, invocation.file));
    case Verb::kRestore:
      return Report(Restore(config, invocation.file));
    case Verb::kAdminCreate:
      return Report(CreateAdmin(config, invocation));
    case Verb::kCaRotate:
      return Report(RotateCa(config));
    case Verb::kConfigExplain:
      Explain(*loaded);
      return 0;
    case Verb::kForecast:
    case Verb::kConfigCheck:
      break;
  }
  const absl::Status checked = CheckConfig(config);
  if (checked.ok()) fmt::print("The configuration can be used.\n");
  return Report(checked);
}

}  // namespace

int Main(int argc, const char* const* argv) {
  // Abseil's mutex would look for cycles in every lock that gRPC takes.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  umask(0077);
  signal(SIGPIPE, SIG_IGN);  // a caller that is gone is told by the write
  signal(SIGXFSZ, SIG_IGN);  // so is a file that may not grow
  const Parsed parsed = ParseCommandLine(argc, argv);
  return parsed.exit ? *parsed.exit : Run(parsed.invocation);
}

}  // namespace parc::app
