#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/access/ca.h"
#include "daemon/access/device_changes.h"
#include "daemon/access/devices.h"
#include "daemon/access/enrolment.h"
#include "daemon/access/peer_certificate.h"
#include "daemon/checkin/intake.h"
#include "daemon/fleet/changes.h"
#include "daemon/posture/in_force.h"
#include "daemon/store/database.h"
#include "daemon/store/group_commit.h"

namespace parc::simulation {

// What the daemon is made to do wrong, so that the simulation can be seen to notice.
enum class Defect {
  kNone,
  kAnswersBeforeCommit,  // against I1
  kTakesOldKeys,         // against I2
  kForgetsTokenUses,     // against I3
  kForgetsRevocations,   // against I4
  kForgetsRequestIds,    // against I5
  kForgetsOrder,         // against I6
};

// How the daemon dies.
enum class Death {
  kBeforeCommit,   // what is queued is lost
  kFailedCommit,   // the disk refuses the next commit
  kBeforeAnswers,  // what was queued is on disk, and nobody is told
};

template <typename T>
using Reply = std::function<void(absl::StatusOr<T>)>;

// The daemon between its ports and its disk, on the caller's thread: the parts that decide, over a
// real database, and none of the edges. It can die and be started again, as often as a test likes.
class Core {
 public:
  // `state` holds the database. `random` are its dice. All outlive this object.
  Core(std::filesystem::path state, const access::CertificateAuthority& ca,
       access::RandomBytes random, std::function<std::int64_t()> clock, Defect defect);
  ~Core();
  Core(Core&&) = delete;

  void Start();
  void Die(Death death);
  bool is_up() const { return parts_ != nullptr; }

  // Calls, as the edges hand them on. A daemon that is down, or dies, never replies.
  void CheckIn(const std::string& certificate, checkin::Report report,
               Reply<checkin::Answer> reply);
  void Renew(const std::string& certificate, const std::string& csr,
             Reply<access::DeviceCertificate> reply);
  void Enrol(const access::EnrolCall& call, const std::string& source,
             Reply<access::EnrolAnswer> reply);
  // `apply` may use devices().
  void Change(const std::string& request_id, bool urgent, fleet::Changes::Apply apply,
              Reply<std::string> reply);
  access::DeviceChanges& devices() { return *parts_->device_changes; }

  // Judges again what time may have changed.
  void Rejudge();
  // Writes what waits, with one commit. False when nothing waited.
  bool WriteBatch();
  // For the test's own look at what is stored.
  store::Connection& db() { return parts_->database->writer(); }

 private:
  struct Parts {
    std::unique_ptr<store::Database> database;
    std::unique_ptr<access::Devices> known;
    std::unique_ptr<access::PeerCertificates> peers;
    std::unique_ptr<access::DeviceChanges> device_changes;
    std::unique_ptr<store::GroupCommit> commits;
    std::unique_ptr<access::Enrolment> enrolment;
    std::unique_ptr<checkin::Intake> intake;
    std::unique_ptr<fleet::Changes> changes;
  };

  absl::StatusOr<access::DeviceIdentity> Admit(const std::string& certificate);
  // Misbehaves after a commit, for some of the defects.
  void SpoilStored();
  template <typename T>
  Reply<T> WhileAlive(Reply<T> reply);

  const std::filesystem::path state_;
  const access::CertificateAuthority& ca_;
  const access::RandomBytes random_;
  const std::function<std::int64_t()> clock_;
  const Defect defect_;
  const posture::PolicyInForce policy_{posture::DefaultPolicy()};
  std::unique_ptr<Parts> parts_;
  std::shared_ptr<bool> alive_;  // of the present life; a reply of an earlier one is not given
};

}  // namespace parc::simulation
