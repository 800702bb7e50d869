#include "daemon/app/config.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "daemon/access/time_units.h"
#include "daemon/app/exit_codes.h"
#include "daemon/app/settings.h"
#include "daemon/inventory/reason.h"
#include "tests/app/scratch.h"

namespace parc::app {
namespace {

// What `text` as parcd.toml makes of the configuration.
absl::StatusOr<LoadedConfig> Load(const ScratchDirectory& scratch, const std::string& text,
                                  ConfigSources sources = {}) {
  const auto file = scratch.path() / "parcd.toml";
  std::ofstream(file, std::ios::binary) << text;
  sources.file = file;
  sources.environment.insert({"HOME", "/home/x"});
  return LoadConfig(sources);
}

std::string SourceOf(const LoadedConfig& loaded, const std::string& key) {
  const auto found = std::find_if(loaded.explained.begin(), loaded.explained.end(),
                                  [&](const Explained& line) { return line.key == key; });
  REQUIRE(found != loaded.explained.end());
  return found->source;
}

}  // namespace

TEST_CASE("without a file, Parc serves on this machine alone") {
  ConfigSources sources;
  sources.environment = {{"HOME", "/home/x"}};
  auto loaded = LoadConfig(sources);
  REQUIRE(loaded.ok());
  CHECK(loaded->config.state_dir == "/home/x/.local/state/parc");
  CHECK(loaded->config.ca_directory == "/home/x/.local/state/parc/ca");
  CHECK(loaded->config.agent == rpc::ListenAddress{"127.0.0.1", 8443});
  CHECK(loaded->config.gateway == rpc::ListenAddress{"127.0.0.1", 8444});
  CHECK(loaded->config.people == rpc::ListenAddress{"127.0.0.1", 8445});
  CHECK(loaded->config.metrics == rpc::ListenAddress{"127.0.0.1", 8446});
  CHECK(loaded->config.zone == "Europe/Paris");
  CHECK(loaded->config.checkin_interval == 900 * access::kSecond);

  sources.environment["XDG_STATE_HOME"] = "/state";
  CHECK(LoadConfig(sources)->config.state_dir == "/state/parc");
  sources.is_root = true;
  CHECK(LoadConfig(sources)->config.state_dir == "/var/lib/parc");
  CHECK(ReasonOf(LoadConfig({}).status()) == "BAD_CONFIG");  // nobody's home
}

TEST_CASE("a flag wins over the environment, that over the file, that over the default") {
  const ScratchDirectory scratch;
  const std::string file =
      "zone = \"Europe/Berlin\"\nstate_dir = \"/file\"\n[log]\nlevel = \"warn\"\n";
  ConfigSources sources;
  sources.environment = {{"PARC_STATE_DIR", "/environment"}, {"PARC_LOG_LEVEL", "error"}};
  sources.flags = {{"state_dir", "/flag"}};
  const auto loaded = Load(scratch, file, sources);
  REQUIRE(loaded.ok());
  CHECK(loaded->config.state_dir == "/flag");
  CHECK(loaded->config.log_level == "error");
  CHECK(loaded->config.zone == "Europe/Berlin");
  CHECK(SourceOf(*loaded, "state_dir") == "--state-dir");
  CHECK(SourceOf(*loaded, "log.level") == "PARC_LOG_LEVEL");
  CHECK(SourceOf(*loaded, "zone") == (scratch.path() / "parcd.toml").string() + ":1:1");
  CHECK(SourceOf(*loaded, "listen.agent") == "default");
}

TEST_CASE("everything that a file may say") {
  const ScratchDirectory scratch;
  const auto loaded = Load(scratch, R"(
zone = "UTC"
state_dir = "/srv/parc"
log = { level = "debug", format = "json" }
[listen]
agent = "0.0.0.0:9443"
gateway = ""
people = "[::1]:9445"
metrics = "127.0.0.1:0"
[public]
host_names = ["parc.example", "parc"]
addresses = ["192.0.2.1", "2001:db8::1"]
agent_endpoint = "parc.example:443"
enrolment_endpoint = "enrol.example:8444"
[ca]
directory = "/etc/parc/ca"
trust_domain = "region.example"
[checkin]
interval_seconds = 60
[readiness]
stale_after_hours = 48
[backup]
keep_days = 7
[storage]
reserve_mib = 16
[limits]
agent_connections = 10
agent_connections_per_address = 5
gateway_connections = 11
gateway_connections_per_address = 6
people_connections = 12
people_connections_per_address = 7
queued_writes = 3000
reader_threads = 4
)");
  REQUIRE(loaded.ok());
  const Config& config = loaded->config;
  CHECK(config.agent == rpc::ListenAddress{"0.0.0.0", 9443});
  CHECK_FALSE(config.gateway.has_value());
  CHECK(config.people == rpc::ListenAddress{"::1", 9445});
  CHECK(config.metrics.port == 0);
  CHECK(config.host_names == std::vector<std::string>{"parc.example", "parc"});
  CHECK(config.addresses.size() == 2);
  CHECK(config.agent_endpoint == "parc.example:443");
  CHECK(config.ca_directory == "/etc/parc/ca");
  CHECK(config.ca_is_given);
  CHECK(config.stale_after == 48 * access::kHour);
  CHECK(config.people_limits.per_source == 7);
  CHECK(config.backup_keep_days == 7);
  CHECK(config.reserve_bytes == 16 << 20);
  CHECK(config.queued_writes == 3000);
  CHECK(config.reader_threads == 4);
}

TEST_CASE("the example that is installed can be used as it is") {
  ConfigSources sources;
  sources.environment = {{"HOME", "/home/x"}};
  sources.file = "deploy/examples/parcd.toml";
  const auto loaded = LoadConfig(sources);
  INFO(loaded.status());
  REQUIRE(loaded.ok());
  CHECK(loaded->config.agent == rpc::ListenAddress{"0.0.0.0", 8443});
  for (const Setting& setting : kSettings) {
    INFO(std::string(setting.key) << " is not in the example");
    CHECK(SourceOf(*loaded, std::string(setting.key)).rfind("deploy/examples/parcd.toml:", 0) == 0);
  }
}

TEST_CASE("a byte order mark and CRLF are accepted") {
  const ScratchDirectory scratch;
  const auto loaded = Load(scratch, "\xEF\xBB\xBFzone = \"UTC\"\r\n[log]\r\nlevel = \"warn\"\r\n");
  REQUIRE(loaded.ok());
  CHECK(loaded->config.zone == "UTC");
  CHECK(loaded->config.log_level == "warn");
}

TEST_CASE("what is wrong in a file is told with its place, and ends with exit code 78") {
  struct Row {
    const char* what;
    std::string text;
    const char* place;    // after the file's name
    const char* message;  // is part of it
  };
  const Row rows[] = {
      {"unknown key", "zone = \"UTC\"\nzona = \"UTC\"\n", ":2:1: ", "no setting zona"},
      {"unknown key of a table", "[log]\nlevel = \"info\"\n  colour = 1\n",
       ":3:3: ", "no setting log.colour"},
      {"unknown table", "[logs]\nlevel = \"info\"\n", ":1:", "no setting logs"},
      {"duplicate key", "zone = \"UTC\"\nzone = \"UTC\"\n", ":2:", "zone"},
      {"not TOML", "zone = UTC\n", ":1:", ""},
      {"text for a number", "[checkin]\ninterval_seconds = \"900\"\n",
       ":2:1: ", "checkin.interval_seconds must be a whole number"},
      {"a number for text", "zone = 3\n", ":1:1: ", "zone must be a string"},
      {"a mixed list", "[public]\nhost_names = [\"a\", 1]\n",
       ":2:1: ", "public.host_names must be a list of strings"},
      {"a value for a table", "log = \"info\"\n", ":1:1: ", "log must be a table"},
      {"a port too large", "[listen]\nagent = \"127.0.0.1:65536\"\n",
       ":2:1: ", "\"127.0.0.1:65536\" is no address:port"},
      {"a name for an address", "[listen]\npeople = \"localhost:1\"\n",
       ":2:1: ", "is no address:port"},
      {"IPv6 without brackets", "[listen]\npeople = \"::1:1\"\n", ":2:1: ", "is no address:port"},
      {"no port", "[listen]\npeople = \"127.0.0.1\"\n", ":2:1: ", "is no address:port"},
      {"metrics for everybody", "[listen]\nmetrics = \"0.0.0.0:8446\"\n", ":2:1: ", "loopback"},
      {"an endpoint without port", "[public]\nagent_endpoint = \"parc\"\n",
       ":2:1: ", "no host:port"},
      {"an address that is none", "[public]\naddresses = [\"10.0.0.256\"]\n",
       ":2:1: ", "no IP address"},
      {"an unknown zone", "zone = \"Europe/Orleans\"\n", ":1:1: ", "no time zone"},
      {"an unknown level", "[log]\nlevel = \"loud\"\n",
       ":2:1: ", "must be one of debug, info, warn, error"},
      {"an interval out of range", "[checkin]\ninterval_seconds = 0\n",
       ":2:1: ", "between 10 and 86400"},
      {"a queue of less than four batches", "[limits]\nqueued_writes = 100\n",
       ":2:1: ", "between 2048"},
      {"certificates that end at once", "[ca]\ndevice_lifetime_seconds = 1\n",
       ":2:1: ", "between 10"},
      {"a trust domain with blanks", "[ca]\ntrust_domain = \"my region\"\n",
       ":2:1: ", "lower-case"},
      {"too large", std::string(300'000, '#'), ": ", "256 KiB"},
      {"not UTF-8", "zone = \"\xff\"\n", ":1:", ""},
  };
  const ScratchDirectory scratch;
  for (const Row& row : rows) {
    INFO(row.what);
    const auto loaded = Load(scratch, row.text);
    REQUIRE_FALSE(loaded.ok());
    const std::string message(loaded.status().message());
    INFO(message);
    CHECK(ReasonOf(loaded.status()) == "BAD_CONFIG");
    CHECK(ExitCodeOf(loaded.status()) == 78);
    const std::string start = (scratch.path() / "parcd.toml").string() + row.place;
    CHECK(message.substr(0, start.size()) == start);
    CHECK(message.find(row.message) != std::string::npos);
  }
}

TEST_CASE("a file that cannot be read is named") {
  ConfigSources sources;
  sources.file = "/nowhere/parcd.toml";
  const auto missing = LoadConfig(sources);
  CHECK(missing.status().message() == "/nowhere/parcd.toml: No such file or directory");
  CHECK(ExitCodeOf(missing.status()) == 78);
  const ScratchDirectory scratch;
  sources.file = scratch.path();
  CHECK_FALSE(LoadConfig(sources).ok());
}

TEST_CASE("a bad value in the environment or a flag is told with its name") {
  ConfigSources sources;
  sources.environment = {{"HOME", "/home/x"}, {"PARC_CHECKIN_INTERVAL_SECONDS", "often"}};
  CHECK(LoadConfig(sources).status().message() ==
        "PARC_CHECKIN_INTERVAL_SECONDS: checkin.interval_seconds must be a whole number");
  sources.environment = {{"HOME", "/home/x"}};
  sources.flags = {{"listen.agent", "here"}};
  CHECK(std::string(LoadConfig(sources).status().message()).substr(0, 16) == "--listen-agent: ");
  sources.flags = {{"public.host_names", "a.example, b.example ,"}};
  CHECK(LoadConfig(sources)->config.host_names ==
        std::vector<std::string>{"a.example", "b.example"});
}

}  // namespace parc::app
