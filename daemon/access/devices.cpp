#include "daemon/access/devices.h"

#include <unordered_map>
#include <utility>

#include "daemon/access/device_refusals.h"
#include "daemon/inventory/fields.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/device_store.h"
#include "daemon/store/mutex.h"
#include "fmt/format.h"

namespace parc::access {

absl::Status UnknownDevice() {
  return Refuse(absl::StatusCode::kPermissionDenied, "UNKNOWN_DEVICE",
                "This device is not known here.");
}

absl::Status DeviceRevoked(std::string_view why) {
  return Refuse(absl::StatusCode::kPermissionDenied, "DEVICE_REVOKED",
                why.empty() ? std::string("This device is revoked.")
                            : fmt::format("This device is revoked: {}.", why));
}

absl::Status CertificateSuperseded() {
  return Refuse(absl::StatusCode::kPermissionDenied, "CERT_SUPERSEDED",
                "A newer certificate of this device is in use.");
}

absl::Status KeyAlreadyEnrolled() {
  return Refuse(absl::StatusCode::kAlreadyExists, "KEY_ALREADY_ENROLLED",
                "This key was certified before: make a new one.", "csr");
}

namespace {

absl::Status OutOfDate(const PeerCertificate& peer, std::int64_t now) {
  const auto text = [](std::int64_t time) {
    return inventory::ToText(inventory::Value(time), inventory::Kind::kTime);
  };
  if (now < peer.not_before) {
    return Refuse(absl::StatusCode::kUnauthenticated, "CERT_EXPIRED",
                  fmt::format("The certificate is valid from {} only.", text(peer.not_before)));
  }
  return Refuse(absl::StatusCode::kUnauthenticated, "CERT_EXPIRED",
                fmt::format("The certificate expired on {}; enrol the laptop again with a new "
                            "enrolment code.",
                            text(peer.not_after)));
}

}  // namespace

struct Devices::State {
  mutable store::Mutex mutex;
  std::unordered_map<std::string, Entry> entries PARC_GUARDED_BY(mutex);
  std::size_t active PARC_GUARDED_BY(mutex) = 0;
};

Devices::Devices(std::unique_ptr<State> state) : state_(std::move(state)) {}
Devices::~Devices() = default;

absl::StatusOr<std::unique_ptr<Devices>> Devices::Load(store::Connection& db) {
  std::unique_ptr<Devices> devices(new Devices(std::make_unique<State>()));
  store::DeviceStore stored(db);
  PARC_TRY(stored.Each(
      [&](const store::DeviceRecord& record) { devices->Put(record.device, EntryOf(record)); }));
  return devices;
}

Devices::Entry Devices::EntryOf(const store::DeviceRecord& record) {
  const DeviceState state = record.state == store::kDeviceActive    ? DeviceState::kActive
                            : record.state == store::kDeviceRevoked ? DeviceState::kRevoked
                                                                    : DeviceState::kReplaced;
  return {.row = record.row,
          .laptop = record.laptop,
          .state = state,
          .revoke_reason = record.revoke_reason,
          .current_serial = record.current_serial,
          .next_serial = record.next_serial};
}

absl::StatusOr<DeviceIdentity> Devices::Admit(const PeerCertificate& peer, std::int64_t now) const {
  if (now < peer.not_before || now > peer.not_after) return OutOfDate(peer, now);
  if (peer.kind != PeerCertificate::Kind::kDevice) return UnknownDevice();

  const store::Lock lock(state_->mutex);
  const auto found = state_->entries.find(peer.device_id);
  if (found == state_->entries.end()) return UnknownDevice();
  const Entry& entry = found->second;
  if (entry.state != DeviceState::kActive) return DeviceRevoked(entry.revoke_reason);
  const bool next = !entry.next_serial.empty() && peer.serial == entry.next_serial;
  if (!next && peer.serial != entry.current_serial) return CertificateSuperseded();
  return DeviceIdentity{.id = peer.device_id,
                        .row = entry.row,
                        .laptop = entry.laptop,
                        .serial = peer.serial,
                        .promotes = next};
}

std::size_t Devices::active() const {
  const store::Lock lock(state_->mutex);
  return state_->active;
}

void Devices::Put(const std::string& id, Entry entry) {
  const store::Lock lock(state_->mutex);
  Entry& known = state_->entries[id];
  const bool was_active = known.row != 0 && known.state == DeviceState::kActive;
  const bool is_active = entry.state == DeviceState::kActive;
  if (is_active && !was_active) ++state_->active;
  if (was_active && !is_active) --state_->active;
  known = std::move(entry);
}

std::optional<Devices::Entry> Devices::Find(const std::string& id) const {
  const store::Lock lock(state_->mutex);
  const auto found = state_->entries.find(id);
  if (found == state_->entries.end()) return std::nullopt;
  return found->second;
}

}  // namespace parc::access
