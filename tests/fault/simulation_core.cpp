#include "tests/fault/simulation_core.h"

#include <catch2/catch.hpp>
#include <utility>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/device_store.h"
#include "fmt/format.h"

namespace parc::simulation {

namespace {

fleet::RevokeDevices RevokeBy(access::DeviceChanges& devices) {
  return [&devices](store::Connection&, std::int64_t laptop, std::string_view reason,
                    std::int64_t now) -> absl::StatusOr<std::function<void()>> {
    access::Effect effect;
    PARC_TRY(devices.RevokeDevicesOf(laptop, reason, now, effect));
    return effect;
  };
}

template <typename T>
T Must(absl::StatusOr<T> value) {
  INFO(value.status());
  REQUIRE(value.ok());
  return *std::move(value);
}

}  // namespace

Core::Core(std::filesystem::path state, const access::CertificateAuthority& ca,
           access::RandomBytes random, std::function<std::int64_t()> clock, Defect defect)
    : state_(std::move(state)),
      ca_(ca),
      random_(std::move(random)),
      clock_(std::move(clock)),
      defect_(defect) {}

Core::~Core() {
  if (parts_) Die(Death::kBeforeCommit);
}

void Core::Start() {
  auto parts = std::make_unique<Parts>();
  parts->database = Must(store::Database::Open(state_));
  store::Connection& writer = parts->database->writer();
  // A process that dies loses nothing that it wrote; power cuts are another test's.
  REQUIRE(writer.Execute("PRAGMA synchronous = OFF").ok());
  parts->known = Must(access::Devices::Load(writer));
  parts->peers = std::make_unique<access::PeerCertificates>(
      Must(access::PeerCertificates::Make(ca_.issuers(), ca_.trust_domain())));
  parts->device_changes =
      std::make_unique<access::DeviceChanges>(writer, *parts->known, ca_, random_);
  store::GroupCommit::Options options;
  options.own_thread = false;
  parts->commits = std::make_unique<store::GroupCommit>(writer, std::move(options));
  parts->enrolment = std::make_unique<access::Enrolment>(*parts->commits, *parts->device_changes);
  parts->intake = std::make_unique<checkin::Intake>(*parts->commits, writer, *parts->device_changes,
                                                    policy_, checkin::Pacing{.burst = 100}, clock_);
  parts->changes = std::make_unique<fleet::Changes>(*parts->commits, writer,
                                                    RevokeBy(*parts->device_changes), clock_);
  parts_ = std::move(parts);
  alive_ = std::make_shared<bool>(true);
}

void Core::Die(Death death) {
  if (death != Death::kFailedCommit) *alive_ = false;
  if (death == Death::kFailedCommit) {
    parts_->commits->FailNextCommit(
        Refuse(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "I/O"));
  }
  if (death != Death::kBeforeCommit) parts_->commits->WriteBatch();
  *alive_ = false;
  Parts& parts = *parts_;
  parts.changes.reset();
  parts.intake.reset();
  parts.enrolment.reset();
  parts.commits.reset();
  parts.device_changes.reset();
  parts.database.reset();
  parts_.reset();
}

template <typename T>
Reply<T> Core::WhileAlive(Reply<T> reply) {
  return [alive = alive_, reply = std::move(reply)](absl::StatusOr<T> answer) {
    if (*alive) reply(std::move(answer));
  };
}

absl::StatusOr<access::DeviceIdentity> Core::Admit(const std::string& certificate) {
  PARC_ASSIGN(const access::PeerCertificate peer, parts_->peers->Read(certificate));
  absl::StatusOr<access::DeviceIdentity> device = parts_->known->Admit(peer, clock_());
  if (defect_ == Defect::kTakesOldKeys && ReasonOf(device.status()) == "CERT_SUPERSEDED") {
    const auto entry = parts_->known->Find(peer.device_id);
    return access::DeviceIdentity{.id = peer.device_id,
                                  .row = entry->row,
                                  .laptop = entry->laptop,
                                  .serial = entry->current_serial};
  }
  return device;
}

void Core::CheckIn(const std::string& certificate, checkin::Report report,
                   Reply<checkin::Answer> reply) {
  if (!is_up()) return;
  const auto device = Admit(certificate);
  if (!device.ok()) return reply(device.status());
  if (defect_ == Defect::kForgetsOrder) {
    REQUIRE(db().Execute(fmt::format("UPDATE contacts SET report_seq = 0 WHERE laptop = {0};"
                                     "UPDATE facts SET boot_id = '' WHERE laptop = {0};"
                                     "DELETE FROM contact_log WHERE laptop = {0}",
                                     device->laptop))
                .ok());
  }
  const bool early = defect_ == Defect::kAnswersBeforeCommit;
  const absl::Status queued = parts_->intake->Submit(
      *device, std::move(report), clock_(),
      early ? Reply<checkin::Answer>([](const absl::StatusOr<checkin::Answer>&) {})
            : WhileAlive(reply));
  if (!queued.ok()) return reply(queued);
  if (early) {
    checkin::Answer answer;
    answer.next_contact = checkin::NextContact({}, device->id, 0);
    reply(answer);
  }
}

void Core::Renew(const std::string& certificate, const std::string& csr,
                 Reply<access::DeviceCertificate> reply) {
  if (!is_up()) return;
  const auto device = Admit(certificate);
  if (!device.ok()) return reply(device.status());
  const absl::Status queued =
      parts_->enrolment->SubmitRenew(*device, csr, clock_(), WhileAlive(reply));
  if (!queued.ok()) reply(queued);
}

void Core::Enrol(const access::EnrolCall& call, const std::string& source,
                 Reply<access::EnrolAnswer> reply) {
  if (!is_up()) return;
  const absl::Status queued =
      parts_->enrolment->SubmitEnrol(call, source, clock_(), WhileAlive(reply));
  if (!queued.ok()) reply(queued);
}

void Core::Change(const std::string& request_id, bool urgent, fleet::Changes::Apply apply,
                  Reply<std::string> reply) {
  if (!is_up()) return;
  fleet::ChangeContext context;
  context.actor = "tokens/simulated";
  context.now = clock_();
  context.today = inventory::DayOf(context.now, "Europe/Paris");
  context.reason = request_id;
  fleet::RequestIdentity identity;
  identity.request_id = defect_ == Defect::kForgetsRequestIds ? "" : request_id;
  identity.method = "/simulated";
  identity.body_digest = request_id;
  identity.urgent = urgent;
  const absl::Status queued = parts_->changes->Submit(std::move(context), std::move(identity),
                                                      std::move(apply), WhileAlive(reply));
  if (!queued.ok()) reply(queued);
}

void Core::Rejudge() {
  if (is_up()) parts_->intake->Rejudge(clock_(), 100, {}).IgnoreError();
}

bool Core::WriteBatch() {
  if (!is_up() || !parts_->commits->WriteBatch()) return false;
  SpoilStored();
  return true;
}

void Core::SpoilStored() {
  if (defect_ == Defect::kForgetsTokenUses) {
    REQUIRE(db().Execute("UPDATE enrolment_tokens SET uses = 0").ok());
  }
  if (defect_ != Defect::kForgetsRevocations) return;
  REQUIRE(db().Execute("UPDATE devices SET state = 'ACTIVE', revoked = NULL "
                       "WHERE state = 'REVOKED' AND laptop NOT IN "
                       "(SELECT laptop FROM devices WHERE state = 'ACTIVE') AND id IN "
                       "(SELECT max(id) FROM devices GROUP BY laptop)")
              .ok());
  store::DeviceStore stored(db());
  REQUIRE(stored
              .Each([&](const store::DeviceRecord& record) {
                parts_->known->Put(record.device, access::Devices::EntryOf(record));
              })
              .ok());
}

}  // namespace parc::simulation
