#include "daemon/rpc/convert_devices.h"

#include "daemon/access/random.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/status_details.h"
#include "fmt/format.h"

namespace parc::rpc {
parc::v1::Device ToProto(const fleet::DeviceRow& row) {
  parc::v1::Device wire;
  wire.set_name(NameOf("devices", row.id));
  wire.set_laptop(NameOf("laptops", row.laptop));
  parc::v1::DeviceState state = parc::v1::DEVICE_STATE_UNSPECIFIED;
  parc::v1::DeviceState_Parse("DEVICE_STATE_" + row.state, &state);
  wire.set_state(state);
  *wire.mutable_enrol_time() = TimeToProto(row.enrolled);
  *wire.mutable_certificate_expire_time() = TimeToProto(row.certificate_expires);
  if (row.last_seen) *wire.mutable_last_seen_time() = TimeToProto(*row.last_seen);
  wire.set_agent_version(row.agent_version);
  wire.set_report_seq(static_cast<std::uint64_t>(row.report_seq));
  if (row.revoked) *wire.mutable_revoke_time() = TimeToProto(*row.revoked);
  wire.set_revoke_reason(row.revoke_reason);
  wire.set_quarantine(row.quarantine);
  return wire;
}

parc::v1::EnrolmentToken ToProto(const fleet::EnrolmentTokenRow& row) {
  parc::v1::EnrolmentToken wire;
  wire.set_name(NameOf("enrolment-tokens", row.id));
  wire.set_laptop(NameOf("laptops", row.laptop));
  wire.set_serial(row.serial);
  wire.set_max_uses(row.max_uses);
  wire.set_uses(row.uses);
  *wire.mutable_expire_time() = TimeToProto(row.expires);
  if (row.revoked) *wire.mutable_revoke_time() = TimeToProto(*row.revoked);
  *wire.mutable_create_time() = TimeToProto(row.created);
  wire.set_creator(row.creator);
  wire.set_allow_replace(row.allow_replace);
  return wire;
}

parc::v1::EnrolmentRequest ToProto(const fleet::EnrolmentRequestRow& row) {
  parc::v1::EnrolmentRequest wire;
  wire.set_name(NameOf("enrolment-requests", row.id));
  parc::v1::EnrolmentRequestState state = parc::v1::ENROLMENT_REQUEST_STATE_UNSPECIFIED;
  parc::v1::EnrolmentRequestState_Parse("ENROLMENT_REQUEST_STATE_" + row.state, &state);
  wire.set_state(state);
  wire.set_serial(row.serial);
  wire.set_manufacturer(row.manufacturer);
  wire.set_model(row.model);
  wire.set_fingerprint(row.fingerprint);
  *wire.mutable_create_time() = TimeToProto(row.created);
  wire.set_displaces(NameOf("devices", row.displaces));
  wire.set_laptop(NameOf("laptops", row.laptop));
  return wire;
}

parc::v1::Token ToProto(const fleet::ApiTokenRow& row) {
  parc::v1::Token wire;
  wire.set_name(NameOf("tokens", row.id));
  wire.set_owner(row.owner);
  if (const auto role = access::ParseRole(row.role)) wire.set_role(ToProto(*role));
  *wire.mutable_create_time() = TimeToProto(row.created);
  *wire.mutable_expire_time() = TimeToProto(row.expires);
  if (row.revoked) *wire.mutable_revoke_time() = TimeToProto(*row.revoked);
  if (row.last_use) *wire.mutable_last_use_time() = TimeToProto(*row.last_use);
  return wire;
}

absl::StatusOr<access::EnrolmentTokenWish> WishFrom(
    const parc::v1::CreateEnrolmentTokenRequest& request) {
  access::EnrolmentTokenWish wish;
  PARC_ASSIGN(wish.laptop, OptionalIdFrom(request.laptop(), "laptops", "laptop"));
  wish.serial = request.serial();
  if (request.max_uses() != 0) wish.max_uses = request.max_uses();
  if (request.has_lifetime()) {
    PARC_ASSIGN(wish.lifetime, DurationFrom(request.lifetime(), "lifetime"));
    // 0 stands for the default, which nobody means who writes a lifetime.
    if (wish.lifetime <= 0)
      return InvalidField("OUT_OF_RANGE", "lifetime", "must be longer than 0");
  }
  wish.allow_replace = request.allow_replace();
  return wish;
}

parc::v1::Role ToProto(access::Role role) {
  switch (role) {
    case access::Role::kAdmin:
      return parc::v1::ROLE_ADMIN;
    case access::Role::kTechnician:
      return parc::v1::ROLE_TECHNICIAN;
    case access::Role::kHotline:
      return parc::v1::ROLE_HOTLINE;
    case access::Role::kProcurement:
      return parc::v1::ROLE_PROCUREMENT;
    case access::Role::kAuditor:
      return parc::v1::ROLE_AUDITOR;
  }
  return parc::v1::ROLE_UNSPECIFIED;
}

absl::StatusOr<access::Role> RoleFrom(parc::v1::Role role) {
  switch (role) {
    case parc::v1::ROLE_ADMIN:
      return access::Role::kAdmin;
    case parc::v1::ROLE_TECHNICIAN:
      return access::Role::kTechnician;
    case parc::v1::ROLE_HOTLINE:
      return access::Role::kHotline;
    case parc::v1::ROLE_PROCUREMENT:
      return access::Role::kProcurement;
    case parc::v1::ROLE_AUDITOR:
      return access::Role::kAuditor;
    default:
      return InvalidField("BAD_ROLE", "role", "say which role the token is for");
  }
}

absl::StatusOr<std::string> UuidFrom(std::string_view name, std::string_view collection) {
  PARC_ASSIGN(const std::string id, IdFrom(name, collection));
  if (!access::IsUuid(id)) {
    return InvalidField("BAD_NAME", "name", fmt::format("\"{}\" is no UUID", Shown(id)));
  }
  return id;
}

}  // namespace parc::rpc
