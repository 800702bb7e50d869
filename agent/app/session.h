#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/app/commands.h"
#include "agent/app/config.h"
#include "agent/app/state.h"
#include "agent/files/durable.h"
#include "agent/files/root.h"
#include "agent/identity/store.h"
#include "agent/outbox/outbox.h"
#include "agent/report/reporter.h"
#include "agent/schedule/schedule.h"
#include "agent/status/status.h"
#include "parc/v1/agent.pb.h"
#include "parc/v1/enrolment.pb.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

// The parts of one run, put together: configuration, state directory, the machine.
class Session {
 public:
  // INVALID_ARGUMENT for a configuration that is not understood. `locked` waits for another run to
  // end.
  static absl::StatusOr<Session> Open(const Request& request, bool locked);

  const Config& config() const { return config_; }
  const StatePaths& paths() const { return paths_; }
  IdentityStore& identities() { return identities_; }

  // Facts as a report would hold them, within ten seconds.
  v1::Facts Facts();
  // One contact: collects, keeps, sends and renews. A laptop that never asked its package manager
  // does so meanwhile, so that the first report is complete where that takes no longer.
  absl::StatusOr<v1::CheckInResponse> MakeContact();
  // Whether it is time to ask the package manager for the reports that follow.
  bool UpdatesAreDue() const;
  // Asks it, for at most a minute, whether or not it is time. Lets the next run in first.
  void AskForUpdates();
  // Sends the pending enrolment once and takes the answer.
  absl::StatusOr<v1::EnrolResponse> PollEnrolment(const PendingEnrolment& pending);
  absl::Status Renew();
  // Why no call got through; OK when that cannot be told.
  absl::Status Diagnose();

  Contact ReadContact() const;
  void WriteContact(const Contact& contact) const;
  std::optional<v1::CheckInResponse> ReadAnswer() const;
  // What status tells, but for the day's support code and `now`.
  StatusView View() const;
  // Identity of the machine as root may read it; taken before root is given up.
  const v1::EnrolRequest& about() const { return about_; }

 private:
  Session(const Request& request, Config config);
  v1::Facts Collect(bool ask_packages);
  absl::StatusOr<Reporter> MakeReporter(Outbox& outbox);

  Config config_;
  StatePaths paths_;
  Root root_;
  IdentityStore identities_;
  v1::EnrolRequest about_;
  std::optional<FileLock> lock_;
};

}  // namespace parc::agent
