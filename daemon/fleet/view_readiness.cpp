#include <algorithm>

#include "daemon/fleet/readiness_report.h"
#include "daemon/fleet/view.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/lifecycle.h"
#include "daemon/inventory/try.h"
#include "daemon/store/contact_log.h"
#include "daemon/store/fact_store.h"
#include "fmt/format.h"

namespace parc::fleet {

using posture::CheckResult;
using store::Row;

namespace {

ExplainedCheck Explained(const posture::Check& check, const CheckResult* result) {
  ExplainedCheck explained;
  explained.check = check.id;
  explained.severity = check.severity;
  explained.title_en = check.title_en;
  explained.title_fr = check.title_fr;
  explained.remedy_en = check.remedy_en;
  explained.remedy_fr = check.remedy_fr;
  if (result == nullptr) return explained;
  explained.outcome = result->outcome;
  explained.since = result->since;
  explained.evidence = result->evidence;
  explained.in_grace = result->in_grace;
  if (result->in_grace) explained.counts_from = result->since + check.grace;
  return explained;
}

const CheckResult* Find(const std::vector<CheckResult>& results, std::string_view check) {
  const auto found = std::find_if(results.begin(), results.end(),
                                  [&](const CheckResult& result) { return result.check == check; });
  return found == results.end() ? nullptr : &*found;
}

// How much a check is in the way: failing beats unknown, blocking beats degrading. 0: not at all.
// What fails is broken now, also while the verdict still tolerates it.
int Weight(const ExplainedCheck& check) {
  using posture::Outcome;
  if (check.severity == posture::Severity::kInfo) return 0;
  const bool blocks = check.severity == posture::Severity::kBlocker;
  const bool untold = check.outcome == Outcome::kUnknown || check.outcome == Outcome::kError;
  if (check.outcome == Outcome::kFail) return blocks ? 4 : 2;
  if (!untold) return 0;
  return blocks ? 3 : 1;
}

// Gives what is no problem its evidence, which is not stored, from the facts that are.
absl::Status AddEvidence(store::Connection& db, std::int64_t laptop, const posture::Policy& policy,
                         std::vector<CheckResult>& results) {
  store::FactStore store(db);
  PARC_ASSIGN(const inventory::FactSheet facts, store.Read(laptop));
  for (CheckResult& result : results) {
    const posture::Check* check = policy.Find(result.check);
    if (result.evidence.empty() && check != nullptr)
      result.evidence = posture::EvidenceOf(*check, facts, result.outcome);
  }
  return absl::OkStatus();
}

// Who shares the problem that is to be mended first.
absl::Status AddSharing(View& view, std::int64_t laptop, Readiness& readiness) {
  const auto worst = std::max_element(
      readiness.checks.begin(), readiness.checks.end(),
      [](const ExplainedCheck& a, const ExplainedCheck& b) { return Weight(a) < Weight(b); });
  if (worst == readiness.checks.end() || Weight(*worst) == 0 ||
      readiness.verdict == posture::Verdict::kReady)
    return absl::OkStatus();
  PARC_ASSIGN(const Sharing sharing, CountSharing(view, laptop, worst->check, worst->outcome));
  worst->shared_laptops = sharing.laptops;
  worst->shared_at_site = sharing.at_site;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Readiness> View::Explain(std::string_view name) {
  PARC_ASSIGN(const std::int64_t laptop, LaptopId(name));
  const posture::Policy& policy =
      context().policy == nullptr ? posture::DefaultPolicy() : *context().policy;
  Readiness readiness;
  readiness.policy_version = policy.version;
  store::Statement select(stores_->db,
                          fmt::format("SELECT l.state, {} FROM laptops l LEFT JOIN contacts c ON "
                                      "c.laptop = l.id WHERE l.id = ?1",
                                      store::kReportTime));
  PARC_TRY(select.Query(
      [&](const Row& row) -> absl::Status {
        PARC_ASSIGN(const inventory::LaptopState state, inventory::ParseLaptopState(row.Text(0)));
        readiness.silence_expected = state != inventory::LaptopState::kAssigned;
        readiness.report_time = row.OptInt(1);
        return absl::OkStatus();
      },
      laptop));
  PARC_ASSIGN(const std::optional<store::StoredJudgement> stored,
              stores_->reports.FindJudgement(laptop));

  std::vector<CheckResult> results;
  if (stored.has_value()) {
    readiness.verdict = stored->judgement.verdict;
    readiness.since = stored->judgement.since;
    readiness.policy_version = stored->judgement.policy_version;
    results = stored->judgement.checks;
    // A policy that has not judged this laptop yet may rest on other facts.
    if (policy.version == readiness.policy_version)
      PARC_TRY(AddEvidence(stores_->db, laptop, policy, results));
  }
  const CheckResult* identity = Find(results, posture::IdentityCheck().id);
  if (identity != nullptr)
    readiness.checks.push_back(Explained(posture::IdentityCheck(), identity));
  for (const posture::Check& check : policy.checks)
    readiness.checks.push_back(Explained(check, Find(results, check.id)));

  // Exactly when lists say STALE, see VerdictColumn.
  const bool stale = stored.has_value() && readiness.report_time.has_value() &&
                     !readiness.silence_expected &&
                     *readiness.report_time < context().now - context().stale_after;
  if (!stale) {
    PARC_TRY(AddSharing(*this, laptop, readiness));
    return readiness;
  }
  readiness.verdict = posture::Verdict::kStale;
  readiness.since = *readiness.report_time + context().stale_after;
  for (ExplainedCheck& check : readiness.checks) {
    // What is wrong with the identity stays wrong; what was never judged stays so.
    if (check.check == posture::IdentityCheck().id || !check.since.has_value()) continue;
    check.outcome = posture::Outcome::kStale;
    check.since = readiness.since;
    check.in_grace = false;
    check.counts_from.reset();
  }
  return readiness;
}

}  // namespace parc::fleet
