#include "agent/app/session.h"

#include <algorithm>
#include <chrono>

#include "agent/app/log.h"
#include "agent/app/system.h"
#include "agent/channel/grpc_channel.h"
#include "agent/files/sealed.h"
#include "agent/identity/enrol.h"
#include "agent/outbox/outbox.h"
#include "agent/probes/probes.h"
#include "agent/report/collect.h"
#include "agent/report/reporter.h"
#include "agent/version.h"
#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::chrono::seconds kCallPatience{30};
constexpr std::chrono::seconds kEnrolPatience{30};
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

v1::Facts Session::Facts(bool ask) {
  World world = SystemWorld(root_);
  world.updates = RememberedUpdates(paths_.updates());
  GatewayQuestions questions;
  questions.configured = config_.gateways;
  questions.memory = paths_.gateways();
  questions.options.random = SystemRandomBytes();
  questions.options.now = Now();
  questions.ask = ask;
  return CollectFacts(world, questions);
}

absl::StatusOr<v1::CheckInResponse> Session::MakeContact() {
  const std::int64_t now = Now();
  auto ask_apt = [&] {
    const auto updates = AskApt(root_, now);
    const absl::Status kept =
        updates.ok() ? RememberUpdates(paths_.updates(), *updates) : updates.status();
    if (!kept.ok() && !absl::IsNotFound(kept)) {
      Log(LogLevel::kInfo, fmt::format("updates.failed why=\"{}\"", std::string(kept.message())));
    }
  };
  const auto remembered = RememberedUpdates(paths_.updates());
  // The very first report waits for apt, so that it is complete; later ones do not.
  if (!remembered) ask_apt();
  PARC_ASSIGN(Outbox outbox, Outbox::Open(paths_.outbox(), now));
  Reporter::Options options;
  options.acknowledged = paths_.acknowledged();
  PARC_ASSIGN(options.boot_id, ReadBootId(root_));
  options.agent_version = kVersion;
  options.now = now;
  Reporter reporter(
      identities_, outbox,
      [&](const Identity& identity) {
        return MakeGrpcChannel(identity, config_.proxy, kCallPatience);
      },
      options);
  PARC_TRY(reporter.Keep(Facts(true)));
  auto answer = reporter.Send();
  if (answer.ok()) {
    PARC_TRY(WriteDurably(paths_.answer(), Seal(answer->SerializeAsString())));
    if (const auto renewed = reporter.Renew(false); !renewed.ok()) {
      Log(LogLevel::kWarn, fmt::format("renew.failed why=\"{}\"", std::string(renewed.message())));
    }
  }
  if (remembered && UpdatesAreDue(remembered, now)) ask_apt();
  return answer;
}

absl::StatusOr<v1::EnrolResponse> Session::PollEnrolment(const PendingEnrolment& pending) {
  PARC_ASSIGN(const EnrolmentCode code, ParseEnrolmentCode(pending.url));
  auto answer =
      SendEnrolment(code, pending.request, config_.proxy, Now(), Deadline(kEnrolPatience));
  if (!answer.ok()) {
    // The server knows this request and will never take it.
    const bool final = absl::IsInvalidArgument(answer.status()) ||
                       absl::IsAlreadyExists(answer.status()) ||
                       absl::IsPermissionDenied(answer.status());
    if (final) PARC_TRY(identities_.DropPending());
    return answer.status();
  }
  PARC_TRY(TakeEnrolment(identities_, pending, *answer));
  if (answer->response.state() == v1::ENROLMENT_STATE_ISSUED) {
    // Another device from now on: what the server acknowledged to the old one is not held for it.
    PARC_TRY(RemoveDurably(paths_.acknowledged()));
    PARC_TRY(RemoveDurably(paths_.contact()));
    PARC_TRY(RemoveDurably(paths_.answer()));
  }
  return answer->response;
}

absl::Status Session::Renew() {
  const std::int64_t now = Now();
  PARC_ASSIGN(Outbox outbox, Outbox::Open(paths_.outbox(), now));
  Reporter::Options options;
  options.acknowledged = paths_.acknowledged();
  options.now = now;
  Reporter reporter(
      identities_, outbox,
      [&](const Identity& identity) {
        return MakeGrpcChannel(identity, config_.proxy, kCallPatience);
      },
      options);
  return reporter.Renew(true);
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
