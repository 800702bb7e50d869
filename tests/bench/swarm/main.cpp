#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>

#include "daemon/access/random.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "tests/bench/swarm/crowd.h"
#include "tests/bench/swarm/make_fleet.h"
#include "tests/bench/swarm/pool.h"
#include "tests/bench/swarm/print.h"
#include "tests/bench/swarm/verify.h"

namespace parc::swarm {
namespace {

constexpr char kDescription[] =
    "parc-swarm behaves like up to 100,000 laptops, to tell how many your server can take.\n"
    "\n"
    "1. Make a fleet, in a state directory of its own, while no parcd runs there:\n"
    "     parc-swarm make-fleet --state-dir /srv/trial --fleet /srv/fleet --devices 10000\n"
    "2. Run parcd on it; --checkin-least-seconds 0 lifts the limit for a single laptop, which\n"
    "   `pool` would meet:\n"
    "     parcd --state-dir /srv/trial --checkin-least-seconds 0 \\\n"
    "           --limits-agent-connections-per-address 8192\n"
    "3. Load it. `crowd` is what a day brings: agents connect, report and go, when the server\n"
    "   tells them to. `pool` finds the limit: connections stay open, reports follow at once.\n"
    "     parc-swarm crowd --fleet /srv/fleet --server localhost:8443 --scenario monday\n"
    "     parc-swarm pool  --fleet /srv/fleet --server localhost:8443 --seconds 10\n"
    "4. See that every report the server acknowledged is stored:\n"
    "     parc-swarm verify --fleet /srv/fleet --state-dir /srv/trial";

constexpr int kUsage = 2;
constexpr int kFailed = 1;
constexpr int kLost = 3;

struct Options {
  FleetPlan fleet_plan;
  std::string fleet, state_dir, server = "localhost:8443", metrics, json, probe;
  pid_t server_pid = 0;
  std::uint32_t sources = 0, changed_percent = 10;
  std::uint64_t seed = 1;
  PoolPlan pool;
  SlicePlan slice;
  std::vector<std::string> works = {"mixed"};
  int rounds = 1;
  CrowdPlan crowd;
  std::string scenario = "steady";
  double interval = 900, window = 5400, outage_at = 60, outage_for = 120;
};

const std::map<std::string, Work> kWorks = {{"mixed", Work::kMixed},
                                            {"changed", Work::kChanged},
                                            {"unchanged", Work::kUnchanged},
                                            {"nothing", Work::kNothing},
                                            {"nothing-small", Work::kNothingSmall}};

std::int64_t NowMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t Micros(double seconds) { return static_cast<std::int64_t>(seconds * 1e6); }

void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

absl::Status WriteJson(const Options& options, const std::string& json) {
  if (options.json.empty()) return absl::OkStatus();
  std::ofstream file(options.json);
  file << json << '\n';
  file.close();
  return file ? absl::OkStatus() : absl::UnavailableError("cannot write " + options.json);
}

// Runs `load` beside the disk probe, if there is to be one, and writes its JSON with the probe's.
template <typename Load>
absl::Status WithProbe(const Options& options, Load load) {
  std::unique_ptr<DiskProbe> probe;
  if (!options.probe.empty()) {
    PARC_ASSIGN(probe, DiskProbe::Start(options.probe));
  }
  PARC_ASSIGN(std::string json, load());
  if (probe != nullptr) {
    const Histogram& times = probe->Stop();
    fmt::print("append + fdatasync of 4 KiB meanwhile: p50 {} µs, p99 {} µs\n", times.Quantile(0.5),
               times.Quantile(0.99));
    json = Object({{"run", json}, {"append_fdatasync", ToJson(times)}});
  } else {
    json = Object({{"run", json}});
  }
  return WriteJson(options, json);
}

absl::Status RunPool(const Options& options) {
  PARC_ASSIGN(const auto fleet, Fleet::Open(options.fleet));
  PARC_ASSIGN(Target target, MakeTarget(options.server, fleet->ca()));
  target.sources = options.sources;
  Agents agents(*fleet, options.seed, options.changed_percent);
  Pool pool(target, agents, options.pool, {options.server_pid, options.metrics});
  PARC_TRY(pool.Connect());
  return WithProbe(options, [&]() -> absl::StatusOr<std::string> {
    std::vector<std::string> slices;
    for (int round = 0; round < options.rounds; ++round) {
      for (const std::string& work : options.works) {
        SlicePlan plan = options.slice;
        plan.work = kWorks.at(work);
        const Slice slice = pool.Run(plan);
        fmt::print("{}", ToText(slice));
        std::fflush(stdout);
        slices.push_back(ToJson(slice));
      }
    }
    return Array(slices);
  });
}

absl::Status RunCrowd(const Options& options) {
  PARC_ASSIGN(const auto fleet, Fleet::Open(options.fleet));
  CrowdPlan plan = options.crowd;
  if (plan.agents == 0) plan.agents = fleet->certified();
  if (plan.agents > fleet->certified()) {
    return absl::InvalidArgumentError(fmt::format(
        "--agents: only {} devices of this fleet have a certificate", fleet->certified()));
  }
  const auto scenario = ParseScenario(options.scenario);
  if (!scenario.has_value()) return absl::InvalidArgumentError("--scenario: " + options.scenario);
  plan.shape = {.scenario = *scenario,
                .interval = Micros(options.interval),
                .window = Micros(options.window),
                .outage_begin = Micros(options.outage_at),
                .outage_end = Micros(options.outage_at + options.outage_for)};
  PARC_ASSIGN(Target target, MakeTarget(options.server, fleet->ca()));
  target.sources = options.sources;
  Agents agents(*fleet, options.seed, options.changed_percent);
  Crowd crowd(target, agents, plan, {options.server_pid, options.metrics});
  return WithProbe(options, [&]() -> absl::StatusOr<std::string> {
    const CrowdResult result = crowd.Run();
    fmt::print("{}, {} agents, {}", options.scenario, plan.agents, ToText(result));
    return ToJson(result);
  });
}

absl::Status RunMakeFleet(const Options& options) {
  const auto report = [&](std::uint32_t done) {
    if (done % 20'000 == 0 || done == options.fleet_plan.devices) {
      fmt::print(stderr, "{} of {} devices\n", done, options.fleet_plan.devices);
    }
  };
  return MakeFleet(options.fleet_plan, NowMicros(), access::SystemRandomBytes(), report);
}

// `lost` is set when an acknowledged report is not there.
absl::Status RunVerify(const Options& options, bool& lost) {
  PARC_ASSIGN(const Verdict verdict, VerifyLedger(options.fleet, options.state_dir));
  fmt::print("{}", ToText(verdict));
  lost = verdict.lost > 0;
  return WriteJson(options, ToJson(verdict));
}

void AddLoadOptions(CLI::App& app, Options& options) {
  app.add_option("--fleet", options.fleet, "The fleet that make-fleet wrote")->required();
  app.add_option("--server", options.server, "Agent port, as host:port (IPv4)")
      ->capture_default_str();
  app.add_option("--changed", options.changed_percent,
                 "Percent of the reports that bring something new")
      ->capture_default_str()
      ->check(CLI::Range(0, 100));
  app.add_option("--server-pid", options.server_pid,
                 "Measure this process beside (on this machine)");
  app.add_option("--metrics", options.metrics, "Read the server's counters from this host:port");
  app.add_option("--probe", options.probe,
                 "Measure append + fdatasync in this directory meanwhile");
  app.add_option("--sources", options.sources,
                 "Come from so many addresses of 127.1.0.0/16, to a server on this machine")
      ->check(CLI::Range(0, 60'000));
  app.add_option("--seed", options.seed, "Of everything random")->capture_default_str();
  app.add_option("--json", options.json, "Write the figures to this file, too");
}

CLI::App* AddPool(CLI::App& app, Options& options) {
  CLI::App* pool =
      app.add_subcommand("pool", "Find the limit: reports over connections that stay open");
  AddLoadOptions(*pool, options);
  const auto add = [pool](const char* name, auto& value, const char* help) {
    return pool->add_option(name, value, help)->capture_default_str();
  };
  add("--connections", options.pool.connections, "How many")->check(CLI::Range(1, 20'000));
  add("--depth", options.pool.depth, "Calls at once on each")->check(CLI::Range(1, 64));
  add("--seconds", options.slice.seconds, "How long each kind of work runs")
      ->check(CLI::PositiveNumber);
  add("--rate", options.slice.rate,
      "Calls a second, whatever the server answers; 0: the next as soon as one is answered")
      ->check(CLI::NonNegativeNumber);
  add("--work", options.works,
      "mixed, changed, unchanged; with parcd-bench also nothing and nothing-small. Several run in "
      "turn")
      ->delimiter(',')
      ->check(CLI::IsMember(kWorks));
  add("--rounds", options.rounds, "How often they run in turn")->check(CLI::PositiveNumber);
  CLI::Option* any =
      pool->add_flag("--any-device", options.pool.any_device,
                     "Each connection reports for any device of the fleet (parcd-bench)");
  pool->add_flag("--each-once", options.slice.each_once,
                 "Every device reports once, then the run ends")
      ->needs(any);
  return pool;
}

CLI::App* AddCrowd(CLI::App& app, Options& options) {
  CLI::App* crowd = app.add_subcommand(
      "crowd", "Behave like a fleet: connect, report, go, and come back when the server says so");
  AddLoadOptions(*crowd, options);
  const auto add = [crowd](const char* name, auto& value, const char* help) {
    return crowd->add_option(name, value, help)->capture_default_str();
  };
  add("--scenario", options.scenario,
      "steady; monday: everybody comes within --window; outage: nobody reaches the server for a "
      "while; tethered: a third "
      "on slow mobile links; clones: one laptop in fifty was copied")
      ->check(CLI::IsMember({"steady", "monday", "outage", "tethered", "clones"}));
  add("--agents", options.crowd.agents, "How many; 0: all that have a certificate");
  add("--seconds", options.crowd.seconds, "How long, by the clock")->check(CLI::PositiveNumber);
  add("--speed", options.crowd.speed,
      "Scenario seconds in a second: waits are shortened, calls are not")
      ->check(CLI::PositiveNumber);
  add("--interval", options.interval,
      "Between two contacts until the server says otherwise (scenario seconds)")
      ->check(CLI::PositiveNumber);
  add("--window", options.window, "In which everybody comes on Monday (scenario seconds)")
      ->check(CLI::PositiveNumber);
  add("--outage-at", options.outage_at, "When the outage begins (scenario seconds)")
      ->check(CLI::NonNegativeNumber);
  add("--outage-for", options.outage_for, "How long it lasts (scenario seconds)")
      ->check(CLI::NonNegativeNumber);
  add("--connections", options.crowd.connections, "At once, at most")->check(CLI::Range(1, 20'000));
  return crowd;
}

CLI::App* AddMakeFleet(CLI::App& app, Options& options) {
  CLI::App* make = app.add_subcommand(
      "make-fleet",
      "Enrol simulated laptops in a state directory that no parcd uses and no laptop is in");
  make->add_option("--state-dir", options.fleet_plan.state_dir,
                   "Of the parcd to be; made when it is missing")
      ->required();
  make->add_option("--fleet", options.fleet_plan.fleet, "Where the agents' keys go; must not exist")
      ->required();
  make->add_option("--devices", options.fleet_plan.devices, "How many laptops")
      ->required()
      ->check(CLI::Range(1, 10'000'000));
  make->add_option("--certificates", options.fleet_plan.certificates,
                   "How many of them get a certificate, by what enrolment does; 0: all. The others "
                   "get rows like it")
      ->capture_default_str();
  return make;
}

int Main(int argc, const char* const* argv) {
  Options options;
  bool lost = false;
  CLI::App app(kDescription, "parc-swarm");
  app.set_version_flag("--version", "parc-swarm " PARC_VERSION);
  app.require_subcommand(1);
  const CLI::App* make = AddMakeFleet(app, options);
  const CLI::App* pool = AddPool(app, options);
  const CLI::App* crowd = AddCrowd(app, options);
  CLI::App* verify =
      app.add_subcommand("verify", "Compare what was acknowledged with what is stored");
  verify->add_option("--fleet", options.fleet, "The fleet that reported")->required();
  verify->add_option("--state-dir", options.state_dir, "Of the server")->required();
  verify->add_option("--json", options.json, "Write the figures to this file, too");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  RaiseDescriptorLimit();
  std::signal(SIGPIPE, SIG_IGN);  // a server may close at any time
  absl::Status status;
  if (make->parsed()) status = RunMakeFleet(options);
  if (pool->parsed()) status = RunPool(options);
  if (crowd->parsed()) status = RunCrowd(options);
  if (verify->parsed()) status = RunVerify(options, lost);
  if (!status.ok()) {
    fmt::print(stderr, "parc-swarm: {}\n", std::string(status.message()));
    return kFailed;
  }
  return lost ? kLost : 0;
}

}  // namespace
}  // namespace parc::swarm

int main(int argc, char** argv) { return parc::swarm::Main(argc, argv); }
