#include "daemon/app/daemon.h"

#include <signal.h>

#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>

#include "daemon/access/time_units.h"
#include "daemon/app/allocator.h"
#include "daemon/app/clock.h"
#include "daemon/app/files.h"
#include "daemon/app/first_run.h"
#include "daemon/app/notify.h"
#include "daemon/fleet/policies.h"
#include "daemon/gateway/answers.h"
#include "daemon/gateway/enrolment_port.h"
#include "daemon/gateway/operator_port.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::app {

namespace {

// The port of enrolment names the codes that it answers.
absl::StatusCode StatusOfName(std::string_view name) {
  constexpr int kCodes = 17;
  for (int code = 0; code < kCodes; ++code) {
    if (absl::StatusCodeToString(static_cast<absl::StatusCode>(code)) == name)
      return static_cast<absl::StatusCode>(code);
  }
  return absl::StatusCode::kUnknown;
}

// For calls in flight. A client that is idle and does not listen holds its connection as long.
constexpr auto kCallGrace = std::chrono::seconds(3);
constexpr auto kAnswerGrace = std::chrono::seconds(2);
// How soon a laptop comes back that a technician asked for, in microseconds.
constexpr std::int64_t kQuickInterval = 10 * access::kSecond;

fleet::RevokeDevices RevokeBy(access::DeviceChanges& devices) {
  return [&devices](store::Connection&, std::int64_t laptop, std::string_view reason,
                    std::int64_t now) -> absl::StatusOr<std::function<void()>> {
    access::Effect effect;
    PARC_TRY(devices.RevokeDevicesOf(laptop, reason, now, effect));
    return effect;
  };
}

gateway::Response PlainRefusal(int status, const std::string& sentence) {
  gateway::Response response;
  response.status = status;
  response.body = sentence + "\n";
  return response;
}

}  // namespace

struct Daemon::Signals {
  explicit Signals(boost::asio::io_context& loop) : set(loop, SIGTERM, SIGINT) {}
  boost::asio::signal_set set;
};

Daemon::Daemon(Config config, std::shared_ptr<spdlog::logger> log)
    : config_(std::move(config)),
      log_(std::move(log)),
      started_(Now()),
      tls_(config_.state_dir / "tls") {}

Daemon::~Daemon() { Stop(); }

absl::Status Daemon::Start() {
  BoundThreadCaches();
  PARC_TRY(OpenStorage());
  PARC_TRY(OpenAccess());
  PARC_TRY(StartUseCases());
  PARC_TRY(OpenListeners());
  MakeHttpPorts();
  PARC_TRY(StartServers());
  PARC_TRY(StartServing());
  // Before it says that it serves: who waits for that has then read how to log in.
  PrintFirstSteps();
  log_->info("daemon.serving version={} agent={} gateway={} people={} metrics={} state_dir={}",
             PARC_VERSION, agent_acceptor_->port(),
             gateway_acceptor_ ? gateway_acceptor_->port() : 0, people_acceptor_->port(),
             metrics_acceptor_->port(), config_.state_dir.string());
  NotifyReady();
  return absl::OkStatus();
}

absl::Status Daemon::OpenStorage() {
  PARC_TRY(MakePrivateDirectory(config_.state_dir));
  reserve_ = std::make_unique<store::Reserve>(config_.state_dir / "reserve", config_.reserve_bytes);
  absl::StatusOr<std::unique_ptr<store::Database>> opened =
      store::Database::Open(config_.state_dir);
  // Opening takes some space itself. Nobody else holds the database, or another reason was given.
  if (ReasonOf(opened.status()) == "STORAGE_FULL" && GiveReserve(opened.status())) {
    starts_full_ = true;
    opened = store::Database::Open(config_.state_dir);
  }
  PARC_TRY(opened.status());
  database_ = *std::move(opened);
  const absl::Status reserved = reserve_->Make();
  if (!reserved.ok()) {
    log_->warn("storage.no_reserve cause=\"{}\"", std::string(reserved.message()));
    if (GiveReserve(reserved)) starts_full_ = true;
  }
  return MakePrivateDirectory(config_.state_dir / "backups");
}

absl::Status Daemon::OpenAccess() {
  const access::RandomBytes random = access::SystemRandomBytes();
  if (!config_.ca_is_given) {
    PARC_TRY(EnsureTrialCa(config_.ca_directory, started_, random).status());
  }
  PARC_ASSIGN(ca_, access::CertificateAuthority::Load(config_.ca_directory,
                                                      {.trust_domain = config_.trust_domain,
                                                       .device_lifetime = config_.device_lifetime},
                                                      started_, random));
  PARC_ASSIGN(access::PeerCertificates peers,
              access::PeerCertificates::Make(ca_->issuers(), ca_->trust_domain()));
  peers_ = std::make_unique<access::PeerCertificates>(std::move(peers));
  store::Connection& writer = database_->writer();
  PARC_ASSIGN(devices_, access::Devices::Load(writer));
  PARC_ASSIGN(tokens_, access::ApiTokens::Load(writer));
  device_changes_ = std::make_unique<access::DeviceChanges>(writer, *devices_, *ca_, random);
  token_changes_ = std::make_unique<access::ApiTokenChanges>(writer, *tokens_, random);
  const std::filesystem::path login = config_.state_dir / "login.token";
  PARC_TRY(EnsureLogin(writer, *token_changes_, login, started_).status());
  PARC_ASSIGN(login_waits_, LoginWaits(*token_changes_, login, started_));
  return absl::OkStatus();
}

absl::Status Daemon::StartUseCases() {
  store::GroupCommit::Options options;
  options.max_queue = config_.queued_writes;
  options.on_fault = [this](const absl::Status& fault) { ending_.End(fault); };
  options.on_full = [this](const absl::Status& full) {
    GiveReserve(full);
    NoteWrite(full);
  };
  options.read_only = starts_full_;
  store::Connection& writer = database_->writer();
  PARC_ASSIGN(posture::Policy policy, fleet::OpenPolicy(writer, PARC_VERSION, started_));
  log_->info("policy.in_force version={} checks={}", policy.version, policy.checks.size());
  policy_ = std::make_unique<posture::PolicyInForce>(std::move(policy), config_.stale_after);
  row_changes_ = std::make_unique<store::RowChanges>(writer);
  commits_ = std::make_unique<store::GroupCommit>(writer, std::move(options));
  enrolment_ = std::make_unique<access::Enrolment>(*commits_, *device_changes_);
  intake_ = std::make_unique<checkin::Intake>(
      *commits_, writer, *device_changes_, *policy_,
      checkin::Pacing{.interval = config_.checkin_interval, .least = config_.checkin_least}, Now);
  changes_ = std::make_unique<fleet::Changes>(*commits_, writer, RevokeBy(*device_changes_), Now);
  PARC_TRY(MakeAlertSinks());
  std::ifstream asked(config_.state_dir / kRechecks);
  rechecks_.Restore(std::string(std::istreambuf_iterator<char>(asked), {}), started_);
  PARC_ASSIGN(views_,
              fleet::Views::Open(database_->file(), config_.reader_threads, row_changes_.get()));
  return absl::OkStatus();
}

// The ports are bound now, so that their numbers are known; connections wait until StartServing.
absl::Status Daemon::OpenListeners() {
  using rpc::Acceptor;
  auto& loop = loop_.context();
  const auto open = [&](std::string_view key, const rpc::ListenAddress& address,
                        const rpc::AcceptLimits& limits, auto take,
                        std::unique_ptr<Acceptor>& acceptor) -> absl::Status {
    auto opened = Acceptor::Open(loop, address, limits, std::move(take));
    if (!opened.ok()) {
      return Refuse(opened.status().code(), ReasonOf(opened.status()),
                    fmt::format("{} (listen.{}, or --listen-{})",
                                std::string(opened.status().message()), key, key));
    }
    acceptor = *std::move(opened);
    return absl::OkStatus();
  };
  PARC_TRY(open(
      "agent", config_.agent, config_.agent_limits,
      [this](int fd, int from) { agent_server_->Accept(fd, from); }, agent_acceptor_));
  if (config_.gateway) {
    PARC_TRY(open(
        "gateway", *config_.gateway, config_.gateway_limits,
        [this](int fd, int) { gateway_->Accept(fd); }, gateway_acceptor_));
  }
  PARC_TRY(open(
      "people", config_.people, config_.people_limits,
      [this](int fd, int from) { people_server_->Accept(fd, from); }, people_acceptor_));
  return open(
      "metrics", config_.metrics, {.total = 32}, [this](int fd, int) { operators_->Accept(fd); },
      metrics_acceptor_);
}

std::string Daemon::EndpointOf(const std::string& given, std::uint16_t port) const {
  if (!given.empty()) return given;
  return fmt::format("{}:{}", config_.host_names.empty() ? "localhost" : config_.host_names.front(),
                     port);
}

void Daemon::MakeHttpPorts() {
  gateway::EnrolmentPortParts enrol;
  enrol.submit = [this](access::EnrolCall call, const std::string& source, std::int64_t now,
                        auto done) {
    return enrolment_->SubmitEnrol(std::move(call), source, now, std::move(done));
  };
  enrol.now = Now;
  enrol.agent_endpoint = EndpointOf(config_.agent_endpoint, agent_acceptor_->port());
  enrol.log = log_;
  enrol.count = [this](std::string_view method, std::string_view code, std::int64_t micros) {
    counters_.Count(method, StatusOfName(code), micros);
  };
  gateway_ = std::make_unique<gateway::Sessions>(loop_.context(), gateway::SessionLimits{},
                                                 gateway::EnrolmentPort(std::move(enrol)),
                                                 gateway::RefuseRequest);
  operators_ = std::make_unique<gateway::Sessions>(
      loop_.context(), gateway::SessionLimits{},
      gateway::OperatorPort({.ready = [this] { return health_.Ready(Now()); },
                             .metrics = [this] { return Metrics(); }}),
      PlainRefusal);
}

absl::Status Daemon::StartServers() {
  PARC_TRY(InstallCertificate());
  PARC_TRY(root_.Write(ca_->root_pem()));
  const rpc::TlsFiles tls{tls_.served(), tls_.served(), root_.path()};
  const rpc::Context context{.now = Now, .zone = config_.zone, .log = log_, .counters = &counters_};
  const std::int64_t quick = std::max(kQuickInterval, config_.checkin_least);
  PARC_ASSIGN(agent_server_, rpc::StartAgentServer(context,
                                                   {.certificates = peers_.get(),
                                                    .devices = devices_.get(),
                                                    .intake = intake_.get(),
                                                    .enrolment = enrolment_.get(),
                                                    .policy = policy_.get(),
                                                    .rechecks = &rechecks_,
                                                    .quick_interval = quick},
                                                   tls));
  const std::string enrolment =
      EndpointOf(config_.enrolment_endpoint, gateway_acceptor_ ? gateway_acceptor_->port() : 0);
  const std::size_t colon = enrolment.rfind(':');
  rpc::PeopleParts people;
  people.views = views_.get();
  people.changes = changes_.get();
  people.tokens = tokens_.get();
  people.token_changes = token_changes_.get();
  people.device_changes = device_changes_.get();
  people.ca = ca_.get();
  people.policy = policy_.get();
  people.rechecks = &rechecks_;
  people.checkin_interval = config_.checkin_interval;
  people.quick_interval = quick;
  people.watches = &watches_;
  people.judge_again = [this] { Rejudge(); };
  PARC_ASSIGN(people.page_key,
              EnsurePageKey(config_.state_dir / "page.key", access::SystemRandomBytes()));
  people.enrolment_host = enrolment.substr(0, colon);
  people.enrolment_port = static_cast<std::uint16_t>(std::stoi(enrolment.substr(colon + 1)));
  people.backup_directory = config_.state_dir / "backups";
  people.backup = [this](const std::filesystem::path& file) { return Backup(file); };
  PARC_ASSIGN(people_server_, rpc::StartPeopleServer(context, people, tls));
  return absl::OkStatus();
}

absl::Status Daemon::StartServing() {
  loop_.Run([this] {
    agent_acceptor_->Start();
    if (gateway_acceptor_) gateway_acceptor_->Start();
    people_acceptor_->Start();
    metrics_acceptor_->Start();
    WatchSignals();
  });
  // No more than a listener that answers is called serving.
  PARC_TRY(CheckSelf());
  ProbeDatabase();
  PARC_ASSIGN(control_, ControlServer::Start(config_.state_dir,
                                             [this](const auto& verb, const auto& argument) {
                                               return RunCommand(verb, argument);
                                             }));
  PARC_TRY(WritePorts());
  CountFleet();
  chores_ = std::make_unique<Chores>("parc-chores", MakeChores());
  backups_ = std::make_unique<Chores>(
      "parc-backup",
      std::vector<Chores::Chore>{{std::chrono::minutes(1), [this] { BackUpDaily(); }}});
  return absl::OkStatus();
}

void Daemon::WatchSignals() {
  signals_ = std::make_unique<Signals>(loop_.context());
  signals_->set.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    log_->info("daemon.stopping signal={}", signal);
    ending_.End(absl::OkStatus());
  });
}

absl::Status Daemon::WritePorts() const {
  std::string text = fmt::format("agent = {}\n", agent_acceptor_->port());
  if (gateway_acceptor_) text += fmt::format("gateway = {}\n", gateway_acceptor_->port());
  text += fmt::format("people = {}\nmetrics = {}\n", people_acceptor_->port(),
                      metrics_acceptor_->port());
  return WriteDurably(config_.state_dir / "ports.toml", text, 0600);
}

void Daemon::PrintFirstSteps() const {
  const std::string state = config_.state_dir.string();
  std::error_code error;
  const bool trial = std::filesystem::exists(config_.ca_directory / "root.key", error);
  if (trial) {
    log_->warn("ca.trial directory={} note=a CA whose root key lies on the server is for trials",
               config_.ca_directory.string());
  }
  if (!login_waits_) return;
  if (trial && !config_.ca_is_given) {
    fmt::print(
        "Parc made a certificate authority in {}.\nIts root key lies on this machine, which is "
        "good for a trial and for nothing else.\n\n",
        config_.ca_directory.string());
  }
  fmt::print(
      "The first login, once:\n\n  parc login --server localhost:{} --ca {}/root.pem "
      "--token-file {}/login.token\n\n",
      people_acceptor_->port(), config_.ca_directory.string(), state);
  std::fflush(stdout);
}

absl::StatusOr<std::int64_t> Daemon::Backup(const std::filesystem::path& file) {
  // A connection of its own: the writer goes on meanwhile.
  PARC_ASSIGN(const auto reader,
              store::Connection::Open(database_->file(), store::Connection::Mode::kReader));
  PARC_ASSIGN(const std::int64_t bytes, store::Backup(*reader, file));
  log_->info("backup.written file={} bytes={}", file.string(), bytes);
  return bytes;
}

absl::StatusOr<std::string> Daemon::RunCommand(const std::string& verb,
                                               const std::string& argument) {
  if (verb == "backup") {
    PARC_ASSIGN(const std::int64_t bytes, Backup(argument));
    return fmt::format("{} bytes in {}, checked.", bytes, argument);
  }
  if (verb == "check") {
    PARC_ASSIGN(const auto reader,
                store::Connection::Open(database_->file(), store::Connection::Mode::kReader));
    PARC_TRY(store::CheckIntegrity(*reader));
    return "The database is sound.";
  }
  return absl::UnimplementedError("there is no such command");
}

void Daemon::Stop() {
  if (stopped_) return;
  stopped_ = true;
  NotifyStopping();
  chores_.reset();
  control_.reset();
  watches_.Stop();
  loop_.Run([this] {
    for (const auto& acceptor :
         {&agent_acceptor_, &gateway_acceptor_, &people_acceptor_, &metrics_acceptor_}) {
      if (*acceptor) (*acceptor)->Close();
    }
    if (signals_) signals_->set.cancel();
  });
  std::thread agents_end([this] {
    if (agent_server_) agent_server_->Shutdown(kCallGrace);
  });
  if (people_server_) people_server_->Shutdown(kCallGrace);
  agents_end.join();
  if (commits_) commits_->Stop();
  KeepRechecks();
  // What the last batch answered is on its way out.
  const auto end = std::chrono::steady_clock::now() + kAnswerGrace;
  std::size_t open = gateway_ ? 1 : 0;
  while (open > 0 && std::chrono::steady_clock::now() < end) {
    loop_.Run([&] { open = gateway_->open(); });
    if (open > 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  loop_.Stop();
  if (views_) views_->Stop();
  backups_.reset();  // a copy under way may take its time: all else is safe by now
}

}  // namespace parc::app
