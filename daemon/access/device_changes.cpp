#include "daemon/access/device_changes.h"

#include <utility>

#include "daemon/access/device_changes_state.h"
#include "daemon/access/device_refusals.h"
#include "daemon/access/digest.h"
#include "daemon/access/text.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::access {
namespace {

constexpr std::size_t kMaxReason = 1024;

}  // namespace

store::CertificateRecord ToRecord(const DeviceCertificate& certificate, const PublicKey& key,
                                  std::int64_t device, std::int64_t now) {
  return {.device = device,
          .serial = certificate.serial,
          .spki_sha256 = Hex(key.spki_sha256),
          .issued = now,
          .not_after = certificate.not_after,
          .renew_at = certificate.renew_at,
          .chain = certificate.chain};
}

DeviceCertificate FromRecord(const store::CertificateRecord& record) {
  return {.chain = record.chain,
          .serial = record.serial,
          .not_after = record.not_after,
          .renew_at = record.renew_at};
}

absl::Status DeviceChanges::State::Publish(std::int64_t row, Effect& effect) {
  PARC_ASSIGN(const std::optional<store::DeviceRecord> record, devices.FindByRow(row));
  if (!record.has_value()) return absl::InternalError("a device went away while it was changed");
  effect = [earlier = std::move(effect), known = &memory, id = record->device,
            entry = Devices::EntryOf(*record)] {
    if (earlier) earlier();
    known->Put(id, entry);
  };
  return absl::OkStatus();
}

absl::StatusOr<store::DeviceRecord> DeviceChanges::State::Active(std::int64_t row) {
  PARC_ASSIGN(std::optional<store::DeviceRecord> record, devices.FindByRow(row));
  if (!record.has_value()) return UnknownDevice();
  if (record->state != store::kDeviceActive) return DeviceRevoked(record->revoke_reason);
  return *std::move(record);
}

absl::Status DeviceChanges::State::End(std::int64_t row, std::string_view state,
                                       std::string_view reason, std::int64_t now, Effect& effect) {
  PARC_TRY(devices.End(row, state, reason, now));
  return Publish(row, effect);
}

absl::Status DeviceChanges::State::Promote(const DeviceIdentity& device, Effect& effect) {
  PARC_ASSIGN(const store::DeviceRecord record, Active(device.row));
  if (record.current_serial == device.serial) return absl::OkStatus();
  if (record.next_serial != device.serial) return CertificateSuperseded();
  PARC_TRY(devices.Promote(record.row));
  return Publish(record.row, effect);
}

DeviceChanges::DeviceChanges(store::Connection& writer, Devices& devices,
                             const CertificateAuthority& ca, RandomBytes random)
    : state_(std::make_unique<State>(writer, devices, ca, std::move(random))) {}

DeviceChanges::~DeviceChanges() = default;

std::int64_t DeviceChanges::device_lifetime() const { return state_->ca.device_lifetime(); }

absl::StatusOr<DeviceCertificate> DeviceChanges::Renew(const DeviceIdentity& device,
                                                       std::string_view csr, std::int64_t now,
                                                       Effect& effect) {
  PARC_ASSIGN(const PublicKey key, ParseCsr(csr));
  // The certificate shown was judged before this call waited for its turn; the transaction judges
  // it again.
  PARC_TRY(state_->Promote(device, effect));
  PARC_ASSIGN(const store::DeviceRecord record, state_->Active(device.row));
  PARC_ASSIGN(const std::optional<store::CertificateRecord> owner,
              state_->devices.FindCertificate(Hex(key.spki_sha256)));
  if (owner.has_value()) {
    if (owner->device != record.row) return KeyAlreadyEnrolled();
    if (owner->serial == record.next_serial) return FromRecord(*owner);
    return Refuse(absl::StatusCode::kInvalidArgument, "KEY_REUSE", "A renewal requires a new key.",
                  "csr");
  }
  PARC_ASSIGN(DeviceCertificate certificate, state_->ca.IssueDevice(key, record.device, now));
  PARC_TRY(state_->devices.PutNext(ToRecord(certificate, key, record.row, now)));
  PARC_TRY(state_->Publish(record.row, effect));
  return certificate;
}

absl::Status DeviceChanges::Promote(const DeviceIdentity& device, std::int64_t /*now*/,
                                    Effect& effect) {
  return state_->Promote(device, effect);
}

absl::Status DeviceChanges::RevokeDevice(std::string_view id, std::string_view reason,
                                         std::int64_t now, Effect& effect) {
  PARC_TRY(CheckText(reason, "options.reason", kMaxReason));
  PARC_ASSIGN(const std::optional<store::DeviceRecord> device, state_->devices.Find(id));
  if (!device.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "DEVICE_NOT_FOUND", "There is no such device.",
                  "name");
  }
  if (device->state != store::kDeviceActive) return absl::OkStatus();
  return state_->End(device->row, store::kDeviceRevoked, reason, now, effect);
}

absl::Status DeviceChanges::RevokeDevicesOf(std::int64_t laptop, std::string_view reason,
                                            std::int64_t now, Effect& effect) {
  PARC_TRY(state_->enrolments.RejectApprovedFor(laptop, now));
  PARC_ASSIGN(const std::optional<store::DeviceRecord> live, state_->devices.LiveOf(laptop));
  if (!live.has_value()) return absl::OkStatus();
  return state_->End(live->row, store::kDeviceRevoked, reason, now, effect);
}

}  // namespace parc::access
