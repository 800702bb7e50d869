#include "agent/app/session.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "agent/app/log.h"
#include "agent/app/system.h"
#include "agent/channel/grpc_channel.h"
#include "agent/collector/client.h"
#include "agent/files/sealed.h"
#include "agent/gateways/portal.h"
#include "agent/identity/diagnose.h"
#include "agent/identity/enrol.h"
#include "agent/identity/support_code.h"
#include "agent/net/bus.h"
#include "agent/probes/probes.h"
#include "agent/report/collect.h"
#include "agent/version.h"
#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::chrono::seconds kCallPatience{30};
constexpr std::chrono::seconds kEnrolPatience{30};
constexpr char kFactsSocket[] = "/run/parc-collect/facts.sock";
constexpr char kGatewaysSocket[] = "/run/parc-collect/gateways.sock";
constexpr std::chrono::seconds kUpdatesPatience{60};
constexpr int kLockPatienceMs = 90'000;

// Read while this process may still be root's: serial number and UUID are for root only.
v1::EnrolRequest AboutMachine(const Root& root) {
  v1::EnrolRequest about;
  Notes notes;
  const World world{root, {}, {}, {}, {}};
  if (const auto hardware = ProbeHardware(world, notes)) {
    about.set_serial(hardware->serial());
    about.set_uuid(hardware->uuid());
    about.set_manufacturer(hardware->manufacturer());
    about.set_model(hardware->model());
  }
  about.set_agent_version(kVersion);
  return about;
}

// Never fails: what went wrong is in the log, and what is remembered counts. Has its own root,
// since it may be left behind.
PackageAnswer AnswerOfPackages(const std::filesystem::path& root_path,
                               const std::vector<std::string>& tools,
                               const std::filesystem::path& file, Deadline deadline,
                               WhenLate when_late) {
  const Root root(root_path);
  World world = SystemWorld(root);
  world.tools = tools;
  const absl::Status asked = AskPackageManager(world, Now(), file, deadline, when_late);
  if (!asked.ok() && !absl::IsNotFound(asked)) {
    Log(LogLevel::kInfo, fmt::format("updates.failed why=\"{}\"", std::string(asked.message())));
  }
  UpdatesMemory remembered = RememberedUpdates(file);
  return {remembered.updates, std::move(remembered.rpm_packages), absl::IsDeadlineExceeded(asked)};
}

}  // namespace

Session::Session(const Request& request, Config config)
    : config_(std::move(config)),
      paths_{request.state},
      root_(config_.root),
      identities_(paths_.identity()),
      about_(AboutMachine(root_)) {}

absl::StatusOr<Session> Session::Open(const Request& request, bool locked) {
  PARC_ASSIGN(Config config, ReadConfig(request.config));
  SetLogLevel(ToLogLevel(config.log_level));
  Session session(request, std::move(config));
  if (auto status = session.root_.Check(); !status.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: root: {}", request.config.string(), std::string(status.message())));
  }
  PARC_TRY(EnterStateDirectory(request.state));
  if (locked) {
    PARC_ASSIGN(FileLock lock, FileLock::Take(session.paths_.lock(), kLockPatienceMs));
    session.lock_.emplace(std::move(lock));
  }
  return session;
}

v1::Facts Session::Facts() { return Collect(false); }

v1::Facts Session::Collect(bool ask_packages) {
  World world = SystemWorld(root_);
  world.tools = config_.tools;
  UpdatesMemory remembered = RememberedUpdates(paths_.updates());
  world.updates = remembered.updates;
  world.rpm_packages = std::move(remembered.rpm_packages);
  world.not_before = kBuilt * kMicros;
  if (const auto own = identities_.Current(); own.ok()) {
    world.own_certificate = OwnCertificate{own->not_after, own->renew_at};
  }
  Sources sources;
  if (config_.portal_test) {
    sources.portal = [test = *config_.portal_test](Deadline deadline) {
      return AskForPortal(test, Resolve, deadline);
    };
  }
  if (ask_packages) {
    sources.packages = [root = root_.path(), tools = config_.tools,
                        file = paths_.updates()](Deadline deadline) {
      return AnswerOfPackages(root, tools, file, deadline, WhenLate::kDueAgain);
    };
  } else if (std::error_code unknown;
             remembered.checked == 0 && std::filesystem::exists(paths_.updates(), unknown)) {
    // The first question is still open: no other report waits for it.
    sources.packages = [answer = PackageAnswer{world.updates, world.rpm_packages, true}](Deadline) {
      return answer;
    };
  }
  std::int64_t probe_period = kProbePeriod;
  std::vector<v1::ApplicationTarget> applications;
  if (const auto answer = ReadAnswer()) {
    if (answer->has_server_time()) {
      world.not_before = std::max(world.not_before, answer->server_time().seconds() * kMicros);
    }
    applications.assign(answer->applications().begin(), answer->applications().end());
    if (answer->has_gateway_probe_period()) {
      constexpr std::int64_t kMost = 86'400;
      probe_period =
          std::clamp<std::int64_t>(answer->gateway_probe_period().seconds(), 0, kMost) * kMicros;
    }
  }
  GatewayQuestions questions;
  questions.configured = config_.gateways;
  questions.memory = paths_.gateways();
  questions.options.random = SystemRandomBytes();
  questions.options.now = Now();
  questions.options.period = probe_period;
  questions.applications = std::move(applications);
  questions.applications_memory = paths_.applications();
  // A tree that is not this system has neither services nor a collector.
  if (root_.path() == "/") {
    sources.bus = [](Deadline) { return AskSystemBus(); };
    sources.root = [](Deadline deadline) { return ReadCollector(kFactsSocket, deadline); };
    sources.keyed = [](Deadline deadline) { return ReadCollector(kGatewaysSocket, deadline); };
  }
  return CollectFacts(world, questions, sources);
}

absl::StatusOr<v1::CheckInResponse> Session::MakeContact() {
  const std::int64_t now = Now();
  std::error_code unknown;
  const v1::Facts facts = Collect(!std::filesystem::exists(paths_.updates(), unknown));
  PARC_ASSIGN(Outbox outbox, Outbox::Open(paths_.outbox(), now));
  PARC_ASSIGN(Reporter reporter, MakeReporter(outbox));
  PARC_TRY(reporter.Keep(facts));
  auto answer = reporter.Send();
  if (answer.ok()) {
    KeepHeldLists(ReadAnswer(), *answer);
    PARC_TRY(WriteDurably(paths_.answer(), Seal(answer->SerializeAsString())));
    if (const auto renewed = reporter.Renew(false); !renewed.ok()) {
      Log(LogLevel::kWarn, fmt::format("renew.failed why=\"{}\"", std::string(renewed.message())));
    }
  }
  return answer;
}

bool Session::UpdatesAreDue() const {
  return agent::UpdatesAreDue(RememberedUpdates(paths_.updates()), Now());
}

void Session::AskForUpdates() {
  lock_.reset();
  AnswerOfPackages(root_.path(), config_.tools, paths_.updates(), Deadline(kUpdatesPatience),
                   WhenLate::kCounts);
}

absl::StatusOr<v1::EnrolResponse> Session::PollEnrolment(const PendingEnrolment& pending) {
  PARC_ASSIGN(const EnrolmentCode code, ParseEnrolmentCode(pending.url));
  PARC_ASSIGN(const EnrolmentAnswer answer,
              SendEnrolment(code, pending.request, config_.proxy, Now(), Deadline(kEnrolPatience)));
  PARC_TRY(TakeEnrolment(identities_, pending, answer));
  if (answer.response.state() == v1::ENROLMENT_STATE_ISSUED) {
    // Another device from now on: what the server acknowledged to the old one is not held for it.
    PARC_TRY(RemoveDurably(paths_.acknowledged()));
    PARC_TRY(RemoveDurably(paths_.contact()));
    PARC_TRY(RemoveDurably(paths_.answer()));
  }
  return answer.response;
}

absl::Status Session::Renew() {
  PARC_ASSIGN(Outbox outbox, Outbox::Open(paths_.outbox(), Now()));
  PARC_ASSIGN(Reporter reporter, MakeReporter(outbox));
  return reporter.Renew(true);
}

absl::Status Session::Diagnose() {
  constexpr std::chrono::seconds kPatience{10};
  const auto current = identities_.Current();
  if (!current.ok()) return absl::OkStatus();
  return DiagnoseServer(*current, config_.proxy, Now(), Deadline(kPatience));
}

absl::StatusOr<Reporter> Session::MakeReporter(Outbox& outbox) {
  Reporter::Options options;
  options.acknowledged = paths_.acknowledged();
  PARC_ASSIGN(options.boot_id, ReadBootId(root_));
  options.agent_version = kVersion;
  options.now = Now();
  if (const auto held = ReadAnswer()) {
    options.applications_digest = held->applications_digest();
    options.problems_digest = held->problems_digest();
  }
  const auto connect = [proxy = config_.proxy](const Identity& identity) {
    return MakeGrpcChannel(identity, proxy, kCallPatience);
  };
  return Reporter(identities_, outbox, connect, std::move(options));
}

Contact Session::ReadContact() const {
  const auto text = ReadWhole(paths_.contact(), 4096);
  return text.ok() ? ParseContact(*text) : Contact();
}

void Session::WriteContact(const Contact& contact) const {
  const absl::Status written = WriteDurably(paths_.contact(), FormatContact(contact));
  if (!written.ok()) {
    Log(LogLevel::kError,
        fmt::format("contact.not_kept why=\"{}\"", std::string(written.message())));
  }
  constexpr mode_t kForEverybody = 0644;
  const absl::Status shown = WriteDurably(paths_.shown(), FormatShown(View()), kForEverybody);
  if (!shown.ok()) {
    Log(LogLevel::kWarn, fmt::format("status.not_shown why=\"{}\"", std::string(shown.message())));
  }
}

StatusView Session::View() const {
  StatusView view;
  const auto current = identities_.Current();
  view.enrolled = current.ok();
  if (current.ok()) {
    view.device_id = current->device_id;
    view.endpoint = current->endpoint;
    view.certificate_end = current->not_after;
    view.key_hash = PublicKeyHash(current->chain_pem);
  } else if (!absl::IsNotFound(current.status())) {
    view.problem = std::string(current.status().message());
  }
  const auto pending = identities_.Pending();
  view.pending = pending.ok();
  if (pending.ok()) view.words = pending->words;
  view.contact = ReadContact();
  view.answer = ReadAnswer();
  return view;
}

std::optional<v1::CheckInResponse> Session::ReadAnswer() const {
  constexpr std::size_t kMaxAnswer = 1024 * 1024;
  const auto sealed = ReadWhole(paths_.answer(), kMaxAnswer);
  const auto bytes = sealed.ok() ? Unseal(*sealed) : absl::StatusOr<std::string>(sealed.status());
  v1::CheckInResponse answer;
  if (!bytes.ok() || !answer.ParseFromString(*bytes)) return std::nullopt;
  return answer;
}

}  // namespace parc::agent
