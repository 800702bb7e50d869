#include "daemon/rpc/convert_verdicts.h"

#include "daemon/rpc/convert_common.h"

namespace parc::rpc {
parc::v1::CheckOutcome ToProto(posture::Outcome outcome) {
  switch (outcome) {
    case posture::Outcome::kPass:
      return parc::v1::CHECK_OUTCOME_PASS;
    case posture::Outcome::kFail:
      return parc::v1::CHECK_OUTCOME_FAIL;
    case posture::Outcome::kUnknown:
      return parc::v1::CHECK_OUTCOME_UNKNOWN;
    case posture::Outcome::kNotApplicable:
      return parc::v1::CHECK_OUTCOME_NOT_APPLICABLE;
    case posture::Outcome::kError:
      return parc::v1::CHECK_OUTCOME_ERROR;
    case posture::Outcome::kPending:
      return parc::v1::CHECK_OUTCOME_PENDING;
    case posture::Outcome::kStale:
      return parc::v1::CHECK_OUTCOME_STALE;
  }
  return parc::v1::CHECK_OUTCOME_UNSPECIFIED;
}

parc::v1::CheckSeverity ToProto(posture::Severity severity) {
  switch (severity) {
    case posture::Severity::kBlocker:
      return parc::v1::CHECK_SEVERITY_BLOCKER;
    case posture::Severity::kDegrades:
      return parc::v1::CHECK_SEVERITY_DEGRADES;
    case posture::Severity::kInfo:
      return parc::v1::CHECK_SEVERITY_INFO;
  }
  return parc::v1::CHECK_SEVERITY_UNSPECIFIED;
}

parc::v1::Verdict ToProto(posture::Verdict verdict) {
  switch (verdict) {
    case posture::Verdict::kReady:
      return parc::v1::VERDICT_READY;
    case posture::Verdict::kDegraded:
      return parc::v1::VERDICT_DEGRADED;
    case posture::Verdict::kNotReady:
      return parc::v1::VERDICT_NOT_READY;
    case posture::Verdict::kUnknown:
      return parc::v1::VERDICT_UNKNOWN;
    case posture::Verdict::kStale:
      return parc::v1::VERDICT_STALE;
  }
  return parc::v1::VERDICT_UNSPECIFIED;
}

parc::v1::Verdict VerdictFromName(std::string_view name) {
  const auto verdict = posture::ParseVerdict(name);
  return verdict.has_value() ? ToProto(*verdict) : parc::v1::VERDICT_UNSPECIFIED;
}

parc::v1::Readiness ToProto(const fleet::Readiness& readiness) {
  parc::v1::Readiness wire;
  wire.set_verdict(ToProto(readiness.verdict));
  if (readiness.since) *wire.mutable_since_time() = TimeToProto(*readiness.since);
  wire.set_policy_version(readiness.policy_version);
  if (readiness.report_time) *wire.mutable_report_time() = TimeToProto(*readiness.report_time);
  for (const fleet::ExplainedCheck& check : readiness.checks) {
    auto* to = wire.add_checks();
    to->set_check(check.check);
    to->set_severity(ToProto(check.severity));
    to->set_outcome(ToProto(check.outcome));
    if (check.since) *to->mutable_since_time() = TimeToProto(*check.since);
    to->set_evidence(check.evidence);
    to->set_title_en(check.title_en);
    to->set_title_fr(check.title_fr);
    to->set_remedy_en(check.remedy_en);
    to->set_remedy_fr(check.remedy_fr);
    to->set_in_grace(check.in_grace);
    if (check.counts_from) *to->mutable_counts_time() = TimeToProto(*check.counts_from);
    to->set_shared_laptops(check.shared_laptops);
    to->set_shared_site_laptops(check.shared_at_site);
  }
  wire.set_silence_expected(readiness.silence_expected);
  return wire;
}

}  // namespace parc::rpc
