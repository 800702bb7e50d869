#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/inventory/fact_sheet.h"
#include "daemon/posture/policy.h"

namespace parc::posture {

enum class Outcome { kPass, kFail, kUnknown, kNotApplicable, kError, kPending, kStale };
enum class Verdict { kReady, kDegraded, kNotReady, kUnknown, kStale };

// Canonical names: "NOT_APPLICABLE", "NOT_READY", "BLOCKER".
std::string_view ToString(Outcome outcome);
std::string_view ToString(Verdict verdict);
std::string_view ToString(Severity severity);
std::optional<Outcome> ParseOutcome(std::string_view name);
std::optional<Verdict> ParseVerdict(std::string_view name);

struct CheckResult {
  std::string check;
  Outcome outcome = Outcome::kPending;
  std::int64_t since = 0;  // UTC microseconds: since when the outcome is what it is
  // "time.synchronised = false", or why it cannot be told ("vpn.profile.count: needs the root
  // collector"). Judge leaves it empty where the check passes or does not apply, which is nearly
  // everywhere: EvidenceOf tells what decided those.
  std::string evidence;
  bool in_grace = false;  // FAIL, but for less than the check's grace

  bool operator==(const CheckResult&) const = default;
};

struct Judgement {
  Verdict verdict = Verdict::kUnknown;
  std::int64_t since = 0;  // since when the verdict is what it is
  std::int64_t policy_version = 0;
  std::vector<CheckResult> checks;  // in the order of the policy
  // When time alone may change this judgement (a grace ends, a certificate expires); absent: never.
  std::optional<std::int64_t> next;

  bool operator==(const Judgement&) const = default;
};

// Judges `facts` by `policy`. Pure. `before` is the judgement in force, for the since-when of what
// does not change; null when there is none. A check whose facts are absent is UNKNOWN, never PASS.
// Verdict: a blocker FAIL beyond its grace → NOT_READY; a blocker UNKNOWN or ERROR → UNKNOWN; a
// degrading FAIL beyond grace or a blocking one within → DEGRADED; else READY. STALE is told by
// whoever asks, from the time of the newest report.
//
// Facts may be missing in a part that does not matter: `a OR b` passes when a holds, whatever b is.
// A gateway's answer UNKNOWN counts as missing.
Judgement Judge(const Policy& policy, const inventory::FactSheet& facts, const Judgement* before,
                std::int64_t now);

// What holds while the reporting machine may be another one than the record's: `judgement` (of the
// facts that are stored), but UNKNOWN, with IdentityCheck() in ERROR in front and `disagreement` as
// its evidence.
Judgement Withhold(Judgement judgement, std::string_view disagreement, const Judgement* before,
                   std::int64_t now);

// What decided that `check` has `outcome` by these facts, as in CheckResult::evidence. Empty where
// it passes because something is there. Pure; time does not matter.
std::string EvidenceOf(const Check& check, const inventory::FactSheet& facts, Outcome outcome);

// The checks that make `judgement` what it is: those in the way of a better verdict most. None for
// READY. Pure.
std::vector<std::string> Causes(const Policy& policy, const Judgement& judgement);

// The checks that somebody has to look at: neither PASS nor NOT_APPLICABLE.
std::vector<CheckResult> ProblemsOf(const Judgement& judgement);

}  // namespace parc::posture
