#include "daemon/fleet/policies.h"

#include <algorithm>

#include "daemon/fleet/change_stores.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/lifecycle.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/posture/judge.h"
#include "daemon/posture/policy_file.h"
#include "daemon/store/fact_store.h"
#include "daemon/store/policy_store.h"
#include "fmt/format.h"

namespace parc::fleet {

using posture::Judgement;
using posture::Policy;
using posture::PolicyRecord;
using posture::Verdict;
using store::PolicyStore;
using store::Row;

namespace {

constexpr std::int64_t kJudgedBetweenProgress = 500;

// A policy that was stored can be read again, unless this Parc knows a fact no more.
absl::StatusOr<Policy> Reread(const PolicyRecord& record) {
  absl::StatusOr<Policy> policy = posture::ParsePolicy(record.text, record.version);
  if (policy.ok()) return policy;
  return Refuse(
      absl::StatusCode::kFailedPrecondition, "POLICY_UNREADABLE",
      fmt::format("policy version {} is not understood by this Parc: line {}: {}", record.version,
                  DetailOf(policy.status(), "line"), std::string(policy.status().message())));
}

// A laptop on its way through a preview.
struct Candidate {
  std::int64_t laptop = 0;
  std::string asset_tag;
  bool assigned = false;
  // Its report is too old, by the policy in force and by the other.
  bool stale_before = false;
  bool stale_after = false;
};

// Judges laptops by two policies, one after the other.
class Previewer {
 public:
  Previewer(View& view, const Policy& policy)
      : view_(view),
        now_(view.context().now),
        old_(view.context().policy == nullptr ? posture::DefaultPolicy() : *view.context().policy),
        new_(policy),
        facts_(view.connection()),
        reports_(view.connection()) {
    preview_.compared_with = old_.version;
  }

  absl::StatusOr<PolicyPreview> Run(const PreviewRun& run) {
    PARC_ASSIGN(const std::vector<Candidate> candidates, Candidates());
    for (const Candidate& candidate : candidates) {
      if (preview_.laptops % kJudgedBetweenProgress == 0) {
        if (run.cancelled && run.cancelled()) return absl::CancelledError("The client gave up.");
        if (run.progress)
          run.progress(static_cast<double>(preview_.laptops) /
                       static_cast<double>(candidates.size()));
      }
      PARC_TRY(Look(candidate));
    }
    preview_.moves.insert(preview_.moves.end(), others_.begin(), others_.end());
    if (preview_.moves.size() > PolicyPreview::kMostMoves)
      preview_.moves.resize(PolicyPreview::kMostMoves);
    std::int64_t moved = 0;
    for (const auto& [verdicts, count] : preview_.counts) moved += count;
    preview_.left_off = moved - static_cast<std::int64_t>(preview_.moves.size());
    return std::move(preview_);
  }

 private:
  absl::StatusOr<std::vector<Candidate>> Candidates() {
    std::vector<Candidate> candidates;
    View::Stores stores(view_.connection());
    stores.context = view_.context();
    const std::string before = stores.VerdictColumn({});
    stores.context.stale_after = new_.stale_after;
    const std::string after = stores.VerdictColumn({});
    store::Statement select(
        view_.connection(),
        fmt::format("SELECT l.id, l.asset_tag, l.state = 'ASSIGNED', ({}) = 'STALE', ({}) = "
                    "'STALE' FROM {} WHERE v.laptop IS NOT NULL AND l.state NOT IN ('RETIRED', "
                    "'LOST', 'STOLEN') ORDER BY l.asset_key",
                    before, after, store::OnlyJoinsOf(stores.LaptopFrom({}), before + "v.laptop")));
    PARC_TRY(select.Query([&](const Row& row) {
      candidates.push_back({row.Int(0), row.Text(1), row.Bool(2), row.Bool(3), row.Bool(4)});
      return absl::OkStatus();
    }));
    return candidates;
  }

  absl::Status Look(const Candidate& candidate) {
    PARC_ASSIGN(const std::optional<store::StoredJudgement> stored,
                reports_.FindJudgement(candidate.laptop));
    if (!stored.has_value()) return absl::OkStatus();
    const Judgement& before = stored->judgement;
    Judgement after = before;
    // Whose identity is in doubt is not judged by any policy.
    const bool in_doubt =
        !before.checks.empty() && before.checks.front().check == posture::IdentityCheck().id;
    if (!in_doubt) {
      PARC_ASSIGN(inventory::FactSheet facts, facts_.Read(candidate.laptop));
      inventory::DeriveSupport(facts);
      after = posture::Judge(new_, facts, &before, now_);
    }
    Count(candidate, before, after);
    return absl::OkStatus();
  }

  void Count(const Candidate& candidate, const Judgement& before, const Judgement& after) {
    const Verdict from = candidate.stale_before ? Verdict::kStale : before.verdict;
    const Verdict to = candidate.stale_after ? Verdict::kStale : after.verdict;
    ++preview_.laptops;
    if (candidate.assigned) {
      ++preview_.assigned;
      preview_.ready_before += from == Verdict::kReady ? 1 : 0;
      preview_.ready_after += to == Verdict::kReady ? 1 : 0;
    }
    if (from == to) return;
    ++preview_.counts[{from, to}];
    const bool worse = Rank(to) > Rank(from);
    PolicyPreview::Move move{candidate.asset_tag, from, to, {}, candidate.assigned};
    if (from != Verdict::kStale && to != Verdict::kStale)
      move.checks = worse ? posture::Causes(new_, after) : posture::Causes(old_, before);
    for (const std::string& check : move.checks) {
      PolicyPreview::Cause& cause = preview_.causes[check];
      ++(worse ? cause.worse : cause.better);
    }
    std::vector<PolicyPreview::Move>& list = candidate.assigned ? preview_.moves : others_;
    if (list.size() < PolicyPreview::kMostMoves) list.push_back(std::move(move));
  }

  static int Rank(Verdict verdict) {
    switch (verdict) {
      case Verdict::kReady:
        return 0;
      case Verdict::kDegraded:
        return 1;
      case Verdict::kUnknown:
      case Verdict::kStale:
        return 2;
      case Verdict::kNotReady:
        return 3;
    }
    return 2;
  }

  View& view_;
  const std::int64_t now_;
  const Policy& old_;
  const Policy& new_;
  store::FactStore facts_;
  store::ReportStore reports_;
  PolicyPreview preview_;
  std::vector<PolicyPreview::Move> others_;
};

absl::StatusOr<std::int64_t> CountRows(store::Connection& db, const std::string& sql,
                                       std::int64_t version) {
  std::int64_t count = 0;
  store::Statement select(db, sql);
  PARC_TRY(select.Query(
      [&](const Row& row) {
        count = row.Int(0);
        return absl::OkStatus();
      },
      version));
  return count;
}

}  // namespace

std::string PolicyEtag(std::int64_t version) { return fmt::format("{}", version); }

absl::StatusOr<Policy> OpenPolicy(store::Connection& writer, std::string_view parc_version,
                                  std::int64_t now) {
  PolicyStore policies(writer);
  PARC_ASSIGN(const std::optional<PolicyRecord> newest, policies.Newest());
  const std::string shipped(posture::DefaultPolicyText());
  // What a person applied stays, unless this Parc does not understand it any more: a daemon that
  // judges by its own policy is better than none.
  const bool replaces =
      newest.has_value() && newest->text != shipped && (newest->shipped || !Reread(*newest).ok());
  if (newest.has_value() && !replaces) return Reread(*newest);
  const PolicyRecord record{.version = newest.has_value() ? newest->version + 1 : 1,
                            .text = shipped,
                            .shipped = true,
                            .actor = "parcd",
                            .reason = fmt::format("ships with Parc {}", parc_version),
                            .applied = now,
                            .actor_name = {}};
  const absl::Status kept = store::Within(writer, "keeping the policy that ships with Parc",
                                          [&] { return policies.Insert(record); });
  // On a full disk it is kept at the next start, under the same number.
  if (!kept.ok() && !absl::IsResourceExhausted(kept)) return kept;
  return Reread(record);
}

absl::StatusOr<KeptPolicy> GetPolicy(View& view, std::int64_t version) {
  PolicyStore policies(view.connection());
  PARC_ASSIGN(std::optional<PolicyRecord> record,
              version == 0 ? policies.Newest() : policies.Find(version));
  if (!record.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "POLICY_NOT_FOUND",
                  version == 0 ? std::string("no policy was ever in force")
                               : fmt::format("there is no policy version {}", version),
                  "name");
  }
  KeptPolicy kept;
  PARC_ASSIGN(kept.policy, Reread(*record));
  PARC_ASSIGN(kept.judged,
              CountRows(view.connection(), "SELECT count(*) FROM posture WHERE policy_version = ?1",
                        record->version));
  PARC_ASSIGN(kept.all, CountRows(view.connection(), "SELECT count(*) FROM posture WHERE ?1 > 0",
                                  record->version));
  kept.record = *std::move(record);
  return kept;
}

absl::StatusOr<Page<PolicyRecord>> ListPolicies(View& view, const ListQuery& query) {
  PARC_ASSIGN(store::ListPlan plan, View::Stores::PlainPlan(query));
  plan.columns = store::PolicyColumns();
  plan.from = store::PolicySource();
  plan.id = "(-p.version)";
  Page<PolicyRecord> page;
  page.page_size = plan.page_size;
  PARC_ASSIGN(store::ListResult result,
              store::RunList(view.connection(), plan, [&](const Row& row) -> absl::Status {
                PARC_ASSIGN(PolicyRecord record, store::ReadPolicy(row));
                page.items.push_back(std::move(record));
                return absl::OkStatus();
              }));
  page.next_cursor = std::move(result.next_cursor);
  page.total = result.total;
  return page;
}

absl::StatusOr<KeptPolicy> ApplyPolicy(Change& change, const std::string& text,
                                       std::string_view etag) {
  if (change.context().effective.has_value()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "EFFECTIVE_DATE_FORBIDDEN",
                  "a policy is in force from now on; it takes no effective date",
                  "options.effective_date");
  }
  PolicyStore policies(change.connection());
  PARC_ASSIGN(const std::optional<PolicyRecord> newest, policies.Newest());
  const std::int64_t version = newest.has_value() ? newest->version : 0;
  if (!etag.empty() && etag != PolicyEtag(version)) {
    return Refuse(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                  fmt::format("policy version {} is in force now, another than the one that this "
                              "was compared with",
                              version),
                  "etag");
  }
  KeptPolicy kept;
  if (newest.has_value() && newest->text == text) {
    PARC_ASSIGN(kept.policy, Reread(*newest));
    kept.record = *newest;
    return kept;
  }
  PARC_ASSIGN(kept.policy, posture::ParsePolicy(text, version + 1));
  kept.record = {.version = version + 1,
                 .text = text,
                 .shipped = false,
                 .actor = change.context().actor,
                 .reason = change.context().reason,
                 .applied = change.context().now,
                 .actor_name = {}};
  PARC_TRY(policies.Insert(kept.record));
  kept.is_new = true;
  return kept;
}

absl::StatusOr<PolicyPreview> PreviewPolicy(View& view, const Policy& policy,
                                            const PreviewRun& run) {
  return Previewer(view, policy).Run(run);
}

}  // namespace parc::fleet
