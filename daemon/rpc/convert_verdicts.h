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

// With the words of `policy`; a check that the policy does not know any more has none.
parc::v1::CheckResult ToProto(const posture::CheckResult& result, const posture::Policy& policy);
parc::v1::Readiness ToProto(const fleet::Readiness& readiness);

// Checks that are not PASS, the most severe first.
std::vector<posture::CheckResult> ProblemsOf(const posture::Judgement& judgement,
                                             const posture::Policy& policy);

}  // namespace parc::rpc
