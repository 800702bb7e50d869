#include "daemon/store/report_store.h"

#include <algorithm>

#include "daemon/inventory/try.h"
#include "daemon/store/detail_codec.h"
#include "daemon/store/versions.h"
#include "fmt/format.h"

namespace parc::store {

using posture::Judgement;

namespace {

absl::Status Unreadable(std::string_view what, std::string_view name) {
  return absl::InternalError(fmt::format("the database holds the {} \"{}\"", what, name));
}

}  // namespace

ReportStore::ReportStore(Connection& db)
    : find_(db,
            "SELECT d.state, d.quarantine, l.serial, c.device, c.last_seen, c.report_time, "
            "c.report_seq, f.boot_id, f.facts_digest, f.agent_version, f.clock_skew_seconds, "
            "v.policy_version, v.next_judgement, v.silent, d.boot_before, d.boot_began "
            "FROM devices d JOIN laptops l ON l.id = ?2 LEFT JOIN contacts c ON c.laptop = l.id "
            "LEFT JOIN facts f ON f.laptop = l.id LEFT JOIN posture v ON v.laptop = l.id "
            "WHERE d.id = ?1 AND d.laptop = ?2"),
      find_posture_(db,
                    "SELECT v.verdict, v.since, v.policy_version, v.next_judgement, v.silent, "
                    "d.checks FROM posture v LEFT JOIN details d ON d.laptop = v.laptop "
                    "WHERE v.laptop = ?1"),
      put_contact_(db,
                   "INSERT INTO contacts(laptop, device, last_seen, report_time, report_seq) "
                   "VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(laptop) DO UPDATE SET device = ?2, "
                   "last_seen = ?3, report_time = ?4, report_seq = ?5"),
      put_boot_(db, "UPDATE devices SET boot_before = ?2, boot_began = ?3 WHERE id = ?1"),
      put_quarantine_(db, "UPDATE devices SET quarantine = ?2 WHERE id = ?1"),
      put_posture_(db,
                   "INSERT INTO posture(laptop, verdict, since, policy_version, next_judgement, "
                   "silent) VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(laptop) DO UPDATE SET "
                   "verdict = ?2, since = ?3, policy_version = ?4, next_judgement = ?5, "
                   "silent = ?6"),
      put_checks_(db,
                  "INSERT INTO details(laptop, checks) VALUES(?1, ?2) ON CONFLICT(laptop) DO "
                  "UPDATE SET checks = ?2"),
      find_history_(db,
                    "SELECT verdict, known_from FROM verdict_versions "
                    "WHERE laptop = ?1 AND known_to = ?2"),
      close_history_(db,
                     "UPDATE verdict_versions SET known_to = ?3 "
                     "WHERE laptop = ?1 AND known_to = ?2"),
      open_history_(db,
                    "INSERT INTO verdict_versions(laptop, verdict, known_from, known_to) "
                    "VALUES(?1, ?2, ?3, ?4)"),
      find_due_(
          db,
          "SELECT v.laptop, coalesce(d.quarantine, '') FROM posture v "
          "LEFT JOIN contacts c ON c.laptop = v.laptop LEFT JOIN devices d ON d.id = c.device "
          "WHERE v.laptop > ?3 AND (v.next_judgement <= ?1 OR v.policy_version <> ?2) "
          "ORDER BY v.laptop LIMIT ?4"),
      find_silent_(
          db,
          "SELECT v.laptop FROM posture v JOIN contacts c ON c.laptop = v.laptop "
          "JOIN laptops l ON l.id = v.laptop WHERE v.silent <> "
          "(l.state = 'ASSIGNED' AND c.report_time < ?1 AND v.laptop NOT IN (SELECT laptop "
          "FROM contact_log)) ORDER BY v.laptop LIMIT ?2") {}

absl::StatusOr<Standing> ReportStore::Find(std::int64_t device, std::int64_t laptop) {
  Standing standing;
  PARC_TRY(find_.Query(
      [&](const Row& row) {
        standing.device_active = row.Text(0) == "ACTIVE";
        standing.quarantine = row.Text(1);
        standing.serial = row.Text(2);
        if (!row.IsNull(3)) {
          standing.contact = Contact{row.Int(3),  row.Int(4),  row.OptInt(5), row.Int(6),
                                     row.Text(7), row.Blob(8), row.Text(9)};
        }
        standing.skew_seconds = row.OptInt(10);
        standing.policy_version = row.OptInt(11);
        standing.next_judgement = row.OptInt(12);
        standing.silent = row.Bool(13);
        standing.boot_before = row.Text(14);
        standing.boot_began = row.Int(15);
        return absl::OkStatus();
      },
      device, laptop));
  return standing;
}

absl::StatusOr<std::optional<StoredJudgement>> ReportStore::FindJudgement(std::int64_t laptop) {
  std::optional<StoredJudgement> found;
  PARC_TRY(find_posture_.Query(
      [&](const Row& row) -> absl::Status {
        const std::optional<posture::Verdict> verdict = posture::ParseVerdict(row.Text(0));
        if (!verdict.has_value()) return Unreadable("verdict", row.Text(0));
        found = StoredJudgement{{*verdict, row.Int(1), row.Int(2), {}, row.OptInt(3)}, row.Bool(4)};
        PARC_ASSIGN(found->judgement.checks, UnpackChecks(row.Text(5)));
        return absl::OkStatus();
      },
      laptop));
  return found;
}

absl::Status ReportStore::PutContact(std::int64_t laptop, const Contact& contact) {
  return put_contact_.Run(laptop, contact.device, contact.last_seen, contact.report_time,
                          contact.sequence);
}

absl::Status ReportStore::PutBoot(std::int64_t device, std::string_view before,
                                  std::int64_t sequence) {
  return put_boot_.Run(device, before, sequence);
}

absl::Status ReportStore::PutQuarantine(std::int64_t device, std::string_view text) {
  return put_quarantine_.Run(device, text);
}

absl::Status ReportStore::PutJudgement(std::int64_t laptop, const StoredJudgement* before,
                                       const StoredJudgement& after, std::int64_t now) {
  const Judgement& judgement = after.judgement;
  if (before == nullptr || !PackAlike(before->judgement.checks, judgement.checks))
    PARC_TRY(put_checks_.Run(laptop, Pack(judgement.checks)));

  const bool same = before != nullptr && before->silent == after.silent &&
                    before->judgement.verdict == judgement.verdict &&
                    before->judgement.since == judgement.since &&
                    before->judgement.policy_version == judgement.policy_version &&
                    before->judgement.next == judgement.next;
  if (same) return absl::OkStatus();
  PARC_TRY(put_posture_.Run(laptop, posture::ToString(judgement.verdict), judgement.since,
                            judgement.policy_version, judgement.next, after.silent));
  return PutHistory(
      laptop, posture::ToString(after.silent ? posture::Verdict::kStale : judgement.verdict), now);
}

absl::Status ReportStore::PutHistory(std::int64_t laptop, std::string_view verdict,
                                     std::int64_t now) {
  std::string current;
  std::int64_t known_from = now;
  PARC_TRY(find_history_.Query(
      [&](const Row& row) {
        current = row.Text(0);
        known_from = row.Int(1);
        return absl::OkStatus();
      },
      laptop, kStillKnown));
  if (current == verdict) return absl::OkStatus();
  // The clock may have been set back since: no version may end before it began.
  const std::int64_t at = std::max(now, known_from);
  PARC_TRY(close_history_.Run(laptop, kStillKnown, at));
  return open_history_.Run(laptop, verdict, at, kStillKnown);
}

absl::StatusOr<std::vector<ReportStore::Due>> ReportStore::FindDue(std::int64_t now,
                                                                   std::int64_t policy_version,
                                                                   std::int64_t after, int limit) {
  std::vector<Due> due;
  PARC_TRY(find_due_.Query(
      [&](const Row& row) {
        due.push_back({row.Int(0), row.Text(1)});
        return absl::OkStatus();
      },
      now, policy_version, after, limit));
  return due;
}

absl::StatusOr<std::vector<std::int64_t>> ReportStore::FindSilent(std::int64_t limit_time,
                                                                  int limit) {
  std::vector<std::int64_t> silent;
  PARC_TRY(find_silent_.Query(
      [&](const Row& row) {
        silent.push_back(row.Int(0));
        return absl::OkStatus();
      },
      limit_time, limit));
  return silent;
}

}  // namespace parc::store
