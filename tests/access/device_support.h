#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "daemon/access/device_changes.h"
#include "daemon/access/devices.h"
#include "daemon/access/peer_certificate.h"
#include "daemon/store/database.h"
#include "daemon/store/laptop_store.h"
#include "tests/access/access_support.h"

namespace parc::access {

// Everything that decides who may call, over a real database.
class AccessWorld {
 public:
  explicit AccessWorld(const CaOptions& ca = {});

  // A laptop record; returns its row.
  std::int64_t AddLaptop(std::string_view asset_tag, std::string_view serial,
                         inventory::LaptopState state = inventory::LaptopState::kAssigned);
  void SetState(std::string_view asset_tag, inventory::LaptopState state);

  // Runs `change` in a transaction of its own, and its effect if it was committed.
  absl::Status Commit(absl::FunctionRef<absl::Status(Effect&)> change);

  // The text of a new token.
  std::string Token(const EnrolmentTokenWish& wish = {});
  absl::StatusOr<EnrolAnswer> Enrol(const EnrolCall& call);
  absl::StatusOr<DeviceCertificate> Renew(const DeviceIdentity& device, std::string_view csr);
  absl::Status Promote(const DeviceIdentity& device);
  absl::Status Approve(std::string_view request, std::string_view laptop = "",
                       bool replace = false);
  absl::Status Reject(std::string_view request);
  absl::Status Revoke(std::string_view device, std::string_view reason = "");
  // Enrols by a token bound to `asset_tag`; must succeed.
  EnrolAnswer EnrolAt(std::string_view asset_tag, const LaptopKey& key);

  // What a call with this certificate gets.
  absl::StatusOr<DeviceIdentity> Admit(const DeviceCertificate& certificate) const;
  // Forgets the memory and reads it from the database, as a new start does.
  void Restart();
  std::int64_t Count(const std::string& table_and_where);

  ScratchDirectory directory;
  TrialCa trial;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Devices> devices;
  std::unique_ptr<DeviceChanges> changes;
  std::int64_t now = kNoon;
};

EnrolmentTokenWish Wish(std::string_view laptop, std::string_view serial, int max_uses = 1,
                        std::int64_t lifetime = 0, bool allow_replace = false);

// The call that the agent of a laptop with this key makes.
EnrolCall CallOf(const LaptopKey& key, std::string_view token, std::string_view serial = "");

}  // namespace parc::access
