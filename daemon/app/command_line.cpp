#include "daemon/app/command_line.h"

#include <CLI/CLI.hpp>
#include <deque>

#include "daemon/app/exit_codes.h"
#include "daemon/app/settings.h"
#include "fmt/format.h"

namespace parc::app {
namespace {

constexpr char kDescription[] =
    "parcd keeps the inventory of a laptop fleet and judges which laptops are ready to work from "
    "home.\nWithout a command it serves; without a configuration it serves on this machine alone, "
    "for a trial.";

std::string FlagOf(std::string_view key) {
  std::string flag = "--" + std::string(key);
  for (char& c : flag) {
    if (c == '.' || c == '_') c = '-';
  }
  return flag;
}

void AddSettings(CLI::App& app, std::deque<std::pair<std::string, std::string>>& given) {
  for (const Setting& setting : kSettings) {
    auto& [key, value] = given.emplace_back(setting.key, "");
    app.add_option(FlagOf(setting.key), value, std::string(setting.help))->group("Settings");
  }
}

void AddCommands(CLI::App& app, Invocation& invocation) {
  const auto command = [&](CLI::App& parent, const char* name, const char* help, Verb verb) {
    CLI::App* added = parent.add_subcommand(name, help);
    added->final_callback([&invocation, verb] { invocation.verb = verb; });
    return added;
  };
  command(app, "check", "Look for damage in the database", Verb::kCheck);
  command(app, "backup", "Write a consistent copy of the database", Verb::kBackup)
      ->add_option("FILE", invocation.file, "Where to; must not exist")
      ->required();
  command(app, "restore", "Put a backup in the place of the database", Verb::kRestore)
      ->add_option("FILE", invocation.file, "The backup")
      ->required();
  CLI::App* forecast = command(
      app, "forecast", "Forecast worlds (nine CSV files each) without a server", Verb::kForecast);
  forecast->add_option("--world", invocation.worlds, "Directory of a world; may be repeated")
      ->required();
  forecast
      ->add_option("--output-dir", invocation.output_dir,
                   "Where forecast.csv and targets_forecast.csv go; below it, by the name of the "
                   "world, when there are several")
      ->required();
  CLI::App* config = app.add_subcommand("config", "Look at the configuration");
  config->require_subcommand(1);
  command(*config, "check", "Say whether the configuration can be used", Verb::kConfigCheck);
  command(*config, "explain", "Print every setting, and where its value comes from",
          Verb::kConfigExplain);
  CLI::App* admin = app.add_subcommand("admin", "Help yourself in, with the daemon stopped");
  admin->require_subcommand(1);
  CLI::App* create =
      command(*admin, "create", "Make an API token in the daemon's absence", Verb::kAdminCreate);
  create->add_option("--owner", invocation.owner, "Who will use it")->required();
  create->add_option("--role", invocation.role, "Its role (admin)")->default_val("admin");
  create->add_option("--token-file", invocation.file, "Where the token goes; must not exist")
      ->required();
  CLI::App* ca = app.add_subcommand("ca", "Look after the certificate authority");
  ca->require_subcommand(1);
  command(*ca, "rotate", "Make a new issuing CA; start the daemon again to use it",
          Verb::kCaRotate);
}

}  // namespace

Parsed ParseCommandLine(int argc, const char* const* argv) {
  Parsed parsed;
  Invocation& invocation = parsed.invocation;
  std::string config_file;
  std::deque<std::pair<std::string, std::string>> settings;
  CLI::App app(kDescription, "parcd");
  app.set_version_flag("--version", "parcd " PARC_VERSION);
  app.add_option("--config", config_file, "The configuration file (default: /etc/parc/parcd.toml)")
      ->envname("PARC_CONFIG");
  app.fallthrough();
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return fmt::format("parcd: {}\nRun `parcd --help` for what there is.\n", error.what());
  });
  AddSettings(app, settings);
  AddCommands(app, invocation);
  for (CLI::App* command : app.get_subcommands({})) command->fallthrough();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    parsed.exit = app.exit(error) == 0 ? 0 : kExitUsage;
    return parsed;
  }
  if (!config_file.empty()) invocation.config_file = config_file;
  for (const auto& [key, value] : settings) {
    if (app.count(FlagOf(key)) > 0) invocation.flags[key] = value;
  }
  return parsed;
}

}  // namespace parc::app
