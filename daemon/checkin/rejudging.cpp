#include "daemon/checkin/rejudging.h"

#include <optional>
#include <vector>

#include "daemon/inventory/fact_sheet.h"
#include "daemon/inventory/try.h"
#include "daemon/posture/judge.h"

namespace parc::checkin {

using inventory::FactSheet;
using store::StoredJudgement;

namespace {

// Contacts that a portion carries from the log, to hold the writer no longer.
constexpr std::size_t kCarriedAtOnce = 2'000;
// Laptops that a portion judges although somebody waits: about two milliseconds, so that it gets on
// under load, too.
constexpr int kJudgedAnyhow = 32;

}  // namespace

absl::StatusOr<Rejudged> Rejudging::Portion(std::int64_t now, int limit) {
  // Where few report, nobody else does it.
  PARC_TRY(log_.CarrySome(now, kCarriedAtOnce));
  int judged = 0;
  PARC_ASSIGN(const bool early, JudgeDue(now, limit, judged));
  if (early) return Rejudged{judged, true};
  const int left = limit - judged;
  PARC_ASSIGN(const std::vector<std::int64_t> silent,
              reports_.FindSilent(now - policies_.Get().stale_after, left));
  for (const std::int64_t laptop : silent) {
    ++judged;
    PARC_ASSIGN(const std::optional<StoredJudgement> before, reports_.FindJudgement(laptop));
    if (!before.has_value()) continue;
    StoredJudgement after = *before;
    after.silent = !before->silent;
    PARC_TRY(reports_.PutJudgement(laptop, &*before, after, known_from_(now)));
  }
  return Rejudged{judged, judged == limit};
}

absl::StatusOr<bool> Rejudging::JudgeDue(std::int64_t now, int limit, int& judged) {
  PARC_ASSIGN(const std::vector<store::ReportStore::Due> due,
              reports_.FindDue(now, policies_.Get().version, judged_up_to_, limit));
  for (const store::ReportStore::Due& one : due) {
    if (judged >= kJudgedAnyhow && commits_.IsAwaited()) return true;
    PARC_TRY(Judge(one, now));
    judged_up_to_ = one.laptop;
    ++judged;
  }
  // A round goes once over all laptops: looking for the next ones is not to cost more and more.
  if (judged < limit) judged_up_to_ = 0;
  return false;
}

absl::Status Rejudging::Judge(const store::ReportStore::Due& due, std::int64_t now) {
  PARC_ASSIGN(const std::optional<StoredJudgement> before, reports_.FindJudgement(due.laptop));
  if (!before.has_value()) return absl::OkStatus();
  PARC_ASSIGN(const FactSheet stored, facts_.Read(due.laptop));
  FactSheet sheet = stored;
  inventory::DeriveSupport(sheet);
  if (sheet != stored) PARC_TRY(facts_.Write(due.laptop, stored, sheet));
  StoredJudgement after = *before;
  after.judgement = posture::Judge(policies_.Get(), sheet, &before->judgement, now);
  if (!due.quarantine.empty()) {
    after.judgement =
        posture::Withhold(std::move(after.judgement), due.quarantine, &before->judgement, now);
  }
  return reports_.PutJudgement(due.laptop, &*before, after, known_from_(now));
}

}  // namespace parc::checkin
