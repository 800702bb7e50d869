#include <system_error>
#include <utility>

#include "daemon/access/time_units.h"
#include "daemon/app/allocator.h"
#include "daemon/app/clock.h"
#include "daemon/app/daemon.h"
#include "daemon/app/daily_backup.h"
#include "daemon/app/files.h"
#include "daemon/app/metrics_page.h"
#include "daemon/app/notify.h"
#include "daemon/inventory/civil_date.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::app {

namespace {

using std::chrono::milliseconds;

constexpr auto kSelfCheckTimeout = std::chrono::seconds(3);
constexpr milliseconds kSelfCheckInterval{10'000};
constexpr milliseconds kProbeInterval{5'000};
constexpr milliseconds kMinute{60'000};
constexpr milliseconds kSecond{1'000};
constexpr milliseconds kAlertInterval{15'000};
// Judging holds the writer: a large fleet is judged in portions, between which others write.
constexpr int kRejudgedAtOnce = 200;
// In every certificate of the daemon, for its own check and for trials.
constexpr char kOwnName[] = "localhost";

// Where this machine reaches a listener: on any address means on loopback, too.
std::string ReachableFrom(const std::string& listening) {
  if (listening == "0.0.0.0") return "127.0.0.1";
  return listening == "::" ? "::1" : listening;
}

void AddOnce(std::vector<std::string>& list, const std::string& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

// STORAGE_FULL when a batch of writes may find no room.
absl::Status CheckSpace(const std::filesystem::path& directory) {
  constexpr std::uintmax_t kLeast = 1 << 20;
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(directory, error);
  if (error || space.available >= kLeast) return absl::OkStatus();
  return Refuse(absl::StatusCode::kResourceExhausted, "STORAGE_FULL",
                fmt::format("{} bytes are left in {}", space.available, directory.string()));
}

}  // namespace

std::vector<Chores::Chore> Daemon::MakeChores() {
  // Well within the watchdog's time, whatever it is.
  const milliseconds look =
      std::min(kSelfCheckInterval, WatchdogInterval().value_or(kSelfCheckInterval * 3) / 3);
  return {
      {look, [this] { LookAtSelf(); }},
      {kProbeInterval, [this] { ProbeDatabase(); }},
      {kMinute, [this] { Rejudge(); }},
      {kMinute, [this] { CountFleet(); }},
      {kMinute, [this] { RenewCertificate(); }},
      {kSecond, [this] { LookEverySecond(); }},
      {kAlertInterval, [this] { LookForAlerts(); }},
  };
}

absl::Status Daemon::CheckSelf() {
  const std::int64_t now = Now();
  if (self_check_.renew_at <= now) {
    PARC_ASSIGN(self_check_, ca_->IssueSelfCheck(now));
  }
  gateway::SelfCheckTarget target;
  target.server_name = kOwnName;
  target.root_pem = ca_->root_pem();
  if (gateway_acceptor_) {
    target.address = ReachableFrom(config_.gateway->address);
    target.port = gateway_acceptor_->port();
    PARC_TRY(gateway::CheckHttps(target, kSelfCheckTimeout));
  }
  target.address = ReachableFrom(config_.people.address);
  target.port = people_acceptor_->port();
  PARC_TRY(gateway::CheckHealth(target, kSelfCheckTimeout));
  target.address = ReachableFrom(config_.agent.address);
  target.port = agent_acceptor_->port();
  target.chain_pem = self_check_.chain_pem;
  target.key_pem = self_check_.key_pem;
  PARC_TRY(gateway::CheckHealth(target, kSelfCheckTimeout));
  health_.SetListeners(absl::OkStatus());
  return absl::OkStatus();
}

void Daemon::LookAtSelf() {
  LookAtCertificate();
  const absl::Status looked = CheckSelf();
  if (looked.ok()) {
    NotifyWatchdog();
    return;
  }
  health_.SetListeners(looked);
  log_->warn("selfcheck.failed message={}", std::string(looked.message()));
}

absl::Status Daemon::InstallCertificate() {
  std::vector<std::string> names = config_.host_names;
  std::vector<std::string> addresses = config_.addresses;
  AddOnce(names, kOwnName);
  AddOnce(addresses, "127.0.0.1");
  AddOnce(addresses, "::1");
  PARC_ASSIGN(const access::OwnCertificate certificate, ca_->IssueServer(names, addresses, Now()));
  PARC_TRY(tls_.Install(certificate));
  absl::Status used;
  if (gateway_) {
    loop_.Run([&] { used = gateway_->UseTls(certificate.chain_pem, certificate.key_pem); });
  }
  certificate_renews_ = certificate.renew_at;
  certificate_ends_ = certificate.not_after;
  return used;
}

// Files that somebody dropped in are served once they are proved, and made anew when they are bad.
void Daemon::LookAtCertificate() {
  const absl::StatusOr<bool> other = tls_.Refresh();
  if (!other.ok()) {
    log_->warn("tls.damaged file={} cause=\"{}\"", tls_.chain().string(),
               std::string(other.status().message()));
    certificate_renews_ = 0;
    return RenewCertificate();
  }
  if (!*other) return;
  log_->info("tls.taken file={}", tls_.chain().string());
  if (!gateway_) return;
  absl::Status used;
  loop_.Run([&] { used = gateway_->UseTls(tls_.chain_pem(), tls_.key_pem()); });
  if (!used.ok()) log_->warn("tls.not_taken message={}", std::string(used.message()));
}

void Daemon::RenewCertificate() {
  if (Now() < certificate_renews_) return;
  const absl::Status installed = InstallCertificate();
  if (installed.ok()) {
    log_->info("tls.renewed ends={}", inventory::ToIsoTime(certificate_ends_));
  } else {
    log_->warn("tls.not_renewed ends={} message={}", inventory::ToIsoTime(certificate_ends_),
               std::string(installed.message()));
  }
}

// Frees what is held for a full disk; false when nothing was.
bool Daemon::GiveReserve(const absl::Status& full) {
  const std::int64_t bytes = reserve_->Release();
  if (bytes == 0) return false;
  log_->warn("storage.reserve_given bytes={} cause=\"{}\"", bytes, std::string(full.message()));
  return true;
}

// Every write is taken again once the reserve stands.
void Daemon::LookForRoom() {
  const absl::Status room = reserve_->Make();
  if (!commits_->read_only()) return;
  if (!room.ok()) return health_.NoteFailedWrite(room);
  commits_->Resume();
  log_->info("storage.room directory={}", config_.state_dir.string());
}

void Daemon::ProbeDatabase() {
  LookForRoom();
  // When the queue is full, or the daemon ends, the age of the last commit tells.
  commits_
      ->Submit(store::Priority::kChange, 0, store::ProbeWrite,
               [this](const absl::Status& written) { NoteWrite(written); })
      .IgnoreError();
  std::error_code error;
  const auto size_of = [&](const std::string& file) {
    const auto size = std::filesystem::file_size(file, error);
    return error ? std::int64_t{0} : static_cast<std::int64_t>(size);
  };
  const std::string file = database_->file().string();
  health_.SetSizes(size_of(file), size_of(file + "-wal"));
}

void Daemon::NoteWrite(const absl::Status& probed) {
  const std::int64_t now = Now();
  if (probed.ok()) health_.NoteCommit(now);
  // The probe's own write finds room in a log that was long before: what larger ones need is asked
  // for besides.
  const absl::Status written = probed.ok() ? CheckSpace(config_.state_dir) : probed;
  if (written.ok()) return;
  health_.NoteFailedWrite(written);
  if (now - told_of_storage_ < access::kMinute) return;
  told_of_storage_ = now;
  const bool full = ReasonOf(written) == "STORAGE_FULL";
  log_->warn("{} directory={} cause=\"{}\"", full ? "storage.full" : "storage.failed",
             config_.state_dir.string(), std::string(written.message()));
}

void Daemon::Rejudge() {
  if (judging_.exchange(true)) return;  // what goes on takes in what changed meanwhile
  rejudged_ = 0;
  rejudge_began_ = Now();
  RejudgePortion();
}

// One portion after the other: what laptops and people send comes in between.
void Daemon::RejudgePortion() {
  const absl::Status queued = intake_->Rejudge(Now(), kRejudgedAtOnce, [this](const auto& judged) {
    if (judged.ok()) rejudged_ += judged->laptops;
    if (judged.ok() && judged->more) return RejudgePortion();
    if (!judged.ok()) {
      log_->warn("rejudge.failed message={}", std::string(judged.status().message()));
    } else if (rejudged_ > 0) {
      log_->info("rejudge.done laptops={} policy={} millis={}", rejudged_.load(),
                 policy_->Get().version, (Now() - rejudge_began_) / 1000);
    }
    judging_ = false;
  });
  if (queued.ok()) return;
  log_->info("rejudge.put_off message={}", std::string(queued.message()));
  judging_ = false;
}

fleet::ViewContext Daemon::ViewNow() const {
  fleet::ViewContext context;
  context.now = Now();
  context.zone = config_.zone;
  context.today = inventory::DayOf(context.now, config_.zone);
  context.policy = &policy_->Get();
  context.stale_after = context.policy->stale_after;
  return context;
}

void Daemon::LookEverySecond() {
  watches_.Tick(*views_, ViewNow());
  KeepRechecks();
  // A storm takes again at once what it gives back.
  constexpr std::uint64_t kQuiet = 200;
  const std::uint64_t written = commits_->counters().items;
  if (written - std::exchange(written_before_, written) < kQuiet) GiveBackFreeMemory();
}

void Daemon::KeepRechecks() {
  const std::optional<std::string> text = rechecks_.TakeChanged();
  if (!text.has_value()) return;
  const absl::Status kept = WriteDurably(config_.state_dir / kRechecks, *text, 0600);
  if (!kept.ok()) log_->warn("rechecks.not_kept cause=\"{}\"", std::string(kept.message()));
}

absl::Status Daemon::MakeAlertSinks() {
  const AlertsConfig& config = config_.alerts;
  AlertSinkOptions options{.webhook = {},
                           .mail_to = config.mail_to,
                           .mail_from = config.mail_from,
                           .sendmail = config.sendmail,
                           .in_french = config.in_french};
  if (config.webhook.has_value()) {
    options.webhook.emplace();
    options.webhook->url = *config.webhook;
    if (!config.webhook_secret.empty()) {
      PARC_ASSIGN(options.webhook->secret, ReadSecret(config.webhook_secret));
    }
    if (!config.webhook_ca.empty()) {
      PARC_ASSIGN(options.webhook->root_pem, ReadText(config.webhook_ca));
    }
  }
  alerts_ = std::make_unique<AlertSinks>(std::move(options), Now, log_);
  return absl::OkStatus();
}

// The figures on a reader; what begins or is over, on the writer; the telling after the commit.
void Daemon::LookForAlerts() {
  const absl::Status queued = views_->Submit(ViewNow(), [this](absl::StatusOr<fleet::View*> view) {
    if (!view.ok()) return;
    const posture::AlertRules& rules = config_.alerts.rules;
    const absl::StatusOr<posture::AlertFigures> figures = fleet::GatherAlertFigures(**view, rules);
    const absl::StatusOr<bool> change =
        figures.ok() ? fleet::AlertsChange(**view, rules, *figures) : figures.status();
    if (!change.ok()) {
      log_->warn("alerts.not_looked_for cause=\"{}\"", std::string(change.status().message()));
    } else if (*change) {
      KeepAlerts(*figures);
    }
  });
  if (!queued.ok()) log_->debug("alerts.put_off message={}", std::string(queued.message()));
}

void Daemon::KeepAlerts(const posture::AlertFigures& figures) {
  const std::int64_t now = Now();
  fleet::ChangeContext context{.actor = "parcd",
                               .now = now,
                               .today = inventory::DayOf(now, config_.zone),
                               .effective = {},
                               .reason = {}};
  changes_
      ->Submit(
          std::move(context), {.request_id = {}, .method = "keep-alerts", .body_digest = {}},
          [this, figures](fleet::Change& change) -> absl::StatusOr<std::string> {
            PARC_ASSIGN(const std::vector<fleet::ToldAlert> told,
                        fleet::KeepAlerts(change, config_.alerts.rules, figures));
            change.AfterCommit([this, told] {
              for (const fleet::ToldAlert& one : told) alerts_->Tell(one);
            });
            return std::string();
          },
          [](const absl::StatusOr<std::string>&) {})
      .IgnoreError();  // the next look finds the same
}

void Daemon::CountFleet() {
  const absl::Status queued = views_->Submit(ViewNow(), [this](absl::StatusOr<fleet::View*> view) {
    if (!view.ok()) return;
    const absl::StatusOr<fleet::Status> status = (*view)->GetStatus("", {});
    if (status.ok()) health_.SetFleet(status->by_state, status->by_verdict);
  });
  if (!queued.ok()) log_->debug("fleet.not_counted message={}", std::string(queued.message()));
}

// Tried once a day: a disk that is too small for a copy today is so a minute later.
void Daemon::BackUpDaily() {
  const inventory::CivilDate today = inventory::DayOf(Now(), config_.zone);
  if (config_.backup_keep_days == 0 || backed_up_ == today) return;
  backed_up_ = today;
  const std::filesystem::path directory = config_.state_dir / "backups";
  const std::filesystem::path file = DailyBackupOf(directory, today);
  if (std::error_code error; std::filesystem::exists(file, error)) return;
  const absl::StatusOr<std::int64_t> written = Backup(file);
  if (!written.ok()) {
    log_->warn("backup.failed file={} message={}", file.string(),
               std::string(written.status().message()));
    return;  // and no old one is removed
  }
  RemoveOldBackups(directory, today, config_.backup_keep_days);
}

std::string Daemon::Metrics() {
  MetricsSample sample;
  sample.started = started_;
  sample.commits = commits_->counters();
  sample.queue_load = commits_->Load();
  sample.calls = counters_.Rows();
  sample.active_devices = devices_->active();
  sample.server_certificate_ends = certificate_ends_;
  sample.issuing_ca_ends = ca_->not_after();
  sample.figures = health_.figures();
  sample.ready = health_.Ready(Now()).ok();
  sample.listeners.emplace_back("agent", agent_acceptor_->counters());
  if (gateway_acceptor_) sample.listeners.emplace_back("gateway", gateway_acceptor_->counters());
  sample.listeners.emplace_back("people", people_acceptor_->counters());
  sample.listeners.emplace_back("metrics", metrics_acceptor_->counters());
  return MetricsPage(sample);
}

}  // namespace parc::app
