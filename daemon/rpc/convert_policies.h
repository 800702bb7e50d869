#pragma once

#include "daemon/fleet/policies.h"
#include "parc/v1/policies.pb.h"

// Policies ↔ messages.
namespace parc::rpc {

// Without its text and its checks.
parc::v1::Policy ToProto(const posture::PolicyRecord& record);
parc::v1::Policy ToProto(const fleet::KeptPolicy& kept);
// Adds the checks of `policy`.
void PutChecks(const posture::Policy& policy, parc::v1::Policy& wire);
// `policy` has the words of the checks.
parc::v1::PolicyPreview ToProto(const fleet::PolicyPreview& preview, const posture::Policy& policy);

}  // namespace parc::rpc
