#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/api_tokens.h"
#include "daemon/access/ca.h"
#include "daemon/access/device_changes.h"
#include "daemon/access/devices.h"
#include "daemon/access/enrolment.h"
#include "daemon/access/peer_certificate.h"
#include "daemon/app/alert_sinks.h"
#include "daemon/app/chores.h"
#include "daemon/app/config.h"
#include "daemon/app/control.h"
#include "daemon/app/ending.h"
#include "daemon/app/health.h"
#include "daemon/app/loop.h"
#include "daemon/app/tls_files.h"
#include "daemon/checkin/intake.h"
#include "daemon/checkin/rechecks.h"
#include "daemon/fleet/changes.h"
#include "daemon/fleet/views.h"
#include "daemon/gateway/self_check.h"
#include "daemon/gateway/session.h"
#include "daemon/inventory/civil_date.h"
#include "daemon/posture/in_force.h"
#include "daemon/rpc/acceptor.h"
#include "daemon/rpc/call_counters.h"
#include "daemon/rpc/server.h"
#include "daemon/rpc/watches.h"
#include "daemon/store/database.h"
#include "daemon/store/group_commit.h"
#include "daemon/store/reserve.h"
#include "daemon/store/row_changes.h"
#include "spdlog/logger.h"

namespace parc::app {

// The composition root: the daemon's parts, declared in the order in which they start. They stop in
// the reverse order, but for the writer, which drains its queue between the servers and the rest.
class Daemon {
 public:
  Daemon(Config config, std::shared_ptr<spdlog::logger> log);
  ~Daemon();
  Daemon(Daemon&&) = delete;

  // Serves when this answers OK. Otherwise nothing runs any more after destruction.
  absl::Status Start();
  // Returns when the daemon was told to end (OK) or cannot go on.
  absl::Status WaitForEnd() { return ending_.Wait(); }
  // Takes no more connections, answers what is under way, writes what is queued, and closes the
  // database.
  void Stop();

 private:
  // In daemon.cpp: the parts, in start order.
  absl::Status OpenStorage();
  absl::Status OpenAccess();
  absl::Status StartUseCases();
  absl::Status OpenListeners();
  void MakeHttpPorts();
  absl::Status StartServers();
  absl::Status StartServing();
  void WatchSignals();
  std::string EndpointOf(const std::string& given, std::uint16_t port) const;
  absl::Status WritePorts() const;
  void PrintFirstSteps() const;
  absl::StatusOr<std::string> RunCommand(const std::string& verb, const std::string& argument);
  absl::StatusOr<std::int64_t> Backup(const std::filesystem::path& file);

  // In daemon_chores.cpp: what is done again and again.
  std::vector<Chores::Chore> MakeChores();
  absl::Status CheckSelf();
  void LookAtSelf();
  absl::Status InstallCertificate();
  void LookAtCertificate();
  void RenewCertificate();
  void ProbeDatabase();
  bool GiveReserve(const absl::Status& full);
  void LookForRoom();
  void NoteWrite(const absl::Status& probed);
  void Rejudge();
  void RejudgePortion();
  fleet::ViewContext ViewNow() const;
  void CountFleet();
  void LookEverySecond();
  // To a file, so that the next start knows them; a crash may lose those of the last second.
  void KeepRechecks();
  void LookForAlerts();
  void KeepAlerts(const posture::AlertFigures& figures);
  absl::Status MakeAlertSinks();
  void BackUpDaily();
  std::string Metrics();

  Config config_;
  const std::shared_ptr<spdlog::logger> log_;
  const std::int64_t started_;
  Ending ending_;
  Health health_;
  rpc::CallCounters counters_;
  Loop loop_;
  std::int64_t told_of_storage_ = 0;  // commit thread: when the log last told of a failed write

  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Reserve> reserve_;
  bool starts_full_ = false;  // the disk was full already: only what is urgent is written
  std::unique_ptr<access::CertificateAuthority> ca_;
  bool login_waits_ = false;  // nobody has logged in yet: the start says how
  std::unique_ptr<access::PeerCertificates> peers_;
  std::unique_ptr<access::Devices> devices_;
  std::unique_ptr<access::ApiTokens> tokens_;
  std::unique_ptr<access::DeviceChanges> device_changes_;
  std::unique_ptr<access::ApiTokenChanges> token_changes_;
  TlsStore tls_;
  MemoryFile root_;  // what clients' certificates must lead to, for gRPC
  std::atomic<std::int64_t> certificate_renews_{0};
  std::atomic<std::int64_t> certificate_ends_{0};

  std::unique_ptr<posture::PolicyInForce> policy_;
  std::atomic<bool> judging_{false};  // portions of laptops are being judged again
  std::atomic<std::int64_t> rejudged_{0};
  std::atomic<std::int64_t> rejudge_began_{0};
  std::unique_ptr<store::RowChanges> row_changes_;
  std::unique_ptr<store::GroupCommit> commits_;
  std::unique_ptr<access::Enrolment> enrolment_;
  std::unique_ptr<checkin::Intake> intake_;
  std::unique_ptr<fleet::Changes> changes_;
  std::unique_ptr<fleet::Views> views_;
  static constexpr char kRechecks[] = "rechecks";
  checkin::Rechecks rechecks_;
  rpc::Watches watches_;
  std::unique_ptr<AlertSinks> alerts_;

  std::unique_ptr<gateway::Sessions> gateway_;
  std::unique_ptr<gateway::Sessions> operators_;
  std::unique_ptr<rpc::Acceptor> agent_acceptor_;
  std::unique_ptr<rpc::Acceptor> gateway_acceptor_;  // null: switched off
  std::unique_ptr<rpc::Acceptor> people_acceptor_;
  std::unique_ptr<rpc::Acceptor> metrics_acceptor_;
  std::unique_ptr<rpc::Server> agent_server_;
  std::unique_ptr<rpc::Server> people_server_;

  access::OwnCertificate self_check_;  // parc-chores only, once Start has returned
  std::uint64_t written_before_ = 0;   // parc-chores only: a second ago
  inventory::CivilDate backed_up_;     // parc-backup only: the last day on which it was tried
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<Chores> chores_;
  std::unique_ptr<Chores> backups_;  // apart: a long copy must not starve the watchdog
  struct Signals;
  std::unique_ptr<Signals> signals_;
  bool stopped_ = false;
};

}  // namespace parc::app
