#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/access/peer_certificate.h"

namespace parc::store {
class Connection;
struct DeviceRecord;
}  // namespace parc::store

namespace parc::access {

enum class DeviceState { kActive, kRevoked, kReplaced };

// Which device calls, as its certificate proves.
struct DeviceIdentity {
  std::string id;           // UUID
  std::int64_t row = 0;     // of the device
  std::int64_t laptop = 0;  // row of the laptop it reports for
  std::string serial;       // of the certificate shown
  // The certificate shown is the next one, used for the first time: the write of this call must
  // promote it (DeviceChanges::Promote).
  bool promotes = false;

  bool operator==(const DeviceIdentity&) const = default;
};

// The enrolled devices in memory, so that every call of an agent can be judged without the
// database. Changed only by effects that run after a commit. Thread safe.
class Devices {
 public:
  static absl::StatusOr<std::unique_ptr<Devices>> Load(store::Connection& db);
  ~Devices();
  Devices(Devices&&) = delete;

  // Errors: UNAUTHENTICATED CERT_EXPIRED (or not yet valid); PERMISSION_DENIED DEVICE_REVOKED (with
  // the reason: lost, stolen, retired …), UNKNOWN_DEVICE (the self-check, too), CERT_SUPERSEDED.
  absl::StatusOr<DeviceIdentity> Admit(const PeerCertificate& peer, std::int64_t now) const;

  // Active devices.
  std::size_t active() const;

  // For the files of access/ that change devices.
  struct Entry {
    std::int64_t row = 0;
    std::int64_t laptop = 0;
    DeviceState state = DeviceState::kActive;
    std::string revoke_reason;
    std::string current_serial;
    std::string next_serial;  // empty when none was issued
  };
  static Entry EntryOf(const store::DeviceRecord& record);
  void Put(const std::string& id, Entry entry);
  std::optional<Entry> Find(const std::string& id) const;

 private:
  struct State;
  explicit Devices(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace parc::access
