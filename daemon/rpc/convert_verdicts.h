#pragma once

#include <string_view>
#include <vector>

#include "daemon/fleet/view.h"
#include "daemon/posture/judge.h"
#include "daemon/posture/policy.h"
#include "parc/v1/verdicts.pb.h"

namespace parc::rpc {

parc::v1::CheckOutcome ToProto(posture::Outcome outcome);
parc::v1::CheckSeverity ToProto(posture::Severity severity);
parc::v1::Verdict ToProto(posture::Verdict verdict);
// Of a canonical name, as lists have it; UNSPECIFIED for anything else.
parc::v1::Verdict VerdictFromName(std::string_view name);

parc::v1::Readiness ToProto(const fleet::Readiness& readiness);

}  // namespace parc::rpc
