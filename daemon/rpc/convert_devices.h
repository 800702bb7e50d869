#pragma once

#include "absl/status/statusor.h"
#include "daemon/access/device_changes.h"
#include "daemon/access/roles.h"
#include "daemon/fleet/view_devices.h"
#include "parc/v1/devices.pb.h"
#include "parc/v1/tokens.pb.h"

// Devices, enrolment and API tokens: rows ↔ messages.
namespace parc::rpc {

parc::v1::Device ToProto(const fleet::DeviceRow& row);
parc::v1::EnrolmentToken ToProto(const fleet::EnrolmentTokenRow& row);
parc::v1::EnrolmentRequest ToProto(const fleet::EnrolmentRequestRow& row);
parc::v1::Token ToProto(const fleet::ApiTokenRow& row);

// INVALID_ARGUMENT BAD_NAME, OUT_OF_RANGE.
absl::StatusOr<access::EnrolmentTokenWish> WishFrom(
    const parc::v1::CreateEnrolmentTokenRequest& request);

parc::v1::Role ToProto(access::Role role);
// INVALID_ARGUMENT BAD_ROLE.
absl::StatusOr<access::Role> RoleFrom(parc::v1::Role role);

// The UUID in "devices/…" or another collection of things that have one. INVALID_ARGUMENT BAD_NAME.
absl::StatusOr<std::string> UuidFrom(std::string_view name, std::string_view collection);

}  // namespace parc::rpc
